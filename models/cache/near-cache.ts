/**
 * A near cache: the first of two tiers, in the process that reads, in front of a shared cache (Coherence's name; Redis calls it
 * client-side caching). A hit costs no message. A write goes to the shared cache, which tells every near cache to drop the key.
 *
 * Those messages can be lost. With `coherence: 'messages'` whoever missed one serves the old value until it is evicted or `ttl` is
 * over, which nothing bounds unless there is one. With `'synced'` it asks the shared cache every so often what it has missed, and
 * trusts what it holds only until `trust` after it *sent* the last question that was answered: nothing older than `trust` is served
 * whatever is lost, late or crashed, as long as its own clock runs right; cut off from the shared cache, it stops serving.
 *
 * A read that missed does not fill in what was invalidated meanwhile, as in the cache behind. Values expire `ttl` after they were
 * asked for, not after they came. A crash empties it.
 */
import { CallError, ConfigError, copyOf, defineActor, parseDuration } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { KvFound, KvProtocol } from '../store/kv-protocol.ts';
import { CacheShape, type CacheTable } from './cache-table.ts';
import type { CacheProtocol } from './cache.ts';
import { Expiry, type ExpiryOptions } from './expiry.ts';
import type { Changes, FeedProtocol, Invalidated } from './invalidation-feed.ts';
import type { EvictionPolicy } from './policy.ts';

export interface NearCacheProtocol extends KvProtocol, FeedProtocol {}

export interface NearCacheOptions<S> extends Omit<ExpiryOptions, 'renewOnHit'> {
  /** The shared cache; its `feed` names this node. */
  readonly remote: NodeRef<CacheProtocol>;
  /** Keys that it holds, at least 1. */
  readonly capacity: number;
  readonly policy: EvictionPolicy<S>;
  /** How it learns that a value is old. Default `synced`. */
  readonly coherence?: 'messages' | 'synced';
  /** With `synced`: for how long an answer is trusted, above 0. It asks three times as often. Default 1 s. */
  readonly trust?: Duration;
  /** For each call to the shared cache. Default 1 s. */
  readonly deadline?: Duration;
  /** Default `near-cache`. */
  readonly role?: string;
}

export interface NearCacheState<S> {
  table: CacheTable<KvFound, S>;
  /** Reads that may fill, by key: the number of the last one. An invalidation removes it. */
  fills: Map<string, number>;
  nextFill: number;
  epoch: number;
  /** Every invalidation up to this one has been heard. */
  heard: number;
  /** What is held may be served before this instant of its own clock. */
  trustedUntil: Micros;
}

/** The actor. Counters: hits, misses, distrusted, invalidated, missed, cleared. */
export function nearCache<S>(options: NearCacheOptions<S>): Actor<NearCacheState<S>, NearCacheProtocol> {
  const desk = new NearDesk(options);
  return defineActor<NearCacheState<S>, NearCacheProtocol>({
    role: options.role ?? 'near-cache',
    init: () => desk.initial(),
    start(_state, ctx) {
      if (desk.syncs) ctx.spawn(desk.keepInSync(ctx));
    },
    on: {
      health: () => ({ ok: true }),
      invalidated: (state, payload, ctx) => desk.invalidated(state, payload, ctx),
    },
    flows: {
      get: ({ key }, ctx) => desk.get(key, ctx),
      put: (payload, ctx) => desk.write('put', payload, ctx),
      cas: (payload, ctx) => desk.write('cas', payload, ctx),
      add: (payload, ctx) => desk.write('add', payload, ctx),
      remove: (payload, ctx) => desk.write('remove', payload, ctx),
    },
  });
}

type NearContext<S> = Context<NearCacheState<S>>;

/** What a near cache does. Holds options only. */
class NearDesk<S> {
  readonly syncs: boolean;
  private readonly remote: NodeRef<CacheProtocol>;
  private readonly shape: CacheShape<KvFound, S>;
  private readonly expiry: Expiry;
  private readonly trust: Micros;
  private readonly deadline: Micros;

