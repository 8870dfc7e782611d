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
  COORDINATOR_LOG,
  emptyCoordinator,
  keepOutcome,
  openEpoch,
  stopCoordinator,
  type CommitCoordinatorState,
  type CoordinatorContext,
  type CoordinatorRecord,
} from './coordinator-state.ts';

export interface ThreePhaseCoordinatorOptions {
  readonly participants: readonly NodeRef<ThreePhaseProtocol>[];
  /** Who has not answered after that is taken for down. Default 80 ms. */
  readonly deadline?: Duration;
}

interface Settings {
  readonly participants: ReadonlyMap<string, NodeRef<ThreePhaseProtocol>>;
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function threePhaseCoordinator(
  options: ThreePhaseCoordinatorOptions,
): Actor<CommitCoordinatorState, ThreePhaseCoordinatorProtocol> {
  const settings: Settings = {
    participants: new Map(options.participants.map((ref) => [ref.id, ref])),
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
    phase: ({ broken, epoch }) => (broken ? 'broken' : epoch === 0 ? 'recovering' : 'coordinator'),
  });
}

function* transact(
  changes: readonly AccountChange[],
  { participants: refs, deadline }: Settings,
  ctx: CoordinatorContext,
): Flow<Committed> {
  const { id, participants } = ctx.update((state) => beginTransaction(state, changes, ctx));
  const coordinator = ctx.self;
  const asked = participants.flatMap((name) => refs.get(name) ?? []);
  const votes = yield* ctx.all(
    asked.map((ref) => {
      const own = changes.filter(({ at }) => at === ref.id);
      return attempt(ctx.call(ref, 'prepare', { id, coordinator, participants, changes: own }, { deadline }));
    }),
  );
  if (asked.length < participants.length || !votes.every((vote) => vote === 'yes')) {
    yield* decide(id, 'aborted', participants, ctx);
    for (const ref of asked) ctx.send(ref, 'abort', { id });
    throw reject('aborted', `${id} was aborted`);
  }
  ctx.update((state) => {
    const own = state.transactions.get(id);
    if (own !== undefined) own.stage = 'precommitting';
  });
  yield* ctx.all(asked.map((ref) => attempt(ctx.call(ref, 'precommit', { id }, { deadline }))));
  yield* decide(id, 'committed', participants, ctx);
  for (const ref of asked) ctx.spawn(attempt(ctx.call(ref, 'commit', { id }, { deadline })));
  return { id };
}

/** The outcome is on disk before anybody is told. */
function* decide(id: string, outcome: CommitOutcome, participants: readonly string[], ctx: CoordinatorContext): Flow {
  ctx.disk.append(COORDINATOR_LOG, { event: outcome, id, participants } satisfies CoordinatorRecord);
  yield* syncOrStop(ctx, stopCoordinator);
  ctx.update((state) => {
    state.transactions.delete(id);
    keepOutcome(state, id, outcome, participants, ctx.clock.monotonic);
  });
}
