/**
 * A write-behind cache: it acknowledges a write when it has it, and writes it to the store later, in batches; several writes of a
 * key in between become one ("coalescing"). With Poisson writes of rate λ to a key and a flush every T, the store sees
 * 1 − e^(−λT) writes of it a flush instead of λT.
 *
 * What is not flushed yet ("dirty") is lost in a crash, on average λT/2 writes of such a key, although it was acknowledged; unless
 * `journal` is on: then a write is acknowledged when it is in a log on the cache's own disk, and a crash loses nothing that was
 * acknowledged. As a store does, it then answers a read only when the writes that the answer rests on are durable, and after a
 * failed fsync refuses everything until it has been restarted.
 *
 * It must be the store's only client: reads see what is dirty here only. Flushes are compare-and-sets against what the store was
 * last known to hold, so that a flush that was given up and arrives late cannot undo a later one (values that come back apart);
 * a removal is written as `null`, which this protocol treats as absent. When `mostDirty` keys are dirty, writes of further ones wait for
 * a flush: a store that is away for long stops the writes in the end.
 */
import {
  CallError,
  NEVER,
  canonicalJson,
  compile,
  copyOf,
  defineActor,
  parseDuration,
  parsePeriod,
  reject,
} from '../../sim/index.ts';
import type { Actor, Context, Distribution, Duration, Flow, Micros, NodeRef, Sampler } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { KvFound, KvProtocol, KvValue } from '../store/kv-protocol.ts';
import { atLeastOne } from './at-least-one.ts';
import { CacheShape, type CacheTable } from './cache-table.ts';
import { DirtyKeys, type Dirty, type DirtyState } from './dirty-keys.ts';
import type { EvictionPolicy } from './policy.ts';

export interface WriteBehindOptions<S> {
  readonly store: NodeRef<KvProtocol>;
  /** Clean keys that it holds, at least 1; dirty ones come on top. */
  readonly capacity: number;
  readonly policy: EvictionPolicy<S>;
  /** Acknowledged writes survive its crash. Default false. */
  readonly journal?: boolean;
  /** From the beginning of a flush to the next, on its own clock, above 0. Default 1 s. */
  readonly every?: Duration;
  /** Keys that are flushed at the same time, at least 1. Default 100. */
  readonly batch?: number;
  /** At least 1. Default 1,000. */
  readonly mostDirty?: number;
  /** CPU work of a request. Default none. */
  readonly service?: Distribution;
  /** For each call to the store, and for a write that waits for room. Default 1 s. */
  readonly deadline?: Duration;
  /** Default `cache`. */
  readonly role?: string;
}

export interface WriteBehindState<S> extends DirtyState {
  /** What the store holds too. */
  table: CacheTable<KvFound, S>;
  /** Loads that are under way, by key: number of the last one. */
  loads: Map<string, number>;
  nextLoad: number;
  flushing: boolean;
  /** An fsync has failed: nothing is answered until a restart. */
  failed: boolean;
}

type BehindContext<S> = Context<WriteBehindState<S>>;

/** The actor. Counters: hits, misses, writes, coalesced, flushed, flush-failed, held-up. */
export function writeBehind<S>(options: WriteBehindOptions<S>): Actor<WriteBehindState<S>, KvProtocol> {
  const desk = new BehindDesk(options);
  return defineActor<WriteBehindState<S>, KvProtocol>({
    role: options.role ?? 'cache',
    init: () => desk.initial({ dirty: new Map(), next: 1, generation: 0, records: 0, compacting: false }),
    recover: (disk) => desk.initial(desk.keys.recovered(disk)),
    start(state, ctx) {
      desk.keys.booted(state, ctx);
      ctx.setTimer('flush', desk.every);
    },
    timers: {
      flush(state, ctx) {
        ctx.setTimer('flush', desk.every);
        desk.flushSoon(state, ctx);
      },
    },
    on: { health: () => ({ ok: true }) },
    flows: {
      get: ({ key }, ctx) => desk.get(key, ctx),
      put: ({ key, value }, ctx) => desk.write(key, ctx, () => ({ value, reply: {} }), false),
      remove: ({ key }, ctx) => desk.write(key, ctx, () => ({ value: null, reply: {} }), false),
      cas: ({ key, from, to }, ctx) =>
        desk.write<{ readonly swapped: boolean }>(key, ctx, (now) => {
          const swapped = canonicalJson(now) === canonicalJson(from ?? null);
          return swapped ? { value: to, reply: { swapped } } : { reply: { swapped } };
        }),
      add: ({ key, by }, ctx) =>
        desk.write(key, ctx, (now) => {
          if (typeof (now ?? 0) !== 'number') throw reject('not-a-number', `${key} holds ${canonicalJson(now)}`);
          const value = ((now ?? 0) as number) + by;
          return { value, reply: { value } };
        }),
    },
    phase: (state) => (state.flushing ? 'flushing' : 'waiting'),
  });
}

