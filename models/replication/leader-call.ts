/**
 * How clients find the leader of a group: they ask the one that led last, follow the hints of those that refuse, and try again
 * (Raft, §8; a refusal names the leader in the field `primary` of its detail).
 */
import {
  CallError,
  ms,
  parseDuration,
  reject,
  type Context,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Op,
} from '../../sim/index.ts';

export interface LeaderCallOptions<P> {
  readonly nodes: readonly NodeRef<P>[];
  /** How long one attempt may take. Default 400 ms. */
  readonly attempt?: Duration;
  /** How long all of them may take. Default 2 s. */
  readonly patience?: Duration;
  /** Pause before the next attempt. Default 20 ms. */
  readonly pause?: Duration;
}

export interface LeaderCallSettings<P> {
  readonly nodes: readonly NodeRef<P>[];
  readonly attempt: Micros;
  readonly patience: Micros;
  readonly pause: Micros;
}

/** Throws ConfigError naming the option. */
export const leaderCallSettings = <P>(options: LeaderCallOptions<P>, where: string): LeaderCallSettings<P> => ({
  nodes: options.nodes,
  attempt: parseDuration(options.attempt ?? ms(400), `${where}.attempt`),
  patience: parseDuration(options.patience ?? '2s', `${where}.patience`),
  pause: parseDuration(options.pause ?? ms(20), `${where}.pause`),
});

/** Names the node, by its place, that this client takes for the leader. */
interface Target {
  target: number;
}

/**
 * Calls the leader, whoever that is. Fails with CallError: definite when no attempt can have had an effect, for then all of them
 * were refused; refusals that `isFinal` knows end it.
 */
export function* callLeader<P, T, S extends Target>(
  { nodes, pause, patience, attempt: longest }: LeaderCallSettings<P>,
  ctx: Context<S>,
  call: (node: NodeRef<P>, deadline: Micros) => Op<T> | Flow<T>,
  isFinal: (error: CallError) => boolean = () => false,
): Flow<{ readonly reply: T; readonly by: NodeRef }> {
  const end = ctx.clock.monotonic + patience;
  const asked = new Set<number>();
  let definite = true;
  for (;;) {
    const node = nodes[ctx.state.target % nodes.length] as NodeRef<P>;
    const left = end - ctx.clock.monotonic;
    if (left <= 0) throw reject('no-leader', 'no leader answered in time', undefined, definite);
    try {
      const reply: T = yield* call(node, Math.min(longest, left));
      return { reply, by: node as NodeRef };
    } catch (error) {
      if (!(error instanceof CallError) || isFinal(error)) throw error;
      definite &&= error.definite;
      asked.add(nodes.indexOf(node));
      const named = nodes.findIndex(({ id }) => id === leaderIn(error.detail));
      // A server whose clock stands still names a leader that has long gone: nobody is asked twice before all have been asked.
      const known = named >= 0 && !asked.has(named);
      if (asked.size === nodes.length) asked.clear();
      const next = known ? named : firstNotIn(asked, nodes.indexOf(node) + 1, nodes.length);
      ctx.update((state) => {
        state.target = next;
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