  constructor(options: NearCacheOptions<S>) {
    const { coherence = 'synced' } = options;
    if (coherence !== 'messages' && coherence !== 'synced')
      throw new ConfigError('nearCache.coherence', coherence, "'messages' or 'synced'");
    this.syncs = coherence === 'synced';
    this.remote = options.remote;
    this.shape = new CacheShape(options.capacity, options.policy);
    this.expiry = new Expiry(options, 'nearCache');
    this.trust = parseDuration(options.trust ?? '1s', 'nearCache.trust');
    if (this.trust < 3) throw new ConfigError('nearCache.trust', options.trust, 'a duration of at least 3 µs');
    this.deadline = parseDuration(options.deadline ?? '1s', 'nearCache.deadline');
  }

  initial(): NearCacheState<S> {
    return { table: this.shape.empty(), fills: new Map(), nextFill: 1, epoch: -1, heard: 0, trustedUntil: 0 };
  }

  *get(key: string, ctx: NearContext<S>): Flow<KvFound> {
    const from = ctx.clock.monotonic;
    const trusted = !this.syncs || from < ctx.state.trustedUntil;
    const hit = trusted ? ctx.update((state) => copyOf(this.shape.lookup(state.table, key, from)?.value)) : undefined;
    if (!trusted) ctx.count('distrusted');
    ctx.count(hit === undefined ? 'misses' : 'hits');
    if (hit !== undefined) return hit;
    const number = ctx.update((state) => {
      state.fills.set(key, state.nextFill);
      return state.nextFill++;
    });
    let keeps: KvFound | undefined;
    try {
      const { found, held } = yield* ctx.call(this.remote, 'fetch', { key }, { deadline: this.deadline });
      // Of what the shared cache does not hold itself it would not say that it is old.
      if (held) keeps = found;
      return found;
    } finally {
      ctx.update((state) => this.filled(state, key, number, keeps, from, ctx));
    }
  }

  private filled(
    state: NearCacheState<S>,
    key: string,
    number: number,
    found: KvFound | undefined,
    from: Micros,
    ctx: NearContext<S>,
  ): void {
    if (state.fills.get(key) !== number) return;
    state.fills.delete(key);
    if (found === undefined) return;
    const took = ctx.clock.monotonic - from;
    const entry = { value: copyOf(found), filled: from, expires: this.expiry.after(from, ctx.random), took };
    this.shape.insert(state.table, key, entry, ctx.random);
  }

  /** Its own readers see its own writes. */
  *write(
    message: 'put' | 'cas' | 'add' | 'remove',
    payload: { readonly key: string },
    ctx: NearContext<S>,
  ): Flow<never> {
    const { key } = payload;
    ctx.update((state) => this.drop(state, key));
    try {
      return (yield* ctx.forward(this.remote as NodeRef, message, payload, { deadline: this.deadline })) as never;
    } finally {
      ctx.update((state) => this.drop(state, key));
    }
  }

  private drop(state: NearCacheState<S>, key: string): void {
    state.fills.delete(key);
    this.shape.remove(state.table, key);
  }

  invalidated(state: NearCacheState<S>, { epoch, since, key }: Invalidated, ctx: NearContext<S>): void {
    ctx.count('invalidated');
    this.drop(state, key);
    if (epoch === state.epoch && since === state.heard + 1) state.heard = since;
  }

  *keepInSync(ctx: NearContext<S>): Flow {
    for (;;) {
      const from = ctx.clock.monotonic;
      const { epoch, heard } = ctx.state;
      try {
        const changes = yield* ctx.call(this.remote, 'changes', { epoch, since: heard }, { deadline: this.trust });
        ctx.update((state) => this.caughtUp(state, changes, from, ctx));
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
      }
      yield* ctx.sleep(Math.max(1, from + Math.floor(this.trust / 3) - ctx.clock.monotonic));
    }
  }

  private caughtUp(state: NearCacheState<S>, { epoch, since, keys }: Changes, from: Micros, ctx: NearContext<S>): void {
    if (keys === undefined) {
      ctx.count('cleared');
      state.table = this.shape.empty();
      state.fills.clear();
    } else {
      if (since > state.heard) ctx.count('missed', since - state.heard);
      for (const key of keys) this.drop(state, key);
    }
    state.epoch = epoch;
    // Messages that came meanwhile may be further on.
    state.heard = keys === undefined ? since : Math.max(state.heard, since);
    state.trustedUntil = from + this.trust;
  }
}
