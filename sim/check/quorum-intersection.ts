/**
 * Quorum intersection: every read quorum meets every write quorum that was complete before the read began.
 *
 * It is what R + W > N is for (Gifford, "Weighted voting for replicated data", SOSP 1979). Two answers: `disjointQuorums` says from
 * the numbers alone whether two quorums can miss each other, `quorumIntersection` whether any two of a run did.
 */
import { ConfigError } from '../base/errors.ts';
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

/** The replicas that one operation was done with. */
export interface QuorumUsed {
  readonly kind: 'read' | 'write';
  readonly key: string;
  readonly members: readonly string[];
  /** Id of the operation in the history. */
  readonly operation: number;
}

/**
 * A read quorum of `r` and a write quorum of `w` among nodes 1…`n` that share none; undefined when there are no such two, that is
 * when r + w > n. Throws ConfigError unless 1 ≤ r, w ≤ n.
 */
export function disjointQuorums(
  n: number,
  r: number,
  w: number,
): { readonly read: number[]; readonly write: number[] } | undefined {
  for (const [field, size] of [
    ['r', r],
    ['w', w],
  ] as const) {
    if (!Number.isInteger(size) || size < 1 || size > n)
      throw new ConfigError(field, size, `a whole number from 1 to ${n}`);
  }
  if (r + w > n) return undefined;
  return { read: Array.from({ length: r }, (_, i) => i + 1), write: Array.from({ length: w }, (_, i) => r + i + 1) };
}

export interface QuorumIntersectionOptions {
  /** The quorums of a run; those of operations that did not end ok are left out. */
  readonly quorums: (view: RunView) => Iterable<QuorumUsed>;
  /** Default `quorums intersect`. */
  readonly name?: string;
}

interface Use {
  readonly members: readonly string[];
  readonly operation: Operation;
}

/** Violated by a read whose quorum shares no replica with that of an earlier write of the same key. */
export function quorumIntersection({ quorums, name = 'quorums intersect' }: QuorumIntersectionOptions): Check {
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const reads: Use[] = [];
    const writes = new Map<string, Use[]>();
    for (const { kind, key, members, operation: id } of quorums(view)) {
      const operation = view.operations[id];
      if (operation === undefined || operation.outcome !== 'ok') continue;
      const use = { members, operation };
      if (kind === 'read') reads.push(use);
      else if (writes.has(key)) writes.get(key)?.push(use);
      else writes.set(key, [use]);
    }
    reads.sort((a, b) => a.operation.invoked - b.operation.invoked);
    const earliest = new Map([...writes].map(([key, uses]) => [key, distinctSets(uses)]));
    for (const read of reads) {
      const missed = (earliest.get(read.operation.key) ?? []).find(
        (write) => isBefore(write, read) && disjoint(write, read),
      );
      if (missed === undefined) continue;
      const sentence =
        `the read #${read.operation.id} of ${read.operation.key} by ${read.operation.client} asked {${read.members.join(', ')}}, ` +
        `none of which took part in the write #${missed.operation.id} to {${missed.members.join(', ')}} that was complete before`;
      const operations = [missed.operation.id, read.operation.id];
      return {
        ...base,
        status: 'violated',
        message: sentence,
        witness: { sentence, at: read.operation.completedAt, operations, mandatory: operations },
      };
    }
    return { ...base, status: 'held', message: `${reads.length} read quorums met every earlier write quorum` };
  };
  return {
    name,
    kind: 'history',
    promise: 'every read quorum meets every write quorum that was complete before it',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

/** Of the writes with the same members only the one that was complete first matters: it is before the most reads. */
function distinctSets(writes: readonly Use[]): Use[] {
  const first = new Map<string, Use>();
  for (const write of writes) {
    const set = write.members.toSorted().join(' ');
    const known = first.get(set);
    if (known === undefined || write.operation.completed < known.operation.completed) first.set(set, write);
  }
  return [...first.values()];
}

const isBefore = (write: Use, read: Use): boolean => write.operation.completed < read.operation.invoked;
const disjoint = (a: Use, b: Use): boolean => !a.members.some((member) => b.members.includes(member));
