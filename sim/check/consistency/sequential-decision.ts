/**
 * Sequential consistency (Lamport, 1979): there is one order of all operations of all sessions, in which each session's are in
 * its own order and every read returns the latest write. It is not local: all keys are judged together.
 *
 * First what follows from known reads-from, which is polynomial and refutes with a short proof; what that leaves open is
 * searched, with the conclusions as constraints.
 */
import { orderOf } from './causal.ts';
import { KeyWrites } from './key-writes.ts';
import type { PartialOrder } from './partial-order.ts';
import { readsFromOf } from './reads-from.ts';
import type { ReadsFromResult, UnexplainedRead } from './reads-from.ts';
import { saturate } from './saturation.ts';
import type { Contradiction } from './saturation.ts';
import { searchMerge } from './sequential-search.ts';
import { NONE } from './session-steps.ts';
import type { Sessions } from './session-steps.ts';
import type { Status } from '../verdict.ts';

export interface SequentialDecision {
  readonly status: Status;
  readonly steps: number;
  readonly unexplained?: UnexplainedRead;
  readonly contradiction?: Contradiction;
}

/** `budget`: branching moves of the search. */
export function decideSequential(sessions: Sessions, budget: number): SequentialDecision {
  const resolved = readsFromOf(sessions);
  if (resolved.kind === 'unexplained') return { status: 'violated', steps: 0, unexplained: resolved.found };
  const order = constraintsOf(sessions, resolved);
  if ('kind' in order) return { status: 'violated', steps: 0, contradiction: order };
  const happened = resolved.kind === 'known' ? resolved.readsFrom.happened : new Uint8Array(sessions.steps.length);
  const { status, steps } = searchMerge(sessions, order, happened, budget);
  return { status, steps };
}

function constraintsOf(
  sessions: Sessions,
  resolved: Exclude<ReadsFromResult, { kind: 'unexplained' }>,
): PartialOrder | Contradiction {
  const { steps } = sessions;
  if (resolved.kind === 'ambiguous') {
    const nothing = new Int32Array(steps.length).fill(NONE);
    return orderOf(sessions, { writer: nothing, happened: new Uint8Array(steps.length).fill(1) }, () => false);
  }
  const { readsFrom } = resolved;
  const { writer } = readsFrom;
  const order = orderOf(sessions, readsFrom, () => true);
  const reads = steps.filter((step) => writer[step.index] !== NONE).map((step) => step.index);
  const writes = new KeyWrites(sessions, readsFrom);
  return saturate(order, { writes, writer, reads, total: true }) ?? order;
}
