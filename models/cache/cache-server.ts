/**
 * A cache beside the store, as memcached and Redis are: it knows no store. Applications look keys up, load what is missing
 * themselves and fill it in (cache-aside.ts).
 *
 * Filling is where a stale value gets in: an application reads the store, is held up, and fills in what another one has replaced
 * and deleted meanwhile. With *tokens* a miss hands out the right to fill, a delete or another fill takes it back, and a fill
 * without a valid token is refused. `exclusive` tokens are the leases of R. Nishtala et al. ("Scaling Memcache at Facebook", NSDI
 * 2013, §3.2.1): one at a time for a key, others are told to wait until it is used or `tokenFor` is over, which also stops the
 * stampede. `shared` tokens go to everybody who misses, and the first fill wins, as memcached's `gets` and `cas`.
 *
 * A token is drawn at random: none from before a crash is valid after it. A crash loses everything.
 */
import { ConfigError, compile, copyOf, defineActor, parseDuration } from '../../sim/index.ts';
import type { Actor, Context, Distribution, Duration, Flow, Micros } from '../../sim/index.ts';
import type { KvFound } from '../store/kv-protocol.ts';
import { CacheShape, type CacheTable } from './cache-table.ts';
import { Expiry, type ExpiryOptions } from './expiry.ts';
import type { EvictionPolicy } from './policy.ts';

/** What a lookup found: a value (which may be that the store has none), a token to fill with, or that somebody else is filling. */
export interface LookedUp {
  readonly hit?: KvFound;
  readonly token?: number;
  readonly wait?: boolean;
}

export interface CacheServerProtocol {
  lookup(payload: { readonly key: string }): LookedUp;
  /** The right to fill, also when there is a value. */
  claim(payload: { readonly key: string }): { readonly token: number };
  /** With tokens: refused unless `token` is valid. */
  fill(payload: { readonly key: string; readonly found: KvFound; readonly token?: number }): {
    readonly stored: boolean;
  };
  drop(payload: { readonly key: string }): Record<never, never>;
  health(payload: Record<never, never>): { readonly ok: true };
}

export interface CacheServerOptions<S> extends ExpiryOptions {
  /** Keys that it holds, at least 1. */
  readonly capacity: number;
  readonly policy: EvictionPolicy<S>;
  /** Default `none`: whoever fills, fills. */
  readonly tokens?: 'none' | 'shared' | 'exclusive';
  /** A token that was not used for so long is void, on its own clock, above 0. Default 10 s, as at Facebook. */
  readonly tokenFor?: Duration;
  /** CPU work of a message. Default none. */
  readonly service?: Distribution;
  /** Default `cache`. */
  readonly role?: string;
}

interface Token {
  readonly number: number;
  readonly expires: Micros;
}

export interface CacheServerState<S> {
  table: CacheTable<KvFound, S>;
  /** The valid token of each key, the oldest first; as many as the capacity at most. */
  tokens: Map<string, Token>;
}

/** The actor. Counters: hits, misses, waits, fills, refused, evicted, drops. */
export function cacheServer<S>(options: CacheServerOptions<S>): Actor<CacheServerState<S>, CacheServerProtocol> {
  const desk = new ServerDesk(options);
  const service = options.service === undefined ? undefined : compile(options.service, 'cacheServer.service');
  type ServerContext = Context<CacheServerState<S>>;
  function* served<R>(ctx: ServerContext, act: (state: CacheServerState<S>) => R): Flow<R> {
    if (service !== undefined) yield* ctx.work(service.sample(ctx.random));
    return ctx.update(act);
  }
  return defineActor<CacheServerState<S>, CacheServerProtocol>({
    role: options.role ?? 'cache',
    init: () => ({ table: desk.shape.empty(), tokens: new Map() }),
    on: { health: () => ({ ok: true }) },
    flows: {
      lookup: ({ key }, ctx) => served(ctx, (state) => desk.lookup(state, key, ctx)),
      claim: ({ key }, ctx) => served(ctx, (state) => ({ token: desk.grant(state, key, ctx) })),
      fill: ({ key, found, token }, ctx) => served(ctx, (state) => desk.fill(state, key, found, token, ctx)),
      drop: ({ key }, ctx) => served(ctx, (state) => desk.drop(state, key, ctx)),
    },
  });
}

