/**
 * The coordinator of three-phase commit (Skeen, 1981): prepare, precommit, commit; 6 messages per participant.
 *
 * It decides when every participant has acknowledged that it knows that all have voted yes; one that does not answer is taken for down, and
 * will ask when it is back. Its outcomes are on disk before anybody is told, and kept: a coordinator that was down asks nobody and
 * tells what it knows, the participants end by themselves what it had not decided (three-phase-participant.ts, also for what that is
 * worth under partitions: nothing).
 */
import {
  defineActor,
  parseDuration,
  reject,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { attempt } from './attempt.ts';
import type {
  AccountChange,
  Committed,
  CommitOutcome,
  Standing,
  ThreePhaseCoordinatorProtocol,
  ThreePhaseProtocol,
} from './commit-protocol.ts';
import {
  beginTransaction,
  coordinatorLog,
  coordinatorPhase,
  emptyCoordinator,
  keepOutcome,
  openEpoch,
  stopCoordinator,
  written,
  type Begun,
  type CommitCoordinatorState,
  type CoordinatorContext,
} from './coordinator-state.ts';
import { allVoteYes, refsOf, refuse } from './coordinator-steps.ts';

export interface ThreePhaseCoordinatorOptions {
  readonly participants: readonly NodeRef<ThreePhaseProtocol>[];
  /** Who has not answered after that is taken for down. Default 80 ms. */
  readonly deadline?: Duration;
}

interface Settings {
  readonly participants: readonly NodeRef<ThreePhaseProtocol>[];
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function threePhaseCoordinator(
  options: ThreePhaseCoordinatorOptions,
): Actor<CommitCoordinatorState, ThreePhaseCoordinatorProtocol> {
  const settings: Settings = {
    participants: options.participants,
    deadline: parseDuration(options.deadline ?? '80ms', 'threePhaseCoordinator.deadline'),
  };
  return defineActor<CommitCoordinatorState, ThreePhaseCoordinatorProtocol>({
    role: 'coordinator',
    init: emptyCoordinator,
    recover(disk, ctx) {
      const state = emptyCoordinator();
      for (const record of coordinatorLog(disk, ctx)) {
        if (record.event === 'committed' || record.event === 'aborted')
          keepOutcome(state, record.id, record.event, record.participants, ctx.clock.monotonic);
      }
      return state;
    },
    start: (_state, ctx) => ctx.spawn(openEpoch(ctx)),
    on: {
      stateOf(state, { id }): Standing {
        if (state.broken) throw reject('disk-failed');
        const kept = state.outcomes.get(id);
        if (kept !== undefined) return { knows: kept.outcome, recovered: false };
        const own = state.transactions.get(id);
        return { knows: own?.stage === 'precommitting' ? 'precommitted' : 'uncertain', recovered: own === undefined };
      },
    },
    flows: { transact: ({ changes }, ctx) => transact(changes, settings, ctx) },
    phase: coordinatorPhase,
  });
}

function* transact(
  changes: readonly AccountChange[],
  { participants: all, deadline }: Settings,
  ctx: CoordinatorContext,
): Flow<Committed> {
  const begun = ctx.update((state) => beginTransaction(state, changes, ctx));
  const { id, participants } = begun;
  const asked = refsOf(participants, all);
  if (!(yield* allVoteYes(begun, changes, asked, deadline, ctx))) {
    yield* decide(begun, 'aborted', ctx);
    return refuse(id, asked, ctx);
  }
  ctx.update((state) => {
    const own = state.transactions.get(id);
    if (own !== undefined) own.stage = 'precommitting';
  });
  yield* ctx.all(asked.map((ref) => attempt(ctx.call(ref, 'precommit', { id }, { deadline }))));
  yield* decide(begun, 'committed', ctx);
  for (const ref of asked) ctx.spawn(attempt(ctx.call(ref, 'commit', { id }, { deadline })));
  return { id };
}

/** The outcome is on disk before anybody is told. */
function* decide({ id, participants }: Begun, outcome: CommitOutcome, ctx: CoordinatorContext): Flow {
  if (!written({ event: outcome, id, participants }, ctx)) {
    // The disk is full. From here on it stands as if it had been down meanwhile: the participants end it among themselves.
    ctx.update(({ transactions }) => void transactions.delete(id));
    throw reject('undecided', `${ctx.self.id} could not write the outcome of ${id}`, undefined, false);
  }
  yield* syncOrStop(ctx, stopCoordinator);
  ctx.update((state) => keepOutcome(state, id, outcome, participants, ctx.clock.monotonic));
}
