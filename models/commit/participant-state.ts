/** What a participant of atomic commitment keeps, in memory and on disk; two and three phases alike. */
import {
  ConfigError,
  reject,
  type CommitView,
  type Context,
  type Coordinated,
  type DiskView,
  type NodeRef,
  type ParticipantState,
} from '../../sim/index.ts';
import { apply, lock, obstacle, unlock, type AccountTable } from './account-table.ts';
import { noteLately, type Lately } from './lately.ts';
import type { AccountChange, CommitOutcome, Proposal } from './commit-protocol.ts';

/** `…ing`: the record is written and not yet on disk. */
export type Stage = 'preparing' | 'prepared' | 'precommitting' | 'precommitted' | 'committing' | 'aborting';

/** A transaction that this participant has a part in and does not know the outcome of. */
export interface Pending {
  readonly coordinator: NodeRef;
  readonly participants: readonly string[];
  readonly changes: readonly AccountChange[];
  stage: Stage;
  /** What others may know of it: what is on disk. */
  shown: ParticipantState;
  /** When it came to this stage, or when this participant came back, on its monotonic clock. */
  since: number;
  /** It was read from the disk: others may have decided without this participant. */
  recovered: boolean;
  /** Nobody who could be asked knew the outcome. */
  blocked: boolean;
}

export interface CommitParticipantState extends AccountTable {
  pending: Map<string, Pending>;
  /** Of all transactions that have ended here. */
  outcomes: Map<string, CommitOutcome>;
  lately: Lately[];
  /** Decisions that it took for all, as backup coordinator of three-phase commit. */
  decided: Map<string, { readonly outcome: CommitOutcome; readonly participants: readonly string[] }>;
  /** How often nobody who could be asked knew the outcome. */
  timesBlocked: number;
  /** Its disk has failed to sync: it answers nothing until it is restarted. */
  broken: boolean;
}

export type ParticipantContext = Context<CommitParticipantState>;

export type ParticipantRecord =
  | { readonly event: 'prepared'; readonly proposal: Proposal }
  | { readonly event: 'precommitted' | CommitOutcome; readonly id: string };

export const PARTICIPANT_LOG = 'transactions';

export const emptyParticipant = (balances: Readonly<Record<string, number>>): CommitParticipantState => ({
  balances: { ...balances },
  locks: {},
  pending: new Map(),
  outcomes: new Map(),
  lately: [],
  decided: new Map(),
  timesBlocked: 0,
  broken: false,
});

/** Throws ConfigError naming the account. */
export function checkedBalances(
  balances: Readonly<Record<string, number>>,
  field: string,
): Readonly<Record<string, number>> {
  for (const [account, balance] of Object.entries(balances))
    if (!(Number.isSafeInteger(balance) && balance >= 0))
      throw new ConfigError(`${field}.${account}`, balance, 'a whole number of at least 0');
  return balances;
}

export function phaseOf({ broken, pending }: CommitParticipantState): string {
  if (broken) return 'broken';
  let phase = 'participant';
  for (const { stage, blocked } of pending.values()) {
    if (blocked) return 'blocked';
    if (stage === 'prepared') phase = 'in-doubt';
  }
  return phase;
}

export const mustWork = ({ broken }: CommitParticipantState): void => {
  if (broken) throw reject('disk-failed', 'its disk has failed', undefined, false);
};

/** Votes: locks the accounts and writes the record when it can promise the changes. False: no. */
export function admit(state: CommitParticipantState, proposal: Proposal, ctx: ParticipantContext): boolean {
  mustWork(state);
  const { id, coordinator, participants, changes } = proposal;
  if (state.outcomes.has(id)) return state.outcomes.get(id) === 'committed';
  const known = state.pending.get(id);
  if (known !== undefined) return known.stage !== 'aborting';
  const reason = obstacle(state, changes);
  if (reason !== undefined) {
    ctx.note(`votes no on ${id}: ${reason}`);
    return false;
  }
  ctx.disk.append(PARTICIPANT_LOG, { event: 'prepared', proposal } satisfies ParticipantRecord);
  lock(state, id, changes);
  const since = ctx.clock.monotonic;
  const fresh = { stage: 'preparing', shown: 'working', since, recovered: false, blocked: false } as const;
  state.pending.set(id, { coordinator, participants, changes, ...fresh });
  return true;
}

/** A record is on disk: the transaction moves on, unless it has moved elsewhere meanwhile. */
export function reached(
  state: CommitParticipantState,
  id: string,
  stage: 'prepared' | 'precommitted',
  from: Stage,
  ctx: ParticipantContext,
): boolean {
  const own = state.pending.get(id);
  if (own === undefined || own.stage !== from) return own?.stage === stage;
  own.stage = own.shown = stage;
  own.since = ctx.clock.monotonic;
  return true;
}

/** The outcome is on disk: the changes are made, or not, and the locks are let go. */
export function finish(state: CommitParticipantState, id: string, outcome: CommitOutcome, at: number): void {
  const own = state.pending.get(id);
  if (own === undefined) return;
  if (outcome === 'committed') apply(state, own.changes);
  unlock(state, id, own.changes);
  state.pending.delete(id);
  noteOutcome(state, id, outcome, at);
}

export function noteOutcome(state: CommitParticipantState, id: string, outcome: CommitOutcome, at: number): void {
  state.outcomes.set(id, outcome);
  noteLately(state.lately, id, at);
}

/** All that the log tells: who is prepared keeps its locks. */
export function recoveredParticipant(
  balances: Readonly<Record<string, number>>,
  disk: DiskView,
  ctx: ParticipantContext,
): CommitParticipantState {
  const state = emptyParticipant(balances);
  const log = disk.log<ParticipantRecord>(PARTICIPANT_LOG);
  ctx.disk.truncate(PARTICIPANT_LOG, log.length);
  const since = ctx.clock.monotonic;
  for (const record of log) {
    if (record.event === 'prepared') {
      const { id, coordinator, participants, changes } = record.proposal;
      lock(state, id, changes);
      const fresh = { stage: 'prepared', shown: 'prepared', since, recovered: true, blocked: false } as const;
      state.pending.set(id, { coordinator, participants, changes, ...fresh });
    } else if (record.event === 'precommitted') {
      const own = state.pending.get(record.id);
      if (own !== undefined) own.stage = own.shown = 'precommitted';
    } else if (state.pending.has(record.id)) finish(state, record.id, record.event, since);
    else noteOutcome(state, record.id, record.event, since);
  }
  return state;
}

export const DECISIONS = { committed: 'commit', aborted: 'abort' } as const;

/** Nobody in reach knows the outcome. */
export function block(state: CommitParticipantState, id: string, ctx: ParticipantContext): void {
  const own = state.pending.get(id);
  if (own === undefined) return;
  if (!own.blocked) ctx.note(`is blocked: nobody in reach knows the outcome of ${id}`);
  own.blocked = true;
  state.timesBlocked++;
}

/** For `atomicCommitInvariants`: what a participant has told, and the last few transactions that ended. */
export function participantView({ pending, outcomes, lately, decided }: CommitParticipantState): CommitView {
  const takesPart: [string, ParticipantState][] = [];
  for (const [id, { shown }] of pending) takesPart.push([id, shown]);
  for (const { id } of lately) takesPart.push([id, outcomes.get(id) ?? 'aborted']);
  if (decided.size === 0) return { takesPart };
  const coordinates: [string, Coordinated][] = [];
  for (const { id } of lately) {
    const own = decided.get(id);
    if (own !== undefined) coordinates.push([id, { participants: own.participants, decision: DECISIONS[own.outcome] }]);
  }
  return { takesPart, coordinates };
}