/** What a cache server does. Holds options only. */
class ServerDesk<S> {
  readonly shape: CacheShape<KvFound, S>;
  private readonly expiry: Expiry;
  private readonly tokens: 'none' | 'shared' | 'exclusive';
  private readonly tokenFor: Micros;

  constructor(options: CacheServerOptions<S>) {
    const { tokens = 'none' } = options;
    if (tokens !== 'none' && tokens !== 'shared' && tokens !== 'exclusive')
      throw new ConfigError('cacheServer.tokens', tokens, "'none', 'shared' or 'exclusive'");
    this.shape = new CacheShape(options.capacity, options.policy);
    this.expiry = new Expiry(options, 'cacheServer');
    this.tokens = tokens;
    this.tokenFor = parseDuration(options.tokenFor ?? '10s', 'cacheServer.tokenFor');
    if (this.tokenFor === 0) throw new ConfigError('cacheServer.tokenFor', options.tokenFor, 'a duration above 0');
  }

  lookup(state: CacheServerState<S>, key: string, ctx: Context<CacheServerState<S>>): LookedUp {
    const now = ctx.clock.monotonic;
    const entry = this.shape.lookup(state.table, key, now);
    ctx.count(entry === undefined ? 'misses' : 'hits');
    if (entry !== undefined) {
      this.expiry.hit(entry, now, ctx.random);
      return { hit: copyOf(entry.value) };
    }
    if (this.tokens === 'none') return {};
    if (this.tokens === 'exclusive' && this.validToken(state, key, now) !== undefined) {
      ctx.count('waits');
      return { wait: true };
    }
    return { token: this.grant(state, key, ctx) };
  }

  private validToken(state: CacheServerState<S>, key: string, now: Micros): Token | undefined {
    const token = state.tokens.get(key);
    return token === undefined || token.expires <= now ? undefined : token;
  }

  /** A shared token that is valid already is given to everybody. */
  grant(state: CacheServerState<S>, key: string, ctx: Context<CacheServerState<S>>): number {
    const now = ctx.clock.monotonic;
    const known = this.tokens === 'shared' ? this.validToken(state, key, now) : undefined;
    if (known !== undefined) return known.number;
    const number = ctx.random.int(2 ** 32);
    state.tokens.delete(key);
    state.tokens.set(key, { number, expires: now + this.tokenFor });
    // Whoever holds the oldest must ask again.
    if (state.tokens.size > this.shape.capacity) state.tokens.delete(state.tokens.keys().next().value as string);
    return number;
  }

  fill(
    state: CacheServerState<S>,
    key: string,
    found: KvFound,
    number: number | undefined,
    ctx: Context<CacheServerState<S>>,
  ): { readonly stored: boolean } {
    const now = ctx.clock.monotonic;
    const token = this.validToken(state, key, now);
    if (this.tokens !== 'none' && (token === undefined || token.number !== number)) {
      ctx.count('refused');
      return { stored: false };
    }
    state.tokens.delete(key);
    const entry = { value: copyOf(found), filled: now, expires: this.expiry.after(now, ctx.random), took: 0 };
    if (this.shape.insert(state.table, key, entry, ctx.random) !== undefined) ctx.count('evicted');
    ctx.count('fills');
    return { stored: true };
  }

  drop(state: CacheServerState<S>, key: string, ctx: Context<CacheServerState<S>>): Record<never, never> {
    ctx.count('drops');
    state.tokens.delete(key);
    this.shape.remove(state.table, key);
    return {};
  }
}
