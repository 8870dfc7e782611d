/**
 * Raft: a replicated log by an elected leader, and the key-value store that the log makes.
 *
 * Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014 (extended version: "paper"), and
 * Ongaro, "Consensus: Bridging Theory and Practice", Stanford 2014 ("dissertation"). One file per concern; each rule cites its
 * section where it decides.
 *
 * Promises, with f of 2f + 1 voters down: linearizable updates, applied once for each session; linearizable reads. It rests on
 * nothing but durable terms, votes and log entries: whatever messages, pauses and clocks do costs time only. Lease reads are
 * the exception: they ask that clocks keep within a bound. Rotten records are noticed (storage.ts); a disk that confirms what it does
 * not keep is beyond Raft.
 *
 * Election: randomized timeouts, pre-vote, check-quorum (election.ts). Log: pipelined appends, conflicts a term at a time,
 * commitment of own-term entries (shipping, answers, following, leading). Snapshots in parts (applying, installing). Members:
 * joint consensus, learners (membership). Reads: read-index, leases (reads). Sessions (requests). Transfer.
 *
 * Simplified: a server compacts its own log when it likes (no shared schedule); a snapshot is one text, taken in one step; the
 * configuration's first version is known to all from the start.
 */
import { defineActor, type Actor } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { servedByLeader } from '../../replication/passing-on.ts';
import { awaitLeader } from '../election-timing.ts';
import { otherLeader } from '../must-lead.ts';
import { onAppended, onInstalled } from './answers.ts';
import { onElectionTimeout, onHeartbeat, onRequestVote, onTimeoutNow, onVote } from './election.ts';
import { onAppend } from './following.ts';
import { onInstall } from './installing.ts';
import { reconfigure } from './membership.ts';
import type { RaftProtocol } from './raft-protocol.ts';
import { freshState, type RaftState } from './raft-state.ts';
import { read, readIndex } from './reads.ts';
import { recoveredState } from './recovery.ts';
import { open, update } from './requests.ts';
import { raftSettings, type RaftOptions } from './settings.ts';
import { transfer } from './transfer.ts';

/** One server of the group. All nodes are given the same actor. Throws ConfigError naming the option. */
export function raft(options: RaftOptions): Actor<RaftState, RaftProtocol> {
  const settings = raftSettings(options);
  const byLeader = servedByLeader([...settings.nodes.values()], settings.patience, otherLeader);
  return defineActor<RaftState, RaftProtocol>({
    role: 'replica',
    init: () => freshState(settings),
    recover: (disk, ctx) => recoveredState(disk, settings, ctx),
    start(state, ctx) {
      if (state.broken === '') awaitLeader(settings, ctx);
    },
    on: {
      requestVote: (state, message, ctx) => onRequestVote(state, message, settings, ctx),
      vote: (state, message, ctx) => onVote(state, message, settings, ctx),
      append: (state, message, ctx) => onAppend(state, message, settings, ctx),
      appended: (state, message, ctx) => onAppended(state, message, settings, ctx),
      install: (state, message, ctx) => onInstall(state, message, settings, ctx),
      installed: (state, message, ctx) => onInstalled(state, message, settings, ctx),
      timeoutNow: (state, message, ctx) => onTimeoutNow(state, message, settings, ctx),
    },
    flows: {
      read: (request, ctx) =>
        settings.followerReads
          ? read(request, settings, ctx)
          : byLeader('read', request, ctx, (own) => read(own, settings, ctx)),
      update: (request, ctx) => byLeader('update', request, ctx, (own) => update(own, settings, ctx)),
      open: (request, ctx) => byLeader('open', request, ctx, () => open(settings, ctx)),
      readIndex: (_request, ctx) => readIndex(settings, ctx),
      reconfigure: (request, ctx) => reconfigure(request, settings, ctx),
      transfer: (request, ctx) => transfer(request, settings, ctx),
    },
    timers: {
      election: (state, ctx) => onElectionTimeout(state, settings, ctx),
      heartbeat: (state, ctx) => unlessDiskFull(() => onHeartbeat(state, settings, ctx)),
    },
    phase: ({ broken, role }) => (broken === '' ? role : 'broken'),
  });
}
