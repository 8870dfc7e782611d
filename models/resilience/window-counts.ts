/** Counts of what happened in the last while, in slots: those that have left the window are forgotten slot by slot. */
import type { Micros } from '../../sim/index.ts';

export interface WindowCounts {
  /** Number of the newest slot. */
  slot: number;
  /** For each slot of the ring, the counts. */
  ring: number[][];
  /** Sums over the ring. */
  sums: number[];
}

export const emptyCounts = (slots: number, kinds: number): WindowCounts => ({
  slot: 0,
  ring: Array.from({ length: slots }, () => new Array<number>(kinds).fill(0)),
  sums: new Array<number>(kinds).fill(0),
});

/** Forgets what is older than the window, and returns the slot of now. */
export function turnTo(counts: WindowCounts, now: Micros, slotLength: Micros): number[] {
  const { ring, sums } = counts;
  const slot = Math.floor(now / slotLength);
  const steps = Math.min(ring.length, slot - counts.slot);
  for (let i = 1; i <= steps; i++) {
    const old = ring[(slot - steps + i) % ring.length] as number[];
    for (let kind = 0; kind < old.length; kind++) {
      sums[kind] = (sums[kind] as number) - (old[kind] as number);
      old[kind] = 0;
    }
  }
  if (slot > counts.slot) counts.slot = slot;
  return ring[counts.slot % ring.length] as number[];
}

/** Counts one of `kind` now. */
export function countIn(counts: WindowCounts, kind: number, now: Micros, slotLength: Micros): void {
  const slot = turnTo(counts, now, slotLength);
  slot[kind] = (slot[kind] as number) + 1;
  counts.sums[kind] = (counts.sums[kind] as number) + 1;
}
