/**
 * A cache in front of a key-value store: a proxy that answers reads from memory when it can ("read-through"; for an application
 * that asks the cache and then the store itself the sequence of messages is the same).
 *
 * A write goes to the store first; then the key is invalidated, or replaced by what was written, also when the outcome of the
 * write is unknown. Three races are dealt with, each of which pins a stale value in naive designs:
 * 1. A read that missed, asked the store, and comes back after a write: it must not fill the cache with the old value. Each write
 *    therefore voids the fills that were under way when it began or ended (`fillGuard`; off, the race can be shown).
 * 2. Of two writes at the same time nobody knows which the store took last: then neither value is kept.
 * 3. With `singleFlight` a read joins another one's request to the store, but never one from before a write.
 * What remains is the time to live: a write that the store carries out long after it was given up, or that goes past the cache,
 * leaves a stale value for at most `ttl`.
 *
 * A crash empties it.
 */
import { CallError, NEVER, compile, copyOf, defineActor, parseDuration } from '../../sim/index.ts';
import type {
  Actor,
  Context,
  Distribution,
  Duration,
  Flow,
  Micros,
  NodeRef,
  Payload,
  Sampler,
} from '../../sim/index.ts';
import type { KvFound, KvProtocol, KvValue } from '../store/kv-protocol.ts';
import { CacheShape, type CacheTable } from './cache-table.ts';
import type { EvictionPolicy } from './policy.ts';

export interface CacheProtocol extends KvProtocol {
  /** Forgets a key. */
  invalidate(payload: { readonly key: string }): Record<never, never>;
}

export interface CacheOptions<S> {
  readonly store: NodeRef<KvProtocol>;
  /** Keys that it holds, at least 1. */
  readonly capacity: number;
  readonly policy: EvictionPolicy<S>;
  /** How long a value is served, on the cache's own clock. Default: for ever. */
  readonly ttl?: Duration;
  /** What a write does to the key. Default `invalidate`. */
  readonly onWrite?: 'invalidate' | 'update';
  /** Reads that miss the same key share one request to the store. Default false. */
  readonly singleFlight?: boolean;
  /** Reads do not fill in what a write may have changed meanwhile. Default true; false shows the race. */
  readonly fillGuard?: boolean;
  /** CPU work of a lookup. Default none. */
  readonly service?: Distribution;
  /** For each call to the store. Default 1 s. */
  readonly deadline?: Duration;
  /** Default `cache`. */
  readonly role?: string;
}

export interface CacheState<S> {
  table: CacheTable<KvFound, S>;
  /** Fills that are under way: number by key. A write removes its key, which voids the fill. */
  fills: Map<string, number>;
  /** Writes that are under way, by key. */
  writes: Map<string, OpenWrites>;
  nextFill: number;
}

interface OpenWrites {
  open: number;
  /** Two were under way at the same time since `open` was last 0. */
  overlapped: boolean;
}

type Read = { readonly found: KvFound } | { readonly error: CallError };

/** The actor. Counters: hits, misses, shared, fills, voided, evicted, invalidated. */
export function cache<S>(options: CacheOptions<S>): Actor<CacheState<S>, CacheProtocol> {
  const desk = new CacheDesk(options);
  return defineActor<CacheState<S>, CacheProtocol>({
    role: options.role ?? 'cache',
    init: () => desk.initial(),
    on: {
      health: () => ({ ok: true }),
      invalidate(state, { key }, ctx) {
        desk.invalidate(state, key, ctx);
        return {};
      },
    },
    flows: {
      get: ({ key }, ctx) => desk.get(key, ctx),
      put: (payload, ctx) => desk.write('put', payload.key, payload, ctx, () => payload.value),
      cas: (payload, ctx) =>
        desk.write('cas', payload.key, payload, ctx, (reply) => (reply.swapped ? payload.to : undefined)),
      add: (payload, ctx) => desk.write('add', payload.key, payload, ctx, (reply) => reply.value),
      remove: (payload, ctx) => desk.write('remove', payload.key, payload, ctx, () => undefined),
    },
  });
}

/** What a cache does. Holds options only. */
class CacheDesk<S> {
  private readonly shape: CacheShape<KvFound, S>;
  private readonly store: NodeRef<KvProtocol>;
  private readonly ttl: Micros;
  private readonly deadline: Micros;
  private readonly service: Sampler | undefined;
  private readonly keepWritten: boolean;
  private readonly singleFlight: boolean;
  private readonly fillGuard: boolean;

