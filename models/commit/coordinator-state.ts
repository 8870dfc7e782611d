/** What a coordinator of atomic commitment keeps, in memory and on disk; two and three phases alike. */
import {
  copyOf,
  reject,
  type CommitView,
  type Context,
  type Coordinated,
  type DiskView,
  type Flow,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import type { AccountChange, CommitOutcome } from './commit-protocol.ts';
import { noteLately, type Lately } from './lately.ts';
import { DECISIONS } from './participant-state.ts';

export interface Coordination {
  readonly participants: readonly string[];
  stage: 'voting' | 'precommitting' | 'committed';
}

export interface CommitCoordinatorState {
  /** Which life this is: part of each transaction's id, so that no id is given twice. 0 until it is on disk. */
  epoch: number;
  begun: number;
  /** In progress: until the decision, and where the decision is to commit until all have acknowledged it. */
  transactions: Map<string, Coordination>;
  /** Of two phases those that are committed everywhere, and those aborted or presumed so in this life; of three phases all. */
  outcomes: Map<string, { readonly outcome: CommitOutcome; readonly participants: readonly string[] }>;
  lately: Lately[];
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

export type CoordinatorContext = Context<CommitCoordinatorState>;

export type CoordinatorRecord =
  | { readonly event: 'epoch'; readonly epoch: number }
  | { readonly event: CommitOutcome; readonly id: string; readonly participants: readonly string[] }
  | { readonly event: 'end'; readonly id: string };

const COORDINATOR_LOG = 'decisions';

export const emptyCoordinator = (): CommitCoordinatorState => ({
  epoch: 0,
  begun: 0,
  transactions: new Map(),
  outcomes: new Map(),
  lately: [],
  broken: false,
});

export const stopCoordinator = (state: CommitCoordinatorState): void => {
  state.broken = true;
};

/** The log, cut where it is damaged. */
export function coordinatorLog(disk: DiskView, ctx: CoordinatorContext): readonly CoordinatorRecord[] {
  const log = disk.log<CoordinatorRecord>(COORDINATOR_LOG);
  ctx.disk.truncate(COORDINATOR_LOG, log.length);
  return log;
}

/** Writes a record; false when the disk is full. */
export const written = (record: CoordinatorRecord, ctx: CoordinatorContext): boolean =>
  unlessDiskFull(() => ctx.disk.append(COORDINATOR_LOG, record));

/** A new life begins once its number is on disk. */
export function* openEpoch(ctx: CoordinatorContext): Flow {
  const last = ctx.disk
    .log<CoordinatorRecord>(COORDINATOR_LOG)
    .reduce((most, record) => (record.event === 'epoch' ? Math.max(most, record.epoch) : most), 0);
  ctx.disk.append(COORDINATOR_LOG, { event: 'epoch', epoch: last + 1 } satisfies CoordinatorRecord);
  yield* syncOrStop(ctx, stopCoordinator);
  ctx.update((state) => {
    state.epoch = last + 1;
  });
}

export interface Begun {
  readonly id: string;
  /** Names, in order. */
  readonly participants: readonly string[];
}

/** Takes a transaction on. */
export function beginTransaction(
  state: CommitCoordinatorState,
  changes: readonly AccountChange[],
  ctx: CoordinatorContext,
): Begun {
  if (state.broken) throw reject('disk-failed');
  if (state.epoch === 0) throw reject('recovering', `${ctx.self.id} reads its log`);
  const id = `${ctx.self.id}.${state.epoch}.${++state.begun}`;
  const participants = [...new Set(changes.map(({ at }) => at))].toSorted();
  state.transactions.set(id, { participants: copyOf(participants), stage: 'voting' });
  return { id, participants };
}

/** Ends a transaction: it is no longer in progress, and its outcome is kept for those who ask. */
export function keepOutcome(
  state: CommitCoordinatorState,
  id: string,
  outcome: CommitOutcome,
  participants: readonly string[],
  at: number,
): void {
  state.transactions.delete(id);
  state.outcomes.set(id, { outcome, participants: copyOf(participants) });
  noteLately(state.lately, id, at);
}

export const coordinatorPhase = ({ broken, epoch }: CommitCoordinatorState): string =>
  broken ? 'broken' : epoch === 0 ? 'recovering' : 'coordinator';

/** For `atomicCommitInvariants`: what is in progress, and the last few that were decided. */
export function coordinatorView({ transactions, outcomes, lately }: CommitCoordinatorState): CommitView {
  const coordinates: [string, Coordinated][] = [];
  for (const [id, { participants, stage }] of transactions)
    coordinates.push([id, { participants, decision: stage === 'committed' ? 'commit' : undefined }]);
  for (const { id } of lately) {
    const kept = outcomes.get(id);
    if (kept !== undefined)
      coordinates.push([id, { participants: kept.participants, decision: DECISIONS[kept.outcome] }]);
  }
  return { coordinates };
}
