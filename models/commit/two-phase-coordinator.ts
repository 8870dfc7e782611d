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
  COORDINATOR_LOG,
  emptyCoordinator,
  keepOutcome,
  openEpoch,
  stopCoordinator,
  type CommitCoordinatorState,
  type CoordinatorContext,
  type CoordinatorRecord,
} from './coordinator-state.ts';

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
  readonly participants: ReadonlyMap<string, NodeRef<ParticipantProtocol>>;
  readonly forced: boolean;
  readonly deadline: Micros;
}

/** Throws ConfigError. */
export function twoPhaseCoordinator(
  options: TwoPhaseCoordinatorOptions,
): Actor<CommitCoordinatorState, CoordinatorProtocol> {
  const settings: Settings = {
    participants: new Map(options.participants.map((ref) => [ref.id, ref])),
    forced: (options.decision ?? 'forced') === 'forced',
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
      for (const id of state.transactions.keys()) ctx.spawn(spread(id, settings, ctx));
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
    phase: ({ broken, epoch }) => (broken ? 'broken' : epoch === 0 ? 'recovering' : 'coordinator'),
  });
}

function* transact(changes: readonly AccountChange[], settings: Settings, ctx: CoordinatorContext): Flow<Committed> {
  const { id, participants } = ctx.update((state) => beginTransaction(state, changes, ctx));
  const votes = yield* ctx.all(participants.map((name) => voteOf(name, id, participants, changes, settings, ctx)));
  if (!votes.every((vote) => vote === 'yes') || !(yield* decideToCommit(id, participants, settings, ctx))) {
    ctx.update((state) => {
      state.transactions.delete(id);
      keepOutcome(state, id, 'aborted', participants, ctx.clock.monotonic);
    });
    for (const name of participants) ctx.send(refOf(name, settings), 'abort', { id });
    throw reject('aborted', `${id} was aborted`);
  }
  ctx.spawn(spread(id, settings, ctx));
  return { id };
}

const refOf = (name: string, { participants }: Settings): NodeRef<ParticipantProtocol> => {
  const ref = participants.get(name);
  if (ref === undefined) throw reject('unknown-participant', `there is no participant ${name}`);
  return ref;
};

function* voteOf(
  name: string,
  id: string,
  participants: readonly string[],
  changes: readonly AccountChange[],
  settings: Settings,
  ctx: CoordinatorContext,
): Flow<'yes' | 'no'> {
  const own = changes.filter(({ at }) => at === name);
  const proposal = { id, coordinator: ctx.self as NodeRef<CoordinatorProtocol>, participants, changes: own };
  try {
    return yield* ctx.call(refOf(name, settings), 'prepare', proposal, { deadline: settings.deadline });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return 'no';
  }
}

/** The commit point. False when the disk is full: nothing has been written then. */
function* decideToCommit(
  id: string,
  participants: readonly string[],
  { forced }: Settings,
  ctx: CoordinatorContext,
): Flow<boolean> {
  try {
    ctx.disk.append(COORDINATOR_LOG, { event: 'committed', id, participants } satisfies CoordinatorRecord);
  } catch (error) {
    if (error instanceof CallError) return false;
    throw error;
  }
  if (forced) yield* syncOrStop(ctx, stopCoordinator);
  ctx.update((state) => {
    const own = state.transactions.get(id);
    if (own !== undefined) own.stage = 'committed';
  });
  return true;
}

/** Tells all participants to commit until each has acknowledged it; only then may the transaction be forgotten. */
function* spread(id: string, settings: Settings, ctx: CoordinatorContext): Flow {
  const participants = [...(ctx.state.transactions.get(id)?.participants ?? [])];
  yield* ctx.all(participants.map((name) => tell(name, id, settings, ctx)));
  try {
    // Not forced: a crash that loses it only has the decision told once more.
    ctx.disk.append(COORDINATOR_LOG, { event: 'end', id } satisfies CoordinatorRecord);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
  ctx.update((state) => ended(state, id, ctx));
}

/** Everybody has committed: nobody has to be told again. It is kept for questions that were long on their way. */
function ended(state: CommitCoordinatorState, id: string, ctx: CoordinatorContext): void {
  const own = state.transactions.get(id);
  if (own === undefined) return;
  state.transactions.delete(id);
  keepOutcome(state, id, 'committed', own.participants, ctx.clock.monotonic);
}

function* tell(name: string, id: string, settings: Settings, ctx: CoordinatorContext): Flow {
  for (;;) {
    try {
      return yield* ctx.call(refOf(name, settings), 'commit', { id }, { deadline: settings.deadline });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      yield* ctx.sleep(ms(50));
    }
  }
}
