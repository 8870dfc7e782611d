/**
 * How clients find the leader of a group: they ask the one that led last, follow the hints of those that refuse, and try again
 * (Raft, §8; a refusal names the leader in the field `primary` of its detail).
 *
 * A client that a server has not answered asks those that do answer, for as long as its patience, to pass requests on to their leader
 * (passing-on.ts).
 */
import {
  CallError,
  ConfigError,
  ms,
  parseDuration,
  parsePeriod,
  reject,
  type Context,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Op,
} from '../../sim/index.ts';
import { eachOnce } from './each-once.ts';
import type { Passable } from './passing-on.ts';

export interface LeaderCallOptions<P> {
  /** Nodes that may lead, each once. */
  readonly nodes: readonly NodeRef<P>[];
  /** How long one attempt may take, above 0. Default 400 ms. */
  readonly attempt?: Duration;
  /** How long all of them may take. Default 2 s. */
  readonly patience?: Duration;
  /** Pause before the next attempt, above 0. Default 20 ms. */
  readonly pause?: Duration;
}

export interface LeaderCallSettings<P> {
  readonly nodes: readonly NodeRef<P>[];
  readonly attempt: Micros;
  readonly patience: Micros;
  readonly pause: Micros;
}

/** Throws ConfigError naming the option. */
export function leaderCallSettings<P>(options: LeaderCallOptions<P>, where: string): LeaderCallSettings<P> {
  const { nodes } = options;
  if (nodes.length === 0) throw new ConfigError(`${where}.nodes`, nodes, 'at least one node');
  eachOnce(nodes, `${where}.nodes`);
  return {
    nodes,
    attempt: parsePeriod(options.attempt ?? ms(400), `${where}.attempt`),
    patience: parseDuration(options.patience ?? '2s', `${where}.patience`),
    pause: parsePeriod(options.pause ?? ms(20), `${where}.pause`),
  };
}

/** What a client remembers of the servers' answers. */
export interface LeaderTarget {
  /** The node, by its place, that this client takes for the leader. */
  target: number;
  /** Until when, on its own monotonic clock, it wants requests passed on. */
  passOnUntil?: Micros;
}

/** How often a server that is too busy to look at a request is asked before another one is: it may well be the leader. */
const ASKED_WHILE_BUSY = 5;

const isBusy = ({ kind, code }: CallError): boolean => kind === 'overloaded' || code === 'unavailable';
const isSilent = ({ kind }: CallError): boolean => kind === 'timeout' || kind === 'reset';

/**
 * Calls the leader, whoever that is. Fails with CallError: definite when no attempt can have had an effect, for then all of them
 * were refused; refusals that `isFinal` knows end it.
 */
export function* callLeader<P, T, S extends LeaderTarget>(
  { nodes, pause, patience, attempt: longest }: LeaderCallSettings<P>,
  ctx: Context<S>,
  call: (node: NodeRef<P>, deadline: Micros, passing: Passable) => Op<T>,
  isFinal: (error: CallError) => boolean = () => false,
): Flow<{ readonly reply: T; readonly by: NodeRef }> {
  const end = ctx.clock.monotonic + patience;
  let asked: Set<number> | undefined;
  let definite = true;
  let busy = 0;
  for (;;) {
    const { target, passOnUntil = 0 } = ctx.state;
    const node = nodes[target % nodes.length] as NodeRef<P>;
    const now = ctx.clock.monotonic;
    const left = end - now;
    if (left <= 0) throw reject('no-leader', 'no leader answered in time', undefined, definite);
    try {
      const reply: T = yield* call(node, Math.min(longest, left), now < passOnUntil ? { passOn: true } : {});
      return { reply, by: node as NodeRef };
    } catch (error) {
      if (!(error instanceof CallError) || isFinal(error)) throw error;
      definite &&= error.definite;
      busy = isBusy(error) ? busy + 1 : 0;
      if (busy > 0 && busy < ASKED_WHILE_BUSY) {
        yield* ctx.sleep(pause);
        continue;
      }
      busy = 0;
      asked ??= new Set();
      asked.add(nodes.indexOf(node));
      const named = nodes.findIndex(({ id }) => id === leaderIn(error.detail));
      // A server whose clock stands still names a leader that has long gone: nobody is asked twice before all have been asked.
      const known = named >= 0 && !asked.has(named);
      if (asked.size === nodes.length) asked.clear();
      const next = known ? named : firstNotIn(asked, nodes.indexOf(node) + 1, nodes.length);
      ctx.update((state) => {
        state.target = next;
        if (isSilent(error)) state.passOnUntil = ctx.clock.monotonic + patience;
      });
      if (!known) yield* ctx.sleep(pause);
    }
  }
}

/** The first place from `from` on, around the ring, that is not in `taken`; one is free. */
function firstNotIn(taken: ReadonlySet<number>, from: number, length: number): number {
  let place = from % length;
  while (taken.has(place)) place = (place + 1) % length;
  return place;
}

const leaderIn = (detail: unknown): string | undefined =>
  typeof detail === 'object' && detail !== null && 'primary' in detail ? String(detail.primary) : undefined;
