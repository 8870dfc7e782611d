/**
 * Single-decree Paxos: a group chooses one value, for ever; here one for each decree that anybody names.
 *
 * Lamport, "The part-time parliament", TOCS 1998 (the synod), and "Paxos made simple", 2001, §2, whose sections are cited where they decide.
 * A proposer takes a ballot of its own; in phase 1 a quorum promises to take part in no lower one, and says what it has voted for; in
 * phase 2 the proposer asks for votes for the value of the highest of these votes, or for its own where there is none. What a quorum
 * votes for in one ballot is chosen, and every later ballot proposes just that. 4 (n − 1) messages, and n − 1 to tell the others.
 *
 * Promises: agreement (one value), validity (one that was proposed), whatever messages, clocks and crashes do, while disks keep what they have
 * synced. Not that anything is chosen: two proposers can refuse each other for ever (§2.4), as any consensus protocol must allow
 * (Fischer, Lynch and Paterson, 1985); random waits make it unlikely.
 *
 * Simplified: proposer, acceptor and learner are one process, and an acceptor writes its whole memory each time.
 */
import { defineActor, type Actor } from '../../../sim/index.ts';
import { accept, freshState, prepare, recoveredState } from './decree-acceptor.ts';
import { propose } from './decree-proposer.ts';
import {
  decreeOf,
  singleDecreeSettings,
  type SingleDecreeOptions,
  type SingleDecreeProtocol,
  type SingleDecreeState,
} from './decree-state.ts';

/** One server of the group. All nodes are given the same actor. Throws ConfigError naming the option. */
export function singleDecreePaxos(options: SingleDecreeOptions): Actor<SingleDecreeState, SingleDecreeProtocol> {
  const settings = singleDecreeSettings(options);
  return defineActor<SingleDecreeState, SingleDecreeProtocol>({
    role: 'replica',
    init: freshState,
    recover: recoveredState,
    on: {
      learn(state, { decree, value }) {
        const there = decreeOf(state, decree);
        // Whatever is said later is the same.
        there.chosen ??= value;
      },
    },
    flows: {
      propose: (request, ctx) => propose(request, settings, ctx),
      prepare: (request, ctx) => prepare(request, settings, ctx),
      accept: (request, ctx) => accept(request, settings, ctx),
    },
    phase: ({ broken }) => (broken === '' ? 'replica' : 'broken'),
  });
}
