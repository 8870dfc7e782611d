/** How a cache that sits in the way reads: hits, loads, loads that are shared, loads behind the reader's back. */
import { CallError, copyOf } from '../../sim/index.ts';
import type { Context, Flow, Micros, NodeRef, Sampler } from '../../sim/index.ts';
import type { KvFound, KvProtocol } from '../store/kv-protocol.ts';
import type { CacheShape } from './cache-table.ts';
import type { CacheState } from './cache.ts';
import type { Expiry } from './expiry.ts';
import type { InvalidationFeed } from './invalidation-feed.ts';
import type { RefreshPolicy, RefreshStep } from './refresh-policy.ts';

/** A fill that is under way. */
export interface Fill {
  readonly number: number;
  /** Loads whose value may become it. */
  loads: number;
}

export interface ReadOptions<S> {
  readonly shape: CacheShape<KvFound, S>;
  readonly expiry: Expiry;
  readonly store: NodeRef<KvProtocol>;
  readonly deadline: Micros;
  readonly service: Sampler | undefined;
  readonly refresh: RefreshPolicy;
  readonly fillGuard: boolean;
  readonly feed: InvalidationFeed;
}

/** What a read has found, and whether the cache holds just that now: then whoever keeps a copy hears when it changes. */
export interface Fetched {
  readonly found: KvFound;
  readonly held: boolean;
}

interface Look {
  readonly step: RefreshStep;
  readonly found?: KvFound;
}

const LOAD: Look = { step: 'load' };

type Read = Fetched | { readonly error: CallError };
type CacheContext<S> = Context<CacheState<S>>;

const fillSignal = (fill: number): string => `fill ${fill}`;

/** Holds options only. */
export class CacheReads<S> {
  private readonly options: ReadOptions<S>;

  constructor(options: ReadOptions<S>) {
    this.options = options;
  }

  *get(key: string, ctx: CacheContext<S>): Flow<KvFound> {
    const { service } = this.options;
    if (service !== undefined) yield* ctx.work(service.sample(ctx.random));
    return this.hit(key, ctx) ?? (yield* this.miss(key, ctx)).found;
  }

  *fetch(key: string, ctx: CacheContext<S>): Flow<Fetched> {
    const { service } = this.options;
    if (service !== undefined) yield* ctx.work(service.sample(ctx.random));
    const found = this.hit(key, ctx);
    return found === undefined ? yield* this.miss(key, ctx) : { found, held: true };
  }

  /** What may be served without a load; the load behind the reader's back begins here. */
  private hit(key: string, ctx: CacheContext<S>): KvFound | undefined {
    const { step, found } = ctx.update((state) => this.look(state, key, ctx));
    ctx.count(step === 'load' ? 'misses' : 'hits');
    if (step === 'load') return undefined;
    if (step === 'serve-and-load' && !ctx.state.fills.has(key)) ctx.spawn(this.loadBehind(key, ctx));
    return found;
  }

  private miss(key: string, ctx: CacheContext<S>): Flow<Fetched> {
    const running = this.options.refresh.shares ? ctx.state.fills.get(key)?.number : undefined;
    return running === undefined ? this.load(key, ctx) : this.join(running, ctx);
  }

  /** Waits for somebody else's load. */
  private *join(fill: number, ctx: CacheContext<S>): Flow<Fetched> {
    ctx.count('shared');
    const read = (yield* ctx.wait(fillSignal(fill), this.options.deadline)) as Read;
    if ('error' in read) throw read.error;
    return read;
  }

  private look(state: CacheState<S>, key: string, ctx: CacheContext<S>): Look {
    const { shape, refresh, expiry, feed } = this.options;
    const now = ctx.clock.monotonic;
    const { size } = state.table.entries;
    const entry = shape.lookup(state.table, key, now, refresh.grace);
    if (entry === undefined) {
      // It was held, and has expired.
      if (state.table.entries.size < size) feed.publish(state.feed, key, ctx);
      return LOAD;
    }
    if (entry.expires <= now) ctx.count('stale');
    const step = refresh.step(entry, now, ctx.random);
    if (step === 'serve') expiry.hit(entry, now, ctx.random);
    return { step, found: copyOf(entry.value) };
  }

  /** Nobody waits for it: when it fails, the next reader tries again. */
  private *loadBehind(key: string, ctx: CacheContext<S>): Flow {
    ctx.count('refreshed');
    try {
      yield* this.load(key, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }

  *warm(keys: readonly string[], ctx: CacheContext<S>): Flow {
    for (const key of keys) yield* this.loadBehind(key, ctx);
  }

  private *load(key: string, ctx: CacheContext<S>): Flow<Fetched> {
    ctx.count('fills');
    const number = ctx.update((state) => {
      const running = state.fills.get(key);
      if (running === undefined) {
        state.fills.set(key, { number: state.nextFill, loads: 1 });
        return state.nextFill++;
      }
      running.loads++; // whichever comes first fills
      return running.number;
    });
    const from = ctx.clock.monotonic;
    let read: Read;
    try {
      const found = yield* ctx.call(this.options.store, 'get', { key }, { deadline: this.options.deadline });
      read = ctx.update((state) => this.loaded(state, key, number, found, ctx.clock.monotonic - from, ctx));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.update((state) => this.endFill(state, key, number));
      read = { error };
    }
    if (this.options.refresh.shares) ctx.signal(fillSignal(number), read);
    if ('error' in read) throw read.error;
    return read;
  }

  /** True when what comes of the fill may be kept. */
  private endFill(state: CacheState<S>, key: string, number: number): boolean {
    if (state.fills.get(key)?.number !== number) return false;
    state.fills.delete(key);
    return true;
  }

  /**
   * What the reader gets instead of what it has loaded: what the cache holds, when that is not it. Else a write that was given up and
   * that the store carries out late could be seen by one reader and be gone again for the next.
   */
  private loaded(
    state: CacheState<S>,
    key: string,
    number: number,
    found: KvFound,
    took: Micros,
    ctx: CacheContext<S>,
  ): Fetched {
    const current = this.endFill(state, key, number);
    if (this.options.fillGuard && (!current || state.writes.has(key))) {
      ctx.count('voided');
      const entry = this.options.shape.lookup(state.table, key, ctx.clock.monotonic);
      return entry === undefined ? { found, held: false } : { found: copyOf(entry.value), held: true };
    }
    this.keep(state, key, found, took, ctx);
    return { found, held: true };
  }

  keep(state: CacheState<S>, key: string, found: KvFound, took: Micros, ctx: CacheContext<S>): void {
    const { shape, expiry, feed } = this.options;
    const filled = ctx.clock.monotonic;
    const entry = { value: copyOf(found), filled, expires: expiry.after(filled, ctx.random), took };
    // Near caches may still hold what goes.
    if (state.table.entries.has(key)) feed.publish(state.feed, key, ctx);
    const evicted = shape.insert(state.table, key, entry, ctx.random);
    if (evicted === undefined) return;
    ctx.count('evicted');
    feed.publish(state.feed, evicted, ctx);
  }

  drop(state: CacheState<S>, key: string, ctx: CacheContext<S>): void {
    state.fills.delete(key);
    if (this.options.shape.remove(state.table, key)) ctx.count('invalidated');
  }
}