  constructor(options: CacheOptions<S>) {
    this.shape = new CacheShape(options.capacity, options.policy);
    this.store = options.store;
    this.ttl = options.ttl === undefined ? NEVER : parseDuration(options.ttl, 'cache.ttl');
    this.deadline = parseDuration(options.deadline ?? '1s', 'cache.deadline');
    this.service = options.service === undefined ? undefined : compile(options.service, 'cache.service');
    this.keepWritten = options.onWrite === 'update';
    this.singleFlight = options.singleFlight ?? false;
    this.fillGuard = options.fillGuard ?? true;
  }

  initial(): CacheState<S> {
    return { table: this.shape.empty(), fills: new Map(), writes: new Map(), nextFill: 1 };
  }

  *get(key: string, ctx: Context<CacheState<S>>): Flow<KvFound> {
    if (this.service !== undefined) yield* ctx.work(this.service.sample(ctx.random));
    const hit = ctx.update((state) => copyOf(this.shape.lookup(state.table, key, ctx.clock.monotonic)?.value));
    ctx.count(hit === undefined ? 'misses' : 'hits');
    if (hit !== undefined) return hit;
    const running = this.singleFlight ? ctx.state.fills.get(key) : undefined;
    if (running !== undefined) {
      ctx.count('shared');
      const read = (yield* ctx.wait(fillSignal(running), this.deadline)) as Read;
      if ('error' in read) throw read.error;
      return read.found;
    }
    return yield* this.fill(key, ctx);
  }

  private *fill(key: string, ctx: Context<CacheState<S>>): Flow<KvFound> {
    ctx.count('fills');
    const number = ctx.update((state) => {
      const running = state.fills.get(key);
      if (running !== undefined) return running; // whichever comes first fills
      state.fills.set(key, state.nextFill);
      return state.nextFill++;
    });
    let read: Read;
    try {
      read = { found: yield* ctx.call(this.store, 'get', { key }, { deadline: this.deadline }) };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      read = { error };
    }
    const { found } = read as { readonly found?: KvFound };
    ctx.update((state) => this.filled(state, key, number, found, ctx));
    ctx.signal(fillSignal(number), read);
    if ('error' in read) throw read.error;
    return read.found;
  }

  private filled(
    state: CacheState<S>,
    key: string,
    number: number,
    found: KvFound | undefined,
    ctx: Context<CacheState<S>>,
  ): void {
    const current = state.fills.get(key) === number;
    if (current) state.fills.delete(key);
    if (found === undefined) return;
    if (this.fillGuard && (!current || state.writes.has(key))) {
      ctx.count('voided');
      return;
    }
    this.keep(state, key, found, ctx);
  }

  private keep(state: CacheState<S>, key: string, found: KvFound, ctx: Context<CacheState<S>>): void {
    const expires = Math.min(NEVER, ctx.clock.monotonic + this.ttl);
    const evicted = this.shape.insert(state.table, key, copyOf(found), expires, ctx.random);
    if (evicted !== undefined) ctx.count('evicted');
  }

  invalidate(state: CacheState<S>, key: string, ctx: Context<CacheState<S>>): void {
    state.fills.delete(key);
    if (this.shape.remove(state.table, key)) ctx.count('invalidated');
  }

  /** `written` says what the key holds after a successful write; undefined: not known, or nothing. */
  *write<M extends 'put' | 'cas' | 'add' | 'remove'>(
    message: M,
    key: string,
    payload: Payload<KvProtocol, M>,
    ctx: Context<CacheState<S>>,
    written: (reply: ReturnType<KvProtocol[M]>) => KvValue | undefined,
  ): Flow<ReturnType<KvProtocol[M]>> {
    if (this.service !== undefined) yield* ctx.work(this.service.sample(ctx.random));
    ctx.update((state) => {
      if (this.fillGuard) state.fills.delete(key);
      const writes = state.writes.get(key);
      state.writes.set(key, { open: (writes?.open ?? 0) + 1, overlapped: writes !== undefined });
    });
    let value: KvValue | undefined;
    try {
      const reply = (yield* ctx.forward(this.store as NodeRef, message, payload, {
        deadline: this.deadline,
      })) as ReturnType<KvProtocol[M]>;
      value = written(reply);
      return reply;
    } finally {
      ctx.update((state) => this.wrote(state, key, value, ctx));
    }
  }

  private wrote(state: CacheState<S>, key: string, value: KvValue | undefined, ctx: Context<CacheState<S>>): void {
    const { open, overlapped } = state.writes.get(key) as OpenWrites;
    if (open > 1) state.writes.set(key, { open: open - 1, overlapped: true });
    else state.writes.delete(key);
    this.invalidate(state, key, ctx);
    if (this.keepWritten && value !== undefined && !overlapped) this.keep(state, key, { found: true, value }, ctx);
  }
}

const fillSignal = (fill: number): string => `fill ${fill}`;
