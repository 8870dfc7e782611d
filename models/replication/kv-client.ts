/**
 * Clients of a replicated key-value store: each sends one operation at a time, records it, thinks, and goes on.
 *
 * How an operation is done is the store's matter (`KvStore`): sent to the primary, or done by the client itself at a quorum.
 * Values written are unique, so that a checker knows who read from whom. An operation whose fate is unknown is recorded as
 * `info`, never as `fail`.
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  parseDuration,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type QuorumUsed,
} from '../../sim/index.ts';
import { oneAtATime } from '../client/one-at-a-time.ts';
import { nextLife } from '../durability/next-life.ts';
import type { Change, StoredValue } from './command.ts';

export interface KvClientState {
  /** Names this client until it crashes. */
  session: string;
  /** Updates begun in this session. */
  issued: number;
  /** Place in the store's list of the node that it talks to first. */
  target: number;
  /** Until when, on its own monotonic clock, it wants requests passed on to a leader. Default: not at all. */
  passOnUntil?: Micros;
  /** The highest stamp counter that it has used or seen, for stores that order writes by client stamps. */
  counter: number;
  /** Operations that ended ok. */
  succeeded: number;
  /** Quorums that its operations were done with, for stores that work so. */
  quorums: QuorumUsed[];
}

export type KvClientContext = Context<KvClientState>;

/** The outcome of a successful operation. */
export interface Answered {
  /** What was read; undefined after an update. */
  readonly value?: StoredValue | null;
  /** False for a compare-and-set that found another value. Default true. */
  readonly applied?: boolean;
  /** Who answered, when one node did. */
  readonly by?: NodeRef;
}

/** A way to a store. Its flows run on the client's node and fail with CallError. */
export interface KvStore {
  read(key: string, operation: number, ctx: KvClientContext): Flow<Answered>;
  update(change: Change, operation: number, ctx: KvClientContext): Flow<Answered>;
}

export interface KvClientOptions {
  readonly store: KvStore;
  /** Keys to choose from, all equally likely. Default `['x']`. */
  readonly keys?: readonly string[];
  /** Share of the operations that read, 0…1. Default 0.5. */
  readonly reads?: number;
  /** Share of the updates that compare and set instead of writing, 0…1. Default 0. */
  readonly cas?: number;
  /** Updates add an element to a set instead of writing a register. Default false. */
  readonly sets?: boolean;
  /** Which change the next update makes, instead of what the three fields above say. `value` is unique, `known` what was read last of the key. */
  readonly change?: (key: string, value: string, known: StoredValue | null, ctx: KvClientContext) => Change;
  /** Time between two operations. Default exponential with mean 20 ms. */
  readonly think?: DistributionSpec;
  /** When the first operation may begin. Default 0. */
  readonly from?: Duration;
  /** No operation begins after that, on the client's own clock. Default: goes on for ever. */
  readonly until?: Duration;
  /** Operations in all, from 0 on; Infinity: no limit. Default Infinity. */
  readonly operations?: number;
}

/** A closed-loop client. Throws ConfigError naming the option. */
export function kvClient(options: KvClientOptions): Actor<KvClientState, Record<never, never>> {
  const settings = settingsOf(options);
  return defineActor<KvClientState, Record<never, never>>({
    role: 'client',
    init: (ctx) => newSession(ctx.self.id),
    // A client that has crashed begins a new session: it does not know what it had sent.
    recover: (_disk, ctx) => newSession(nextLife(ctx)),
    start: (_state, ctx) => ctx.spawn(workload(settings, ctx)),
  });
}

const newSession = (session: string): KvClientState => ({
  session,
  issued: 0,
  target: 0,
  counter: 0,
  succeeded: 0,
  quorums: [],
});

function settingsOf(options: KvClientOptions) {
  const { store, keys = ['x'], reads = 0.5, cas = 0, sets = false, operations = Infinity, change } = options;
  if (keys.length === 0) throw new ConfigError('kvClient.keys', keys, 'at least one key');
  for (const [field, share] of [
    ['reads', reads],
    ['cas', cas],
  ] as const) {
    if (!(share >= 0 && share <= 1)) throw new ConfigError(`kvClient.${field}`, share, 'a share from 0 to 1');
  }
  if (!(operations >= 0 && (Number.isInteger(operations) || operations === Infinity)))
    throw new ConfigError('kvClient.operations', operations, 'a whole number of at least 0, or Infinity');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'kvClient.until');
  const from = parseDuration(options.from ?? 0, 'kvClient.from');
  return {
    store,
    keys,
    reads,
    cas,
    sets,
    change,
    most: operations,
    from,
    until,
    pause: compile(options.think ?? exponential({ mean: ms(20) })),
  };
}

type Settings = ReturnType<typeof settingsOf>;

function* workload(settings: Settings, ctx: KvClientContext): Flow {
  yield* ctx.sleep(settings.from);
  let known: StoredValue | null = null;
  const knownOf = new Map<string, StoredValue | null>();
  yield* oneAtATime(settings, ctx, function* operation(): Flow {
    const key = ctx.random.pick(settings.keys);
    const change: Change | undefined = ctx.random.chance(settings.reads)
      ? undefined
      : nextChange(key, settings.change === undefined ? known : (knownOf.get(key) ?? null), settings, ctx);
    const read: StoredValue | null | undefined = yield* perform(key, change, settings, ctx);
    if (read === undefined) return;
    known = read;
    knownOf.set(key, read);
  });
}

function nextChange(
  key: string,
  known: StoredValue | null,
  { cas, sets, change }: Settings,
  ctx: KvClientContext,
): Change {
  const value = ctx.update((state) => `${state.session}.${++state.issued}`);
  if (change !== undefined) return change(key, value, known, ctx);
  if (sets) return { f: 'add', key, value };
  if (ctx.random.chance(cas) && !Array.isArray(known))
    return { f: 'cas', key, from: known as string | number | null, to: value };
  return { f: 'write', key, value };
}

function inputOf(change: Change): unknown {
  if (change.f === 'cas') return [change.from, change.to];
  return change.f === 'increment' ? change.by : change.value;
}

/** One operation, from its invocation to its one completion. Returns what was read. */
function* perform(
  key: string,
  change: Change | undefined,
  { store }: Settings,
  ctx: KvClientContext,
): Flow<StoredValue | null | undefined> {
  const f = change?.f ?? 'read';
  const input = change === undefined ? undefined : inputOf(change);
  const id = ctx.invoked(input === undefined ? { f, key } : { f, key, input });
  try {
    const answer = yield* change === undefined ? store.read(key, id, ctx) : store.update(change, id, ctx);
    if (answer.applied === false) {
      ctx.completed(id, 'fail', 'precondition-failed', answer.by);
      return undefined;
    }
    ctx.completed(id, 'ok', answer.value, answer.by);
    ctx.update((state) => state.succeeded++);
    return answer.value;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.completed(id, error.definite ? 'fail' : 'info', error.code);
    return undefined;
  }
}
