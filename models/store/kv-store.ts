/**
 * A key-value store on one node: a table in memory, a log on disk.
 *
 * With `fsync: 'always'` an answer is given once everything that it rests on is durable: a write waits for its own record, a read
 * for the writes that it has seen (otherwise a crash could take back what a reader was told). So every acknowledged operation
 * survives every crash, and the store is linearizable. With `'never'` answers come at once and a crash loses what the operating
 * system had not written yet.
 *
 * After a failed fsync nobody knows what reached the disk, and a second fsync would not tell ("fsyncgate"): the store refuses
 * everything until it is restarted and has read its log, as PostgreSQL does since 2018.
 *
 * The log is rewritten when it has grown: a new generation begins with a copy of the table and a mark with its size, in the other
 * one of two files; recovery takes the newest generation whose mark is right. A record lost out of the middle of what was not
 * synced is harmless: nobody was told of it.
 */
import { CallError, ConfigError, canonicalJson, compile, copyOf, defineActor, reject } from '../../sim/index.ts';
import type { Actor, Context, DiskView, Distribution, Flow, Sampler } from '../../sim/index.ts';
import type { KvFound, KvProtocol, KvValue } from './kv-protocol.ts';

export interface KvStoreOptions {
  /** When acknowledged writes are durable. Default `always`. */
  readonly fsync?: 'always' | 'never';
  /** CPU work of one operation. Default none. */
  readonly service?: Distribution;
  /** Log records beyond the number of keys after which the log is rewritten, at least 1. Default 10,000. */
  readonly compactAfter?: number;
  /** Default `store`. */
  readonly role?: string;
}

export interface KvStoreState {
  values: Map<string, KvValue>;
  /** How often the log has been rewritten; its parity names the file. */
  generation: number;
  /** The other file is not gone for good yet. */
  compacting: boolean;
  /** Records in it. */
  records: number;
  /** An fsync has failed: nothing is answered until a restart. */
  failed: boolean;
}

/** Value absent: the key was removed. */
interface LogRecord {
  readonly key: string;
  readonly value?: KvValue;
}

/** Ends the copy of the table at the head of a generation. */
interface Mark {
  readonly generation: number;
  readonly copied: number;
}

type StoreContext = Context<KvStoreState>;

/** The actor. Counters: get, put, cas, add, remove. */
export function kvStore(options: KvStoreOptions = {}): Actor<KvStoreState, KvProtocol> {
  const store = new KvTable(options);
  return defineActor<KvStoreState, KvProtocol>({
    role: options.role ?? 'store',
    init: () => ({ values: new Map(), generation: 0, compacting: false, records: 0, failed: false }),
    recover: (disk) => recovered(disk),
    start(state, ctx) {
      // A torn record would hide what is appended after it.
      if (ctx.disk.damage().length > 0)
        for (const name of [logName(0), logName(1)]) ctx.disk.truncate(name, ctx.disk.log(name).length);
      if (state.compacting) ctx.spawn(dropOther(ctx, state.generation));
    },
    on: { health: () => ({ ok: true }) },
    flows: {
      get: ({ key }, ctx) => store.serve('get', ctx, (state) => found(state, key)),
      put: ({ key, value }, ctx) =>
        store.serve('put', ctx, (state) => {
          store.write(state, ctx, key, value);
          return {};
        }),
      cas: ({ key, from, to }, ctx) =>
        store.serve('cas', ctx, (state) => {
          const swapped = canonicalJson(state.values.get(key) ?? null) === canonicalJson(from ?? null);
          if (swapped) store.write(state, ctx, key, to);
          return { swapped };
        }),
      add: ({ key, by }, ctx) =>
        store.serve('add', ctx, (state) => {
          const before = state.values.get(key) ?? 0;
          if (typeof before !== 'number') throw reject('not-a-number', `${key} holds ${canonicalJson(before)}`);
          store.write(state, ctx, key, before + by);
          return { value: before + by };
        }),
      remove: ({ key }, ctx) =>
        store.serve('remove', ctx, (state) => {
          if (state.values.has(key)) store.write(state, ctx, key, undefined);
          return {};
        }),
    },
  });
}

