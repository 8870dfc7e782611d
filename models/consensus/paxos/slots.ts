/** The slots of the replicated log that a server has in memory: each is a Paxos instance of its own ("Paxos made simple", §3). */
import type { MachineInput } from '../../replication/session-machine.ts';

/** An acceptor's vote in a slot. */
export interface Vote {
  readonly ballot: number;
  readonly content: MachineInput;
}

export interface Slot {
  /** The highest vote that this acceptor has cast; null: none. */
  vote: Vote | null;
  /** The highest of its votes that others know of, for checks. */
  told: Vote | null;
  /** What this learner knows to be chosen; null: not known. */
  chosen: MachineInput | null;
}

export interface SlotLog {
  /** The slots up to here are gone: a durable snapshot holds what they made. */
  base: number;
  /** The slots from `base` + 1 on, without gaps. */
  slots: Slot[];
}

export const lastSlot = ({ base, slots }: SlotLog): number => base + slots.length;

/** The slot with this number; undefined when it is compacted, or beyond the last. */
export const slotAt = (log: SlotLog, slot: number): Slot | undefined => log.slots[slot - log.base - 1];

/** The same, with room made for it. It is above `base`. */
export function roomAt(log: SlotLog, slot: number): Slot {
  while (lastSlot(log) < slot) log.slots.push({ vote: null, told: null, chosen: null });
  return slotAt(log, slot) as Slot;
}

/** Drops the slots up to `slot`. */
export function dropTo(log: SlotLog, slot: number): void {
  if (slot <= log.base) return;
  log.slots.splice(0, slot - log.base);
  log.base = slot;
}
