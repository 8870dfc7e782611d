/**
 * Failover from outside, as orchestrators, sentinels and people do it: a node that is no replica watches the group and promotes one of
 * the replicas, on a schedule (a switchover) or when nobody has served for a while.
 *
 * First it fences: it asks nodes to follow no earlier term any more, and learns what their logs have. With `freshest` it promotes the one
 * whose log ends last, among so many answers that every acknowledged update is in one of them: where an update is acknowledged
 * on k disks, all nodes but k − 1. Then nothing acknowledged is lost, whatever the old primary, the network and the
 * operator itself do meanwhile: no two terms can be won without a node that is in both. With fewer answers, or `rank`, which takes the
 * first in line, the updates that had not reached the chosen one are cut off later, acknowledged or not.
 *
 * The one that served last is chosen only if the answers do not suffice without its own (MHA and Redis Sentinel never choose it): a primary
 * that crashes again and again is back, and freshest, whenever the operator asks, and gone before it has served.
 */
import {
  CallError,
  ConfigError,
  defineActor,
  ms,
  oneOf,
  parseDuration,
  parsePeriod,
  type Actor,
  type Context,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Waitable,
} from '../../sim/index.ts';
import { eachOnce } from './each-once.ts';
import type { ReplicaProtocol, ReplicaStatus } from './replica-protocol.ts';

export interface FailoverOperatorOptions {
  /** The group's nodes, each once, in order of their rank. */
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  /** Which of the nodes that answer it promotes. Default `freshest`. */
  readonly choose?: 'freshest' | 'rank';
  /** How many nodes it must have fenced before it promotes one, 1…N. Default: all but one, which suits `semi-sync`. */
  readonly answers?: number;
  /** Nobody has served for this long, by what it hears: it promotes. `never`: only on schedule. Default 500 ms. */
  readonly silence?: Duration | 'never';
  /** When it promotes in any case, on its own clock. Default: never. */
  readonly at?: readonly Duration[];
  /** Between two rounds of questions, and how long it waits for answers to one; above 0. Default 100 ms. */
  readonly every?: Duration;
}

export interface FailoverOperatorState {
  /** The highest term that it has heard of or begun. */
  term: number;
  /** Who serves, by what it last heard; '' for nobody. */
  primary: string;
  /** The last one that served, or was asked to; '' for nobody. */
  lastPrimary: string;
  /** When it last heard of somebody who serves, on its monotonic clock. */
  servedAt: number;
  /** Promotions that were accepted. */
  promoted: number;
  /** How many of the scheduled promotions are done. */
  scheduled: number;
}

type OperatorContext = Context<FailoverOperatorState>;

interface Settings {
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  readonly choose: 'freshest' | 'rank';
  readonly answers: number;
  readonly silence: Micros;
  readonly at: readonly Micros[];
  readonly every: Micros;
}

/** Throws ConfigError naming the option. */
export function failoverOperator(options: FailoverOperatorOptions): Actor<FailoverOperatorState, Record<never, never>> {
  const settings = settingsOf(options);
  return defineActor<FailoverOperatorState, Record<never, never>>({
    role: 'operator',
    init: (ctx) => ({
      term: 0,
      primary: '',
      lastPrimary: '',
      servedAt: ctx.clock.monotonic,
      promoted: 0,
      scheduled: 0,
    }),
    start: (_state, ctx) => ctx.spawn(watch(settings, ctx)),
  });
}

function settingsOf(options: FailoverOperatorOptions): Settings {
  const { nodes, choose = 'freshest', answers = Math.max(1, nodes.length - 1), at = [] } = options;
  if (nodes.length === 0) throw new ConfigError('failoverOperator.nodes', nodes, 'at least one node');
  eachOnce(nodes, 'failoverOperator.nodes');
  if (!Number.isInteger(answers) || answers < 1 || answers > nodes.length)
    throw new ConfigError('failoverOperator.answers', answers, `a whole number from 1 to ${nodes.length}`);
  const { silence = ms(500) } = options;
  return {
    nodes,
    choose: oneOf(choose, ['freshest', 'rank'], 'failoverOperator.choose'),
    answers,
    silence: silence === 'never' ? Infinity : parseDuration(silence, 'failoverOperator.silence'),
    at: at.map((instant) => parseDuration(instant, 'failoverOperator.at')),
    every: parsePeriod(options.every ?? ms(100), 'failoverOperator.every'),
  };
}

