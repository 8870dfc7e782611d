/**
 * A client of a Cassandra-style store: it reads and writes rows, one operation at a time, each by way of a node picked at
 * random. Values are unique. Timestamps are the coordinators', or its own, which rise whatever its clock does, as drivers do
 * it today.
 *
 * A deletion is recorded as a write of null. An operation is `ok` when its level was met, `fail` when it was certainly
 * refused everywhere, else `info`.
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  oneOf,
  parseDuration,
  parsePeriod,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { oneAtATime } from '../client/one-at-a-time.ts';
import { nextLife } from '../durability/next-life.ts';
import type { CassandraProtocol } from './cassandra-protocol.ts';
import { WRITE_LEVELS, type ConsistencyLevel } from './consistency-level.ts';

export interface RowClientState {
  /** Names this client until it crashes. */
  session: string;
  /** Values that it has made up. */
  issued: number;
  /** Its latest timestamp. */
  lastTimestamp: Micros;
  /** What it has last done to each row that it writes. */
  rows: Record<string, 'written' | 'deleted'>;
}

export interface RowClientOptions {
  readonly nodes: readonly NodeRef<CassandraProtocol>[];
  /** Rows that it reads. */
  readonly reads: readonly string[];
  /** Rows that it writes: give a row one writer. Default: none. */
  readonly writes?: readonly string[];
  /** Not EACH_QUORUM, which is for writes. */
  readonly readLevel: ConsistencyLevel;
  readonly writeLevel: ConsistencyLevel;
  /** Who gives writes their timestamps. Default `client`. */
  readonly timestamps?: 'client' | 'coordinator';
  /** Whether it deletes a row once that it has written, and leaves it so. Default false. */
  readonly deletes?: boolean;
  /** How long it waits for one of the nodes that it asks, above 0. Default 600 ms. */
  readonly attempt?: Duration;
  /** Time between two operations. Default exponential with mean 80 ms. */
  readonly think?: DistributionSpec;
  /** No operation begins after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
}

/** Nodes asked for one operation at most. */
const ATTEMPTS = 3;

type Settings = RowClientOptions &
  Required<Pick<RowClientOptions, 'writes' | 'timestamps' | 'deletes'>> & { readonly deadline: Micros };
type RowClientContext = Context<RowClientState>;

/** Throws ConfigError naming the option. */
export function rowClient(options: RowClientOptions): Actor<RowClientState, Record<never, never>> {
  const deadline = parsePeriod(options.attempt ?? ms(600), 'rowClient.attempt');
  const settings: Settings = { writes: [], timestamps: 'client', deletes: false, ...options, deadline };
  if (options.nodes.length === 0) throw new ConfigError('rowClient.nodes', options.nodes, 'at least one node');
  if (options.reads.length === 0) throw new ConfigError('rowClient.reads', options.reads, 'at least one row');
  checkLevels(options);
  oneOf(settings.timestamps, ['client', 'coordinator'], 'rowClient.timestamps');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'rowClient.until');
  const pause = compile(options.think ?? exponential({ mean: ms(80) }));
  const begin = (session: string): RowClientState => ({ session, issued: 0, lastTimestamp: 0, rows: {} });
  return defineActor<RowClientState, Record<never, never>>({
    role: 'client',
    init: (ctx) => begin(ctx.self.id),
    recover: (_disk, ctx) => begin(nextLife(ctx)),
    start: (_state, ctx) => ctx.spawn(oneAtATime({ pause, until }, ctx, () => next(settings, ctx))),
  });
}

function checkLevels({ readLevel, writeLevel }: RowClientOptions): void {
  oneOf(readLevel, WRITE_LEVELS, 'rowClient.readLevel');
  if (readLevel === 'EACH_QUORUM')
    throw new ConfigError('rowClient.readLevel', readLevel, 'a level for reads: EACH_QUORUM is for writes');
  oneOf(writeLevel, WRITE_LEVELS, 'rowClient.writeLevel');
}

/** A write where it writes at all and the row is not done with, or a read, equally likely. */
function* next(settings: Settings, ctx: RowClientContext): Flow {
  if (settings.writes.length > 0 && ctx.random.chance(0.5)) {
    const key = ctx.random.pick(settings.writes);
    if (ctx.state.rows[key] !== 'deleted') return yield* change(key, settings, ctx);
  }
  const key = ctx.random.pick(settings.reads);
  const id = ctx.invoked({ f: 'read', key });
  yield* perform(id, settings, ctx, function* reading(node) {
    return (yield* ctx.call(node, 'read', { key, level: settings.readLevel }, { deadline: settings.deadline })).value;
  });
}

function* change(key: string, settings: Settings, ctx: RowClientContext): Flow {
  const { writeLevel: level, deletes, timestamps, deadline } = settings;
  const isDeletion = deletes && ctx.state.rows[key] === 'written';
  const wall = ctx.clock.wall;
  const { value, timestamp } = ctx.update((state) => {
    state.lastTimestamp = Math.max(wall, state.lastTimestamp + 1);
    if (!isDeletion) state.rows[key] = 'written';
    return { value: isDeletion ? null : `${state.session}.${++state.issued}`, timestamp: state.lastTimestamp };
  });
  const request = { key, value, level };
  const id = ctx.invoked({ f: 'write', key, input: value });
  const asked = timestamps === 'client' ? { ...request, timestamp } : request;
  const done = yield* perform(id, settings, ctx, function* writing(node) {
    yield* ctx.call(node, 'write', asked, { deadline });
    return undefined;
  });
  // One that may not have been done is tried again when the row's turn comes.
  if (done && isDeletion) ctx.update((state) => void (state.rows[key] = 'deleted'));
}

/** Asks one node after the other. Whether it was done. */
function* perform(
  id: number,
  { nodes }: Settings,
  ctx: RowClientContext,
  ask: (node: NodeRef<CassandraProtocol>) => Flow<unknown>,
): Flow<boolean> {
  let definite = true;
  for (const [tried, node] of ctx.random.shuffle(nodes).entries()) {
    try {
      ctx.completed(id, 'ok', yield* ask(node), node);
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      definite &&= error.definite;
      if (tried + 1 < Math.min(ATTEMPTS, nodes.length)) continue;
      ctx.completed(id, definite ? 'fail' : 'info', error.code);
    }
    break;
  }
  return false;
}
