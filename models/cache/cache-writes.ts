/** How a cache that sits in the way writes: to the store first, then its own copy is dropped or replaced. */
import type { Context, Flow, Micros, NodeRef, Payload, Sampler } from '../../sim/index.ts';
import type { KvProtocol, KvValue } from '../store/kv-protocol.ts';
import type { CacheReads } from './cache-reads.ts';
import type { CacheState } from './cache.ts';
import type { InvalidationFeed } from './invalidation-feed.ts';

export interface OpenWrites {
  open: number;
  /** Two were under way at the same time since `open` was last 0. */
  overlapped: boolean;
}

export interface WriteOptions {
  readonly store: NodeRef<KvProtocol>;
  readonly deadline: Micros;
  readonly service: Sampler | undefined;
  readonly fillGuard: boolean;
  /** The written value takes the place of the old one. */
  readonly keepsWritten: boolean;
  readonly feed: InvalidationFeed;
}

/** Holds options only. */
export class CacheWrites<S> {
  private readonly options: WriteOptions;
  private readonly reads: CacheReads<S>;

  constructor(options: WriteOptions, reads: CacheReads<S>) {
    this.options = options;
    this.reads = reads;
  }

  /** `written` says what the key holds after a successful write; undefined: not known, or nothing. */
  *write<M extends 'put' | 'cas' | 'add' | 'remove'>(
    message: M,
    key: string,
    payload: Payload<KvProtocol, M>,
    ctx: Context<CacheState<S>>,
    written: (reply: ReturnType<KvProtocol[M]>) => KvValue | undefined,
  ): Flow<ReturnType<KvProtocol[M]>> {
    const { service, store, deadline, fillGuard } = this.options;
    if (service !== undefined) yield* ctx.work(service.sample(ctx.random));
    ctx.update((state) => {
      if (fillGuard) state.fills.delete(key);
      const writes = state.writes.get(key);
      state.writes.set(key, { open: (writes?.open ?? 0) + 1, overlapped: writes !== undefined });
    });
    const from = ctx.clock.monotonic;
    let value: KvValue | undefined;
    try {
      const reply = (yield* ctx.forward(store as NodeRef, message, payload, { deadline })) as ReturnType<KvProtocol[M]>;
      value = written(reply);
      return reply;
    } finally {
      ctx.update((state) => this.wrote(state, key, value, ctx.clock.monotonic - from, ctx));
    }
  }

  private wrote(
    state: CacheState<S>,
    key: string,
    value: KvValue | undefined,
    took: Micros,
    ctx: Context<CacheState<S>>,
  ): void {
    const { open, overlapped } = state.writes.get(key) as OpenWrites;
    if (open > 1) state.writes.set(key, { open: open - 1, overlapped: true });
    else state.writes.delete(key);
    this.reads.drop(state, key, ctx);
    if (this.options.keepsWritten && value !== undefined && !overlapped)
      this.reads.keep(state, key, { found: true, value }, took, ctx);
    this.options.feed.publish(state.feed, key, ctx);
  }
}
