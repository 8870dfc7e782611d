/**
 * Cache-aside: an application server that looks a key up in a cache, reads the store when it is not there, and fills it in; that
 * writes to the store and then deletes the key from the cache, or sets it. The commonest strategy and the one with the most races:
 *
 * - *Delayed fill.* A reads the old value, B writes and deletes, A fills in the old value: pinned until the next write or expiry.
 * - *Deleting first* (`onWrite: 'drop-first'`). Between the delete and the write a reader brings the old value back.
 * - *Setting* (`'set'`). Of two writers the one whose write came first may set last.
 *
 * With a cache server that hands out tokens (cache-server.ts) the first and the last are refused there. `strict` does the rest, and
 * makes a single cache server with tokens linearizable: a write is acknowledged only when the key is gone from every holder, a read
 * whose fill was refused starts over, and nobody reads past the cache, not even when it is away; the price is that reads fail with
 * it. Not strict: the cache is an optimisation, and the time to live bounds what gets stale.
 *
 * A server that does not answer `failures` times in a row counts as away for `awayFor`; the tier then says who holds its keys.
 * Being strict, nobody is ever away: applications that disagree about that could not agree on a value.
 */
import { ConfigError, defineActor, parseDuration } from '../../sim/index.ts';
import type { Actor, Distribution, Duration, Micros, NodeRef } from '../../sim/index.ts';
import type { KvProtocol } from '../store/kv-protocol.ts';
import { AsideReads } from './cache-aside-reads.ts';
import { AsideWrites } from './cache-aside-writes.ts';
import type { CacheTier } from './cache-tier.ts';
import { TierHealth, type ServerHealth } from './tier-health.ts';

export interface CacheAsideOptions {
  readonly tier: CacheTier;
  readonly store: NodeRef<KvProtocol>;
  /** What a write does to the cache: delete after it (the default), delete before it (wrong), set after it. */
  readonly onWrite?: 'drop' | 'drop-first' | 'set';
  /** Rather fail than serve what may be stale. Default false. */
  readonly strict?: boolean;
  /** For each call to a cache server. Default 20 ms. */
  readonly cacheDeadline?: Duration;
  /** For each call to the store. Default 1 s. */
  readonly deadline?: Duration;
  /** How often whoever was told to wait looks again, above 0. Default 5 ms. */
  readonly poll?: Duration;
  /** How long a reader goes on looking, waiting, starting over. Default 1 s. */
  readonly patience?: Duration;
  /** Calls to a cache server that fail in a row before it counts as away, at least 1. Default 3. */
  readonly failures?: number;
  /** For how long it does; then one call tries it again. Default 1 s. */
  readonly awayFor?: Duration;
  /** Which of several holders it asks first, a whole number. Default: its node's. */
  readonly reader?: number;
  /** CPU work of a request. Default none. */
  readonly service?: Distribution;
  /** Default `application`. */
  readonly role?: string;
}

export interface CacheAsideState {
  /** Cache servers that have failed lately, by name. */
  health: Map<string, ServerHealth>;
  /** Reads that are asking the store. */
  loading: number;
  /** How often it has asked the store. */
  loads: number;
}

export interface AsideDesk {
  readonly options: CacheAsideOptions;
  readonly health: TierHealth;
  readonly strict: boolean;
  readonly cacheDeadline: Micros;
  readonly deadline: Micros;
}

/** The actor. Counters: hits, misses, waited, loads, refused, past-the-cache, away, undropped. */
export function cacheAside(options: CacheAsideOptions): Actor<CacheAsideState, KvProtocol> {
  const { onWrite = 'drop', failures = 3, strict = false } = options;
  if (onWrite !== 'drop' && onWrite !== 'drop-first' && onWrite !== 'set')
    throw new ConfigError('cacheAside.onWrite', onWrite, "'drop', 'drop-first' or 'set'");
  if (!Number.isInteger(failures) || failures < 1)
    throw new ConfigError('cacheAside.failures', failures, 'a whole number of at least 1');
  const desk: AsideDesk = {
    options,
    strict,
    health: new TierHealth(
      options.tier,
      strict ? Infinity : failures,
      parseDuration(options.awayFor ?? '1s', 'cacheAside.awayFor'),
      options.reader,
    ),
    cacheDeadline: parseDuration(options.cacheDeadline ?? '20ms', 'cacheAside.cacheDeadline'),
    deadline: parseDuration(options.deadline ?? '1s', 'cacheAside.deadline'),
  };
  const reads = new AsideReads(desk);
  const writes = new AsideWrites(desk, onWrite);
  return defineActor<CacheAsideState, KvProtocol>({
    role: options.role ?? 'application',
    init: () => ({ health: new Map(), loading: 0, loads: 0 }),
    on: { health: () => ({ ok: true }) },
    flows: {
      get: ({ key }, ctx) => reads.get(key, ctx),
      put: (payload, ctx) => writes.write('put', payload.key, payload, ctx, () => payload.value),
      cas: (payload, ctx) =>
        writes.write('cas', payload.key, payload, ctx, (reply) => (reply.swapped ? payload.to : undefined)),
      add: (payload, ctx) => writes.write('add', payload.key, payload, ctx, (reply) => reply.value),
      remove: (payload, ctx) => writes.write('remove', payload.key, payload, ctx, () => undefined),
    },
  });
}
