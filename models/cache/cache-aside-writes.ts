/** How an application writes with a cache beside the store. */
import { CallError } from '../../sim/index.ts';
import type { Context, Flow, NodeRef, Payload } from '../../sim/index.ts';
import type { KvProtocol, KvValue } from '../store/kv-protocol.ts';
import type { AsideDesk, CacheAsideState } from './cache-aside.ts';
import type { CacheServerRef } from './cache-tier.ts';

type AsideContext = Context<CacheAsideState>;

/** Holds options only. */
export class AsideWrites {
  private readonly desk: AsideDesk;
  private readonly onWrite: 'drop' | 'drop-first' | 'set';

  constructor(desk: AsideDesk, onWrite: 'drop' | 'drop-first' | 'set') {
    this.desk = desk;
    this.onWrite = onWrite;
  }

  /** `written` says what the key holds after a successful write; undefined: not known, or nothing. */
  *write<M extends 'put' | 'cas' | 'add' | 'remove'>(
    message: M,
    key: string,
    payload: Payload<KvProtocol, M>,
    ctx: AsideContext,
    written: (reply: ReturnType<KvProtocol[M]>) => KvValue | undefined,
  ): Flow<ReturnType<KvProtocol[M]>> {
    const { store } = this.desk.options;
    if (this.onWrite === 'drop-first') {
      yield* this.dropAll(key, ctx);
      return (yield* this.toStore(store as NodeRef, message, payload, ctx)) as ReturnType<KvProtocol[M]>;
    }
    const claims = this.onWrite === 'set' ? yield* this.claim(key, ctx) : [];
    let reply: ReturnType<KvProtocol[M]>;
    try {
      reply = (yield* this.toStore(store as NodeRef, message, payload, ctx)) as ReturnType<KvProtocol[M]>;
    } catch (error) {
      // Who knows whether it has been written.
      if (!(error instanceof CallError && error.definite)) yield* this.dropAll(key, ctx);
      throw error;
    }
    const value = written(reply);
    const set = this.onWrite === 'set' && value !== undefined && (yield* this.setAll(key, value, claims, ctx));
    if (!set && !(yield* this.dropAll(key, ctx))) {
      ctx.count('undropped');
      // Written, and yet not: whoever reads may see the old value.
      if (this.desk.strict) throw new CallError('timeout', 'cache-away', `${key} may still be in the cache`, false);
    }
    return reply;
  }

  private *toStore(store: NodeRef, message: string, payload: unknown, ctx: AsideContext): Flow<unknown> {
    return yield* ctx.forward(store, message, payload, { deadline: this.desk.deadline });
  }

  /** The right to set the key at each of its holders, before the store knows anything of the write. */
  private *claim(key: string, ctx: AsideContext): Flow<(number | undefined)[]> {
    const { health, cacheDeadline } = this.desk;
    const holders = health.holders(key, ctx);
    const asked = holders.map((server) =>
      health.ask(server, ctx.call(server, 'claim', { key }, { deadline: cacheDeadline }), ctx),
    );
    const replies = yield* ctx.all(asked);
    return replies.map((reply) => reply?.token);
  }

  /** True when every holder has it. */
  private *setAll(
    key: string,
    value: KvValue,
    tokens: readonly (number | undefined)[],
    ctx: AsideContext,
  ): Flow<boolean> {
    const { health, cacheDeadline } = this.desk;
    const holders = health.holders(key, ctx);
    if (holders.length !== tokens.length || tokens.includes(undefined)) return false;
    const found = { found: true, value };
    const asked = holders.map((server, i) => {
      const payload = { key, found, token: tokens[i] as number };
      return health.ask(server, ctx.call(server, 'fill', payload, { deadline: cacheDeadline }), ctx);
    });
    const replies = yield* ctx.all(asked);
    return replies.every((reply) => reply?.stored === true);
  }

  /** True when every holder has dropped it; each is asked twice. */
  private *dropAll(key: string, ctx: AsideContext): Flow<boolean> {
    const holders = this.desk.health.holders(key, ctx);
    const dropped = yield* ctx.all(holders.map((server) => this.drop(server, key, ctx)));
    return dropped.every((done) => done);
  }

  private *drop(server: CacheServerRef, key: string, ctx: AsideContext): Flow<boolean> {
    const { health, cacheDeadline } = this.desk;
    for (let attempt = 1; attempt <= 2; attempt++) {
      const call = ctx.call(server, 'drop', { key }, { deadline: cacheDeadline });
      if ((yield* health.ask(server, call, ctx)) !== undefined) return true;
    }
    return false;
  }
}
