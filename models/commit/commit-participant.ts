/** What participants of two and of three phases have in common; how each finds out an outcome that it was not told is its own. */
import type { Actor, Flow, Micros, NodeRef } from '../../sim/index.ts';
import {
  checkedBalances,
  emptyParticipant,
  phaseOf,
  recoveredParticipant,
  type CommitParticipantState,
  type ParticipantContext,
} from './participant-state.ts';

export interface CommitParticipantOptions<P> {
  /** All participants, this one included, to be asked when the coordinator does not answer. */
  readonly participants: readonly NodeRef<P>[];
  /** Balances at the beginning, by account; at least 0. */
  readonly balances: Readonly<Record<string, number>>;
  /** Default `participant`. */
  readonly role?: string;
}

type Shared = Pick<Actor<CommitParticipantState, unknown>, 'role' | 'init' | 'recover' | 'phase'>;

/**
 * Phases: `participant`, `in-doubt` (it has voted yes and knows no more), `blocked`, `broken`.
 * Throws ConfigError; `field` names the caller.
 */
export function commitParticipant<P>(options: CommitParticipantOptions<P>, field: string): Shared {
  const balances = checkedBalances(options.balances, `${field}.balances`);
  return {
    role: options.role ?? 'participant',
    init: () => emptyParticipant(balances),
    recover: (disk, ctx) => recoveredParticipant(balances, disk, ctx),
    phase: phaseOf,
  };
}

/** Goes after each transaction that it has heard nothing of for `patience`; after those from before a crash at once. */
export function pursue(
  state: CommitParticipantState,
  patience: Micros,
  ctx: ParticipantContext,
  resolve: (id: string) => Flow,
): void {
  if (state.broken) return;
  const before = ctx.clock.monotonic - patience;
  for (const [id, { stage, since, recovered }] of state.pending) {
    const waits = stage === 'prepared' || stage === 'precommitted';
    if (waits && (recovered || since <= before)) ctx.spawn(resolve(id));
  }
}

/** The other participants with these names. */
export const othersOf = <P>(
  names: readonly string[],
  participants: readonly NodeRef<P>[],
  { self }: ParticipantContext,
): NodeRef<P>[] => participants.filter(({ id }) => id !== self.id && names.includes(id));