/** What a write makes of what the key holds (null: nothing). Without `value` nothing changes. */
interface Written<R> {
  readonly value?: KvValue;
  readonly reply: R;
}

/** A key that goes on being written while somebody waits for a look at it. */
const MOST_ATTEMPTS = 10;

/** What a write-behind cache does. Holds options only. */
class BehindDesk<S> {
  readonly every: Micros;
  readonly keys: DirtyKeys;
  private readonly store: NodeRef<KvProtocol>;
  private readonly shape: CacheShape<KvFound, S>;
  private readonly durable: boolean;
  private readonly batch: number;
  private readonly mostDirty: number;
  private readonly deadline: Micros;
  private readonly service: Sampler | undefined;

  constructor(options: WriteBehindOptions<S>) {
    this.store = options.store;
    this.shape = new CacheShape(options.capacity, options.policy);
    this.durable = options.journal ?? false;
    this.keys = new DirtyKeys(this.durable);
    this.every = parsePeriod(options.every ?? '1s', 'writeBehind.every');
    this.batch = atLeastOne(options.batch ?? 100, 'writeBehind.batch');
    this.mostDirty = atLeastOne(options.mostDirty ?? 1_000, 'writeBehind.mostDirty');
    this.deadline = parseDuration(options.deadline ?? '1s', 'writeBehind.deadline');
    this.service = options.service === undefined ? undefined : compile(options.service, 'writeBehind.service');
  }

  initial(keys: DirtyState): WriteBehindState<S> {
    return { ...keys, table: this.shape.empty(), loads: new Map(), nextLoad: 1, flushing: false, failed: false };
  }

  *get(key: string, ctx: BehindContext<S>): Flow<KvFound> {
    yield* this.admit(ctx);
    let found = ctx.update((state) => this.held(state, key));
    ctx.count(found === undefined ? 'misses' : 'hits');
    if (found === undefined) {
      const loaded = yield* this.load(key, ctx);
      // A write that came meanwhile is newer.
      found = ctx.update((state) => this.held(state, key)) ?? loaded;
    }
    // What is clean is in the store for good.
    if (ctx.state.dirty.has(key)) yield* this.settled(ctx);
    return found;
  }

