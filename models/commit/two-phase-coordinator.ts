/**
 * The coordinator of two-phase commit, with presumed abort (Mohan, Lindsay and Obermarck, "Transaction management in the R*
 * distributed database management system", TODS 1986).
 *
 * Phase one asks all participants to prepare; phase two tells them to commit if all have voted yes, else to abort. It promises
 * atomicity under crashes of anybody, lost, doubled, late and reordered messages, partitions and wrong clocks. It does not promise
 * to end: participants that have voted yes wait for as long as the coordinator is away.
 *
 * What decides is the one forced write: the record `committed` is on disk before anybody is told. Nothing is written about a transaction before, or when
 * it aborts: who asks about one that the coordinator does not know is told that it was aborted. Therefore the decision to commit is told until
 * every participant has acknowledged it, and transactions carry the number of the coordinator's life, so that
 * a request that the network has doubled never brings one back that has been presumed aborted. Each commit costs 4 messages per participant.
 */
import {
  CallError,
  defineActor,
  ms,
  oneOf,
  parseDuration,
  reject,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { AccountChange, Committed, CoordinatorProtocol, ParticipantProtocol } from './commit-protocol.ts';
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

export interface TwoPhaseCoordinatorOptions {
  readonly participants: readonly NodeRef<ParticipantProtocol>[];
  /**
   * `forced`: a decision to commit is on disk before anybody is told. `lazy`: it is written, and told at once; a crash may lose what
   * others have acted on. Default `forced`.
   */
  readonly decision?: 'forced' | 'lazy';
  /** How long a vote is waited for, and the acknowledgement of a decision before it is sent again. Default 150 ms. */
  readonly deadline?: Duration;
}

interface Settings {
  readonly participants: readonly NodeRef<ParticipantProtocol>[];
  readonly forced: boolean;
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function twoPhaseCoordinator(
  options: TwoPhaseCoordinatorOptions,
): Actor<CommitCoordinatorState, CoordinatorProtocol> {
  const settings: Settings = {
    participants: options.participants,
    forced: oneOf(options.decision ?? 'forced', ['forced', 'lazy'], 'twoPhaseCoordinator.decision') === 'forced',
    deadline: parseDuration(options.deadline ?? '150ms', 'twoPhaseCoordinator.deadline'),
  };
  return defineActor<CommitCoordinatorState, CoordinatorProtocol>({
    role: 'coordinator',
    init: emptyCoordinator,
    recover(disk, ctx) {
      const state = emptyCoordinator();
      for (const record of coordinatorLog(disk, ctx)) {
        if (record.event === 'committed')
          state.transactions.set(record.id, { participants: record.participants, stage: 'committed' });
        else if (record.event === 'end') ended(state, record.id, ctx);
      }
      return state;
    },
    start(state, ctx) {
      ctx.spawn(openEpoch(ctx));
      const { participants: all, deadline } = settings;
      for (const [id, { participants }] of state.transactions)
        ctx.spawn(spread(id, refsOf(participants, all), deadline, ctx));
    },
    on: {
      inquire(state, { id, participants }, ctx) {
        if (state.broken) throw reject('disk-failed');
        const kept = state.outcomes.get(id);
        if (kept !== undefined) return kept.outcome;
        const known = state.transactions.get(id);
        if (known !== undefined) return known.stage === 'committed' ? 'committed' : 'undecided';
        keepOutcome(state, id, 'aborted', participants, ctx.clock.monotonic);
        return 'aborted';
      },
    },
    flows: { transact: ({ changes }, ctx) => transact(changes, settings, ctx) },
    phase: coordinatorPhase,
  });
}

function* transact(
  changes: readonly AccountChange[],
  { participants: all, forced, deadline }: Settings,
  ctx: CoordinatorContext,
): Flow<Committed> {
  const begun = ctx.update((state) => beginTransaction(state, changes, ctx));
  const { id, participants } = begun;
  const asked = refsOf(participants, all);
  if (!(yield* allVoteYes(begun, changes, asked, deadline, ctx)) || !(yield* decideToCommit(begun, forced, ctx))) {
    ctx.update((state) => keepOutcome(state, id, 'aborted', participants, ctx.clock.monotonic));
    return refuse(id, asked, ctx);
  }
  ctx.spawn(spread(id, asked, deadline, ctx));
  return { id };
}

/** The commit point. False when the disk is full: nothing has been written then. */
function* decideToCommit({ id, participants }: Begun, forced: boolean, ctx: CoordinatorContext): Flow<boolean> {
  if (!written({ event: 'committed', id, participants }, ctx)) return false;
  if (forced) yield* syncOrStop(ctx, stopCoordinator);
  ctx.update((state) => {
    const own = state.transactions.get(id);
    if (own !== undefined) own.stage = 'committed';
  });
  return true;
}

/** Tells all participants to commit until each has acknowledged it; only then may the transaction be forgotten. */
function* spread(
  id: string,
  participants: readonly NodeRef<ParticipantProtocol>[],
  deadline: Micros,
  ctx: CoordinatorContext,
): Flow {
  yield* ctx.all(participants.map((ref) => tell(ref, id, deadline, ctx)));
  // Neither forced nor insisted on: without it the decision is only told once more after a crash.
  written({ event: 'end', id }, ctx);
  ctx.update((state) => ended(state, id, ctx));
}

/** Everybody has committed: nobody has to be told again. It is kept for questions that were long on their way. */
function ended(state: CommitCoordinatorState, id: string, ctx: CoordinatorContext): void {
  const own = state.transactions.get(id);
  if (own !== undefined) keepOutcome(state, id, 'committed', own.participants, ctx.clock.monotonic);
}

function* tell(ref: NodeRef<ParticipantProtocol>, id: string, deadline: Micros, ctx: CoordinatorContext): Flow {
  for (;;) {
    try {
      return yield* ctx.call(ref, 'commit', { id }, { deadline });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      yield* ctx.sleep(ms(50));
    }
  }
}
