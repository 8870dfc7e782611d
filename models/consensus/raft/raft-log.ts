/** The log in memory: a suffix of all entries, the rest being in a snapshot (paper §5.3, §7). */
import type { MachineInput } from '../../replication/session-machine.ts';
import type { Place } from './raft-protocol.ts';

/** An entry is known by (index, term): equal pairs mean equal logs up to there (Log Matching, paper §5.3). */
export interface LogEntry {
  /** Place in the log, from 1. */
  readonly index: number;
  /** Term of the leader that made it. */
  readonly term: number;
  /** Term of the entry before it; 0 for the first. On disk it tells whether it follows what stands before it. */
  readonly before: number;
  readonly content: Content;
}

export type Content =
  /** `none`: a new leader's first entry, which carries nothing (paper §8). */
  | MachineInput
  | {
      readonly kind: 'configuration';
      readonly voters: readonly string[];
      readonly outgoing: readonly string[];
      readonly learners: readonly string[];
    };

export interface RaftLog {
  /** The entry before the first in memory: compacted, or 0 and 0. */
  base: Place;
  entries: LogEntry[];
}

export const lastIndex = ({ base, entries }: RaftLog): number => base.index + entries.length;

export const lastTerm = (log: RaftLog): number => log.entries.at(-1)?.term ?? log.base.term;

export const lastPlace = (log: RaftLog): Place => ({ index: lastIndex(log), term: lastTerm(log) });

/** The entry at `index`; undefined when it is compacted or not there yet. */
export const entryAt = (log: RaftLog, index: number): LogEntry | undefined => log.entries[index - log.base.index - 1];

/** Its term; that of the compacted entry right before the log too. undefined: not known. */
export const termAt = (log: RaftLog, index: number): number | undefined =>
  index === log.base.index ? log.base.term : entryAt(log, index)?.term;

/** Whether `a` is the end of a log that is at least as up to date as one that ends with `b` (paper §5.4.1). */
export const upToDate = (a: Place, b: Place): boolean => a.term > b.term || (a.term === b.term && a.index >= b.index);

/**
 * The last entry at or before `index` whose term is at most `term`. Two logs cannot agree between it and `index`, so whole terms are skipped
 * in one step (paper §5.3, end). Stops at the compacted part: that is committed, and thus in every log that matters.
 */
export function lastNotAbove(log: RaftLog, index: number, term: number): Place {
  let at = Math.min(index, lastIndex(log));
  while (at > log.base.index && (termAt(log, at) as number) > term) at--;
  return at <= log.base.index
    ? { index: log.base.index, term: log.base.term }
    : { index: at, term: termAt(log, at) as number };
}