function* watch(settings: Settings, ctx: OperatorContext): Flow {
  for (;;) {
    yield* ctx.sleep(settings.every);
    const heard: ReplicaStatus[] = yield* answersOf(settings, ctx, (node) =>
      ctx.call(node, 'status', {}, { deadline: settings.every }),
    );
    const now = ctx.clock.monotonic;
    const due = ctx.update((state) => {
      state.term = Math.max(state.term, ...heard.map(({ term }) => term));
      const serving = heard.find(({ serving: serves, term }) => serves && term === state.term);
      state.primary = serving?.id ?? '';
      if (serving !== undefined) {
        state.lastPrimary = serving.id;
        state.servedAt = now;
      }
      const scheduled = now >= (settings.at[state.scheduled] ?? Infinity);
      if (scheduled) state.scheduled++;
      return scheduled || now - state.servedAt >= settings.silence;
    });
    if (due) yield* failOver(settings, ctx);
  }
}

/** Asks all nodes at once, and waits until each has answered, refused, or kept silent for too long. */
function* answersOf<T>(
  { nodes }: Settings,
  ctx: OperatorContext,
  ask: (node: NodeRef<ReplicaProtocol>) => Waitable<T>,
): Flow<T[]> {
  const answers: (T | undefined)[] = yield* ctx.all(nodes.map((node) => orNothing(ask(node))));
  return answers.flatMap((answer) => (answer === undefined ? [] : [answer]));
}

function* orNothing<T>(asked: Waitable<T>): Flow<T | undefined> {
  try {
    return yield* asked;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return undefined;
  }
}

function* failOver(settings: Settings, ctx: OperatorContext): Flow {
  const { every, nodes } = settings;
  const term = ctx.update((state) => ++state.term);
  ctx.note(`fences the group for term ${term}`);
  const fenced: ReplicaStatus[] = yield* answersOf(settings, ctx, (node) =>
    ctx.call(node, 'fence', { term }, { deadline: every }),
  );
  if (fenced.length < settings.answers) {
    ctx.note(`only ${fenced.length} of ${nodes.length} nodes have answered: promotes nobody`);
    return;
  }
  const candidates = candidatesOf(fenced, settings, ctx.state);
  const chosen = settings.choose === 'rank' ? candidates[0] : freshestOf(candidates);
  const node = nodes.find(({ id }) => id === chosen?.id);
  if (node === undefined) return;
  ctx.note(`promotes ${node.id} in term ${term}`);
  ctx.update((state) => {
    state.lastPrimary = node.id;
  });
  const promoted: true | undefined = yield* orNothing(promotion(node, term, every, ctx));
  if (promoted === undefined) return;
  ctx.update((state) => {
    state.promoted++;
    state.servedAt = ctx.clock.monotonic;
  });
}

function* promotion(node: NodeRef<ReplicaProtocol>, term: number, deadline: Micros, ctx: OperatorContext): Flow<true> {
  yield* ctx.call(node, 'promote', { term }, { deadline });
  return true;
}

/** All but the last primary; if those are too few, it comes last, so that among equals another one is chosen. */
function candidatesOf(
  fenced: readonly ReplicaStatus[],
  { answers }: Settings,
  { lastPrimary }: FailoverOperatorState,
): readonly ReplicaStatus[] {
  const others = fenced.filter(({ id }) => id !== lastPrimary);
  return others.length >= answers ? others : [...others, ...fenced.filter(({ id }) => id === lastPrimary)];
}

/** The first of those whose logs end last. */
const freshestOf = (answers: readonly ReplicaStatus[]): ReplicaStatus | undefined =>
  answers.reduce<ReplicaStatus | undefined>(
    (best, one) =>
      best === undefined ||
      one.last.term > best.last.term ||
      (one.last.term === best.last.term && one.last.index > best.last.index)
        ? one
        : best,
    undefined,
  );
