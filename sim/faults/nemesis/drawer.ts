/** What draws one accident of a family. */
import type { RandomStream } from '../../random/stream.ts';
import type { Fault } from '../fault.ts';
import type { Arena } from './arena.ts';
import type { NemesisNode } from './topology.ts';

export interface Draw {
  readonly arena: Arena;
  readonly random: RandomStream;
  /** Above 0 and at most 1. */
  readonly severity: number;
  /** How many faults it may have; at least 1. */
  readonly room: number;
}

/** The faults of one accident: one, or several that belong together. None when limits or topology forbid what was drawn. */
export type Drawer = (draw: Draw) => readonly Fault[];

export const idsOf = (nodes: readonly NemesisNode[]): string[] => nodes.map(({ id }) => id);

/** Some of the items, at least one and at most `most`, in random order. */
export const some = <T>(random: RandomStream, items: readonly T[], most = items.length): T[] =>
  random.shuffle(items).slice(0, random.between(1, Math.max(1, Math.min(most, items.length))));

/** One of the steps of a scale from mild to heavy; severity says how far up it may go. */
export const upTo = <T>(random: RandomStream, severity: number, scale: readonly T[]): T =>
  scale[random.int(Math.max(1, Math.ceil(severity * scale.length)))] as T;
