/**
 * A bounded table of values that expire: what a cache holds. Plain data and functions, so that it can be part of a state and can
 * be driven without a simulation.
 *
 * A value expires lazily: it is found to be over when somebody asks for it, or leaves by eviction. Never more than `capacity` keys.
 */
import { ConfigError, withFunctions } from '../../sim/index.ts';
import type { Micros, RandomStream } from '../../sim/index.ts';
import type { EvictionPolicy } from './policy.ts';

export interface CacheEntry<V> {
  value: V;
  /** When it came in. */
  filled: Micros;
  /** Out of date at and after this instant. */
  expires: Micros;
  /** How long it took to get it. */
  took: Micros;
}

export interface CacheTable<V, S> {
  entries: Map<string, CacheEntry<V>>;
  order: S;
}

/** The functions of one kind of table. */
export class CacheShape<V, S> {
  readonly capacity: number;
  private readonly policy: EvictionPolicy<S>;

  /** `capacity` is a whole number of at least 1. Throws ConfigError. */
  constructor(capacity: number, policy: EvictionPolicy<S>) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new ConfigError('cache.capacity', capacity, 'a whole number of at least 1');
    this.capacity = capacity;
    this.policy = withFunctions(policy, ['init', 'evict'], 'cache.policy', 'an eviction policy, such as lru()');
  }

  empty(): CacheTable<V, S> {
    return { entries: new Map(), order: this.policy.init(this.capacity) };
  }

  /** The entry if it is there and did not expire `grace` ago or longer (default: at all); counts as use. */
  lookup(table: CacheTable<V, S>, key: string, now: Micros, grace: Micros = 0): CacheEntry<V> | undefined {
    const entry = table.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires + grace <= now) {
      this.remove(table, key);
      return undefined;
    }
    this.policy.touched(table.order, key);
    return entry;
  }

  /** Puts an entry in, in place of an older one or of the key that the policy evicts. Returns the evicted key. */
  insert(table: CacheTable<V, S>, key: string, entry: CacheEntry<V>, random: RandomStream): string | undefined {
    if (table.entries.has(key)) {
      table.entries.set(key, entry);
      this.policy.touched(table.order, key);
      return undefined;
    }
    let evicted: string | undefined;
    if (table.entries.size >= this.capacity) {
      evicted = this.policy.evict(table.order, random, key);
      if (evicted !== undefined) table.entries.delete(evicted);
    }
    table.entries.set(key, entry);
    this.policy.inserted(table.order, key);
    return evicted;
  }

  /** True when it was there. */
  remove(table: CacheTable<V, S>, key: string): boolean {
    if (!table.entries.delete(key)) return false;
    this.policy.removed(table.order, key);
    return true;
  }
}
