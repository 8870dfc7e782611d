/**
 * Multi-Paxos: a replicated log by a stable leader, and the key-value store that the log makes.
 *
 * Lamport, "The part-time parliament", TOCS 1998, and "Paxos made simple", 2001 (its sections are cited where they decide); Chandra,
 * Griesemer and Redstone, "Paxos made live: an engineering perspective", PODC 2007; Howard, Malkhi and Spiegelman, "Flexible Paxos:
 * quorum intersection revisited", OPODIS 2016. Each slot of the log is one instance of Paxos (single-decree.ts); a leader does phase 1
 * once for all of them, so that a command costs one round trip, 2 (n − 1) messages.
 *
 * Promises, while a quorum of each phase can be reached: linearizable updates, applied once for each session; linearizable reads. It
 * rests on nothing but promises and votes that are on disk before they are told: messages may be lost, doubled and late, and
 * clocks run as they like; leaders may even be several. Rotten records are noticed (storage.ts); a disk that confirms what it does not
 * keep is beyond Paxos.
 *
 * Acceptor: accepting.ts. Proposer: electing.ts (phase 1, gaps filled with no-ops), leading.ts (phase 2, sending again, heartbeats). Learner:
 * learning.ts (the leader says up to where all is chosen; who lacks something asks for it or gets a snapshot). Reads: requests.ts.
 *
 * Simplified: the group's members are fixed; a snapshot is taken in one step and sent in one message; the leader has no lease.
 */
import { defineActor, type Actor } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { servedByLeader } from '../../replication/passing-on.ts';
import { awaitLeader } from '../election-timing.ts';
import { otherLeader } from '../must-lead.ts';
import { onAccept, onPrepare } from './accepting.ts';
import { onCanvass, onCanvassed, onElectionTimeout, onPromise, onRefused } from './electing.ts';
import { onAccepted, onAlive, onHeartbeat, onPulse } from './leading.ts';
import { onCatchUp, onChosen, onSnapshot } from './learning.ts';
import type { MultiPaxosProtocol } from './multi-paxos-protocol.ts';
import { freshState, type MultiPaxosState } from './multi-paxos-state.ts';
import { recoveredState } from './recovery.ts';
import { open, read, update } from './requests.ts';
import { multiPaxosSettings, type MultiPaxosOptions } from './settings.ts';

/** One server of the group. All nodes are given the same actor. Throws ConfigError naming the option. */
export function multiPaxos(options: MultiPaxosOptions): Actor<MultiPaxosState, MultiPaxosProtocol> {
  const settings = multiPaxosSettings(options);
  const byLeader = servedByLeader(settings.nodes, settings.patience, otherLeader);
  return defineActor<MultiPaxosState, MultiPaxosProtocol>({
    role: 'replica',
    init: freshState,
    recover: recoveredState,
    start(state, ctx) {
      if (state.broken === '') awaitLeader(settings, ctx);
    },
    on: {
      canvass: (state, message, ctx) => onCanvass(state, message, settings, ctx),
      canvassed: (state, message, ctx) => onCanvassed(state, message, settings, ctx),
      prepare: (state, message, ctx) => onPrepare(state, message, settings, ctx),
      promise: (state, message, ctx) => onPromise(state, message, settings, ctx),
      accept: (state, message, ctx) => onAccept(state, message, settings, ctx),
      accepted: (state, message, ctx) => onAccepted(state, message, settings, ctx),
      refused: (state, message, ctx) => onRefused(state, message, settings, ctx),
      heartbeat: (state, message, ctx) => onHeartbeat(state, message, settings, ctx),
      alive: (state, message, ctx) => onAlive(state, message, settings, ctx),
      catchUp: (state, message, ctx) => onCatchUp(state, message, settings, ctx),
      chosen: (state, message, ctx) => onChosen(state, message, settings, ctx),
      snapshot: (state, message, ctx) => onSnapshot(state, message, settings, ctx),
    },
    flows: {
      read: (request, ctx) => byLeader('read', request, ctx, (own) => read(own, settings, ctx)),
      update: (request, ctx) => byLeader('update', request, ctx, (own) => update(own, settings, ctx)),
      open: (request, ctx) => byLeader('open', request, ctx, () => open(settings, ctx)),
    },
    timers: {
      election: (state, ctx) => onElectionTimeout(state, settings, ctx),
      heartbeat: (state, ctx) => unlessDiskFull(() => onPulse(state, settings, ctx)),
    },
    phase: ({ broken, role }) => (broken === '' ? role : 'broken'),
  });
}
