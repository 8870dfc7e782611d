/** How an application reads with a cache beside the store. */
import { compile, parseDuration, parsePeriod, reject } from '../../sim/index.ts';
import type { Context, Flow, Micros, Sampler } from '../../sim/index.ts';
import type { KvFound } from '../store/kv-protocol.ts';
import type { AsideDesk, CacheAsideState } from './cache-aside.ts';
import type { LookedUp } from './cache-server.ts';
import type { CacheServerRef } from './cache-tier.ts';

/** Holds options only. */
export class AsideReads {
  private readonly desk: AsideDesk;
  private readonly poll: Micros;
  private readonly patience: Micros;
  private readonly service: Sampler | undefined;

  constructor(desk: AsideDesk) {
    const { poll = '5ms', patience = '1s', service } = desk.options;
    this.desk = desk;
    this.poll = parsePeriod(poll, 'cacheAside.poll');
    this.patience = parseDuration(patience, 'cacheAside.patience');
    this.service = service === undefined ? undefined : compile(service, 'cacheAside.service');
  }

  *get(key: string, ctx: Context<CacheAsideState>): Flow<KvFound> {
    if (this.service !== undefined) yield* ctx.work(this.service.sample(ctx.random));
    const { strict, health } = this.desk;
    const until = ctx.clock.monotonic + this.patience;
    do {
      const [server] = health.holders(key, ctx);
      const looked = server === undefined ? undefined : yield* this.lookup(server, key, ctx);
      if (server === undefined || looked === undefined) {
        if (strict) throw reject('cache-away', 'the cache does not answer, and nobody reads past it');
        ctx.count('past-the-cache');
        return yield* this.load(key, ctx);
      }
      if (looked.hit !== undefined) {
        ctx.count('hits');
        return looked.hit;
      }
      if (looked.wait === true) {
        ctx.count('waited');
        yield* ctx.sleep(this.poll);
        continue;
      }
      ctx.count('misses');
      const found = yield* this.load(key, ctx);
      const stored = yield* this.fill(server, key, found, looked.token, ctx);
      if (stored || !strict) return found;
      ctx.count('refused');
    } while (ctx.clock.monotonic < until);
    if (strict) throw reject('contended', `${key} was written again and again while it was being read`);
    return yield* this.load(key, ctx);
  }

  private *lookup(server: CacheServerRef, key: string, ctx: Context<CacheAsideState>): Flow<LookedUp | undefined> {
    const { health, cacheDeadline } = this.desk;
    return yield* health.ask(server, ctx.call(server, 'lookup', { key }, { deadline: cacheDeadline }), ctx);
  }

  private *load(key: string, ctx: Context<CacheAsideState>): Flow<KvFound> {
    ctx.count('loads');
    ctx.update((state) => {
      state.loads++;
      state.loading++;
    });
    try {
      return yield* ctx.call(this.desk.options.store, 'get', { key }, { deadline: this.desk.deadline });
    } finally {
      ctx.update((state) => state.loading--);
    }
  }

  /** Being strict the reader waits to hear whether it was stored; else nobody does. */
  private *fill(
    server: CacheServerRef,
    key: string,
    found: KvFound,
    token: number | undefined,
    ctx: Context<CacheAsideState>,
  ): Flow<boolean> {
    const { strict, health, cacheDeadline } = this.desk;
    const payload = token === undefined ? { key, found } : { key, found, token };
    if (!strict) {
      ctx.send(server, 'fill', payload);
      return true;
    }
    const reply = yield* health.ask(server, ctx.call(server, 'fill', payload, { deadline: cacheDeadline }), ctx);
    return reply?.stored ?? false;
  }
}