const found = (state: KvStoreState, key: string): KvFound =>
  state.values.has(key) ? { found: true, value: copyOf(state.values.get(key)) } : { found: false };

/** What a store does. Holds options only. */
class KvTable {
  private readonly durable: boolean;
  private readonly service: Sampler | undefined;
  private readonly compactAfter: number;

  constructor(options: KvStoreOptions) {
    const { fsync = 'always', compactAfter = 10_000 } = options;
    if (fsync !== 'always' && fsync !== 'never') throw new ConfigError('store.fsync', fsync, "'always' or 'never'");
    if (!Number.isInteger(compactAfter) || compactAfter < 1)
      throw new ConfigError('store.compactAfter', compactAfter, 'a whole number of at least 1');
    this.durable = fsync === 'always';
    this.service = options.service === undefined ? undefined : compile(options.service, 'store.service');
    this.compactAfter = compactAfter;
  }

  *serve<R>(name: string, ctx: StoreContext, act: (state: KvStoreState) => R): Flow<R> {
    ctx.count(name);
    if (this.service !== undefined) yield* ctx.work(this.service.sample(ctx.random));
    if (ctx.state.failed) throw reject('storage-failed', `the disk of ${ctx.self.id} failed to sync: restart it`);
    const reply = ctx.update(act);
    if (this.durable && ctx.disk.unsynced > 0) yield* this.synced(ctx);
    return reply;
  }

  private *synced(ctx: StoreContext): Flow {
    try {
      yield* ctx.disk.fsync();
    } catch (error) {
      if (error instanceof CallError && error.code === 'fsync-failed') ctx.update((state) => (state.failed = true));
      throw error;
    }
  }

  /** Logs first: when the disk is full, nothing has changed. `value` undefined removes the key. */
  write(state: KvStoreState, ctx: StoreContext, key: string, value: KvValue): void {
    const record: LogRecord = value === undefined ? { key } : { key, value };
    ctx.disk.append(logName(state.generation), record);
    state.records++;
    if (value === undefined) state.values.delete(key);
    else state.values.set(key, value);
    if (!state.compacting && state.records > state.values.size + this.compactAfter) compact(state, ctx);
  }
}

const logName = (generation: number): string => `log-${generation % 2}`;

function compact(state: KvStoreState, ctx: StoreContext): void {
  state.generation++;
  state.compacting = true;
  const name = logName(state.generation);
  for (const [key, value] of state.values) ctx.disk.append(name, { key, value });
  ctx.disk.append(name, { generation: state.generation, copied: state.values.size });
  state.records = state.values.size;
  ctx.spawn(dropOther(ctx, state.generation));
}

/** The former generation goes only when the new one is durable, and its file is used again only when it is gone for good. */
function* dropOther(ctx: StoreContext, generation: number): Flow {
  try {
    yield* ctx.disk.fsync();
    ctx.disk.remove(logName(generation + 1));
    yield* ctx.disk.fsync();
  } catch {
    return; // both files stay, and the next recovery chooses
  }
  ctx.update((state) => (state.compacting = false));
}

function recovered(disk: DiskView): KvStoreState {
  const logs = [disk.log<LogRecord | Mark>(logName(0)), disk.log<LogRecord | Mark>(logName(1))] as const;
  // Generation 0 has no mark; it is there as long as no other is complete.
  let best: readonly (LogRecord | Mark)[] = logs[0];
  let generation = 0;
  for (const log of logs) {
    const at = log.findIndex((record) => 'copied' in record);
    const mark = log[at] as Mark | undefined;
    if (mark !== undefined && mark.copied === at && mark.generation > generation) {
      best = log;
      generation = mark.generation;
    }
  }
  const values = new Map<string, KvValue>();
  for (const record of best) {
    if ('copied' in record) continue;
    if (record.value === undefined) values.delete(record.key);
    else values.set(record.key, record.value);
  }
  const compacting = (best === logs[0] ? logs[1] : logs[0]).length > 0;
  return { values, generation, compacting, records: best.length, failed: false };
}
