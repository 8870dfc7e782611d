/**
 * A cache in front of a key-value store: a proxy that answers reads from memory when it can and loads what it misses
 * ("read-through"). A write goes to the store first and is acknowledged when that is done; then the key is dropped ("write-around")
 * or replaced by what was written ("write-through", `onWrite: 'update'`), also when the outcome of the write is unknown.
 *
 * Three races are dealt with, each of which pins a stale value in naive designs:
 * 1. A read that missed, asked the store, and comes back after a write: it must not fill the cache with the old value. Each write
 *    therefore voids the fills that were under way when it began or ended (`fillGuard`; off, the race can be shown).
 * 2. Of two writes at the same time nobody knows which the store took last: then neither value is kept.
 * 3. A read that joins another one's load never joins one from before a write.
 * As the store's only client it is then linearizable, as the store is, provided that its requests arrive there in the order in which it
 * made them (a stream, not datagrams: a write that was given up and arrives late may else be seen by one reader and not by the next).
 * What remains is the time to live: a write that goes past the cache leaves a stale value for at most `ttl`.
 *
 * What happens when a value expires, and whether readers load together, is the refresh policy's. A crash empties the cache.
 */
import { ConfigError, compile, defineActor, oneOf, parseDuration, withFunctions } from '../../sim/index.ts';
import type { Actor, Distribution, Duration, NodeRef } from '../../sim/index.ts';
import type { KvFound, KvProtocol } from '../store/kv-protocol.ts';
import { CacheReads, type Fetched, type Fill } from './cache-reads.ts';
import { CacheShape, type CacheTable } from './cache-table.ts';
import { CacheWrites, type OpenWrites } from './cache-writes.ts';
import { Expiry, type ExpiryOptions } from './expiry.ts';
import {
  InvalidationFeed,
  type Changes,
  type FeedOptions,
  type FeedPosition,
  type FeedState,
} from './invalidation-feed.ts';
import { loadOnMiss } from './load-on-miss.ts';
import type { EvictionPolicy } from './policy.ts';
import type { RefreshPolicy } from './refresh-policy.ts';

export interface CacheProtocol extends KvProtocol {
  /** Forgets a key. */
  invalidate(payload: { readonly key: string }): Record<never, never>;
  /** As `get`, for near caches: `held` when the cache holds just that, so that they will hear when it changes. */
  fetch(payload: { readonly key: string }): Fetched;
  /** What has been invalidated since: for near caches. */
  changes(payload: FeedPosition): Changes;
}

export interface CacheOptions<S> extends ExpiryOptions {
  readonly store: NodeRef<KvProtocol>;
  /** Keys that it holds, at least 1. */
  readonly capacity: number;
  readonly policy: EvictionPolicy<S>;
  /** When values are loaded, and by whom. Default `loadOnMiss()`. */
  readonly refresh?: RefreshPolicy;
  /** What a write does to the key. Default `invalidate`. */
  readonly onWrite?: 'invalidate' | 'update';
  /** Reads do not fill in what a write may have changed meanwhile. Default true; false shows the race. */
  readonly fillGuard?: boolean;
  /** Tells near caches what they must drop. Default: nobody is told. */
  readonly feed?: FeedOptions;
  /** Keys that are loaded at every boot, one after the other, the first ones first: a warm-up. Default none. */
  readonly warm?: readonly string[];
  /** CPU work of a lookup. Default none. */
  readonly service?: Distribution;
  /** For each call to the store. Default 1 s. */
  readonly deadline?: Duration;
  /** Default `cache`. */
  readonly role?: string;
}

export interface CacheState<S> {
  table: CacheTable<KvFound, S>;
  /** Fills that are under way, by key. A write removes its key, which voids the fill. */
  fills: Map<string, Fill>;
  nextFill: number;
  /** Writes that are under way, by key. */
  writes: Map<string, OpenWrites>;
  feed: FeedState;
}

/** The actor. Counters: hits, misses, shared, stale, refreshed, fills, voided, evicted, invalidated. */
export function cache<S>(options: CacheOptions<S>): Actor<CacheState<S>, CacheProtocol> {
  const shape = new CacheShape<KvFound, S>(options.capacity, options.policy);
  const feed = new InvalidationFeed(options.feed);
  const desk = {
    shape,
    expiry: new Expiry(options, 'cache'),
    store: options.store,
    deadline: parseDuration(options.deadline ?? '1s', 'cache.deadline'),
    service: options.service === undefined ? undefined : compile(options.service, 'cache.service'),
    refresh: withFunctions(options.refresh ?? loadOnMiss(), ['step'], 'cache.refresh', 'one such as xFetch()'),
    fillGuard: options.fillGuard ?? true,
    keepsWritten: oneOf(options.onWrite ?? 'invalidate', ['invalidate', 'update'], 'cache.onWrite') === 'update',
    feed,
  };
  const reads = new CacheReads<S>(desk);
  const writes = new CacheWrites<S>(desk, reads);
  const { warm = [] } = options;
  if (!Array.isArray(warm)) throw new ConfigError('cache.warm', warm, 'a list of keys');
  return defineActor<CacheState<S>, CacheProtocol>({
    role: options.role ?? 'cache',
    init: (ctx) => ({
      table: shape.empty(),
      fills: new Map(),
      nextFill: 1,
      writes: new Map(),
      feed: feed.initial(ctx.random),
    }),
    start(_state, ctx) {
      if (warm.length > 0) ctx.spawn(reads.warm(warm, ctx));
    },
    on: {
      health: () => ({ ok: true }),
      invalidate(state, { key }, ctx) {
        reads.drop(state, key, ctx);
        feed.publish(state.feed, key, ctx);
        return {};
      },
      changes: (state, position) => feed.since(state.feed, position),
    },
    flows: {
      get: ({ key }, ctx) => reads.get(key, ctx),
      fetch: ({ key }, ctx) => reads.fetch(key, ctx),
      put: (payload, ctx) => writes.write('put', payload.key, payload, ctx, () => payload.value),
      cas: (payload, ctx) =>
        writes.write('cas', payload.key, payload, ctx, (reply) => (reply.swapped ? payload.to : undefined)),
      add: (payload, ctx) => writes.write('add', payload.key, payload, ctx, (reply) => reply.value),
      remove: (payload, ctx) => writes.write('remove', payload.key, payload, ctx, () => undefined),
    },
  });
}