  /** `looks`: what it makes depends on what the key holds. */
  *write<R>(key: string, ctx: BehindContext<S>, make: (now: KvValue) => Written<R>, looks = true): Flow<R> {
    yield* this.admit(ctx);
    yield* this.room(key, ctx);
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const written = ctx.update((state) => {
        const now = this.held(state, key);
        return now === undefined && looks ? undefined : this.change(state, key, make(valueOf(now)), ctx);
      });
      if (written !== undefined) {
        yield* this.settled(ctx);
        return written.reply;
      }
      yield* this.load(key, ctx);
    }
    throw reject('contended', `${key} left the cache again and again while it was being written`);
  }

  private change<R>(state: WriteBehindState<S>, key: string, written: Written<R>, ctx: BehindContext<S>): Written<R> {
    if (!('value' in written)) return written;
    ctx.count('writes');
    if (state.dirty.has(key)) ctx.count('coalesced');
    const clean = state.table.entries.get(key)?.value;
    this.keys.mark(state, key, written.value, clean === undefined ? undefined : [valueOf(copyOf(clean))], ctx);
    this.shape.remove(state.table, key);
    state.loads.delete(key);
    return written;
  }

  private *admit(ctx: BehindContext<S>): Flow {
    if (this.service !== undefined) yield* ctx.work(this.service.sample(ctx.random));
    if (ctx.state.failed) throw reject('storage-failed', `the disk of ${ctx.self.id} failed to sync: restart it`);
  }

  /** Waits until the key may become dirty. */
  private *room(key: string, ctx: BehindContext<S>): Flow {
    const until = ctx.clock.monotonic + this.deadline;
    while (ctx.state.dirty.size >= this.mostDirty && !ctx.state.dirty.has(key)) {
      ctx.count('held-up');
      ctx.update((state) => this.flushSoon(state, ctx));
      const left = until - ctx.clock.monotonic;
      if (left <= 0) throw reject('overloaded', `${ctx.self.id} has ${ctx.state.dirty.size} keys to flush`);
      try {
        yield* ctx.wait('flushed', left);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
      }
    }
  }

  /** What it has of the key, dirty or clean. */
  private held(state: WriteBehindState<S>, key: string): KvFound | undefined {
    const dirty = state.dirty.get(key);
    if (dirty !== undefined) return foundOf(copyOf(dirty.value));
    return copyOf(this.shape.lookup(state.table, key, 0)?.value);
  }

  private *load(key: string, ctx: BehindContext<S>): Flow<KvFound> {
    const number = ctx.update((state) => {
      state.loads.set(key, state.nextLoad);
      return state.nextLoad++;
    });
    const found = foundOf(valueOf(yield* ctx.call(this.store, 'get', { key }, { deadline: this.deadline })));
    ctx.update((state) => {
      if (state.loads.get(key) !== number) return;
      state.loads.delete(key);
      this.keepClean(state, key, found, ctx);
    });
    return found;
  }

  private keepClean(state: WriteBehindState<S>, key: string, found: KvFound, ctx: BehindContext<S>): void {
    this.shape.insert(
      state.table,
      key,
      { value: copyOf(found), filled: ctx.clock.monotonic, expires: NEVER, took: 0 },
      ctx.random,
    );
  }

  /** With a journal, nothing is answered that a crash could take back. */
  private *settled(ctx: BehindContext<S>): Flow {
    if (this.durable) yield* syncOrStop(ctx, (state) => void (state.failed = true));
  }

  /** One flush at a time. */
  flushSoon(state: WriteBehindState<S>, ctx: BehindContext<S>): void {
    if (state.flushing || state.dirty.size === 0) return;
    state.flushing = true;
    ctx.spawn(this.flush(ctx));
  }

  private *flush(ctx: BehindContext<S>): Flow {
    const keys = [...ctx.state.dirty.keys()];
    for (let from = 0; from < keys.length; from += this.batch)
      yield* ctx.all(keys.slice(from, from + this.batch).map((key) => this.flushKey(key, ctx)));
    ctx.update((state) => {
      state.flushing = false;
      this.keys.compact(state, ctx);
    });
    ctx.signal('flushed');
  }

  private *flushKey(key: string, ctx: BehindContext<S>): Flow {
    const { value, number, stored } = copyOf(ctx.state.dirty.get(key)) as Dirty;
    try {
      yield* this.bring(key, value, stored, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.count('flush-failed');
      // What the store holds is not known any more, unless it said no.
      if (!error.definite) ctx.update((state) => this.keys.forgetStored(state, key));
      return;
    }
    ctx.count('flushed');
    ctx.update((state) => {
      if (this.keys.flushed(state, key, number, value, ctx)) this.keepClean(state, key, foundOf(value), ctx);
    });
  }

  /** Makes the store hold `value`. `stored`: what it holds now, in a list; absent when that is not known. */
  private *bring(key: string, value: KvValue, stored: readonly [KvValue] | undefined, ctx: BehindContext<S>): Flow {
    const { deadline } = this;
    let known = stored;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      known ??= [valueOf(yield* ctx.call(this.store, 'get', { key }, { deadline }))];
      const [from] = known;
      if (canonicalJson(from) === canonicalJson(value)) return;
      const { swapped } = yield* ctx.call(this.store, 'cas', { key, from, to: value }, { deadline });
      if (swapped) return;
      known = undefined;
    }
    throw reject('contended', `somebody else writes ${key}`);
  }
}

/** Absent and null are the same here. */
const valueOf = (found: KvFound | undefined): KvValue => (found?.found === true ? (found.value ?? null) : null);
const foundOf = (value: KvValue): KvFound => (value === null ? { found: false } : { found: true, value });
