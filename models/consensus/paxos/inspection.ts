/** A server's state as the invariants of Paxos look at it (sim/check/invariants). */
import type { AcceptedValue, PaxosView } from '../../../sim/index.ts';
import type { MachineInput } from '../../replication/session-machine.ts';
import type { MultiPaxosState } from './multi-paxos-state.ts';
import { slotAt } from './slots.ts';

/** What `paxosInvariants({ view: multiPaxosView })` asks for: promises and votes as far as others may know of them. */
export function multiPaxosView(state: MultiPaxosState): PaxosView {
  // It knows what it has promised no more, and so says nothing more.
  if (state.amnesia) return { promised: Infinity, accepted: [], compactedTo: Infinity };
  return {
    promised: state.toldPromise,
    accepted: votes(state),
    learned: learned(state),
    appliedTo: state.appliedTo,
    // It answers no proposer before it has learned the slots whose votes it may have lost.
    compactedTo: Math.max(state.log.base, state.lostTo),
  };
}

function* votes({ log, changed }: MultiPaxosState): Generator<readonly [number, AcceptedValue]> {
  for (const slot of changed) {
    const told = slotAt(log, slot)?.told ?? null;
    if (told !== null) yield [slot, { ballot: told.ballot, value: textOf(told.content) }];
  }
}

function* learned({ log, changed }: MultiPaxosState): Generator<readonly [number, string]> {
  for (const slot of changed) {
    const chosen = slotAt(log, slot)?.chosen ?? null;
    if (chosen !== null) yield [slot, textOf(chosen)];
  }
}

function textOf(content: MachineInput): string {
  if (content.kind !== 'command') return content.kind === 'none' ? 'no-op' : 'a new session';
  const { session, seq, key } = content.command;
  return `update ${seq} of ${session} (${content.command.f} ${key})`;
}
