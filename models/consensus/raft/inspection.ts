/** A server's state as the invariants of Raft look at it (sim/check/invariants). */
import { ListedLog, type RaftView } from '../../../sim/index.ts';
import type { LogEntry } from './raft-log.ts';
import { configurationOf, type RaftState } from './raft-state.ts';

const termOf = ({ term }: LogEntry): number => term;
const contentOf = ({ content }: LogEntry): unknown => content;

/** What `raftInvariants({ view: raftView, voters: raftVoters })` asks for. */
export function raftView(state: RaftState): RaftView {
  const { log, durable, snapshot } = state;
  const snapshotIndex = snapshot?.last.index ?? 0;
  return {
    term: state.term,
    role: state.role,
    votedFor: state.votedFor,
    log: new ListedLog(log.entries, termOf, contentOf, log.base.index, snapshotIndex + 1),
    commitIndex: state.commitIndex,
    appliedIndex: state.appliedIndex,
    snapshotIndex,
    snapshotTerm: snapshot?.last.term ?? 0,
    durable: { term: durable.term, votedFor: durable.votedFor, lastIndex: durable.lastIndex },
  };
}

/** The sets of voters of which each had to agree by majority when a leader last committed: others may be in use since. */
export function raftVoters(state: RaftState): readonly (readonly string[])[] {
  const counted = state.configurations.find(({ index }) => index === state.countedBy);
  const { voters, outgoing } = counted ?? configurationOf(state);
  return outgoing.length === 0 ? [voters] : [voters, outgoing];
}
