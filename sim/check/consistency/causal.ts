/**
 * The causal family and PRAM, for histories in which every value that was read was written once.
 *
 * The causal order is: a session's order, and a write before the reads of its value, and what follows from both.
 *   causal (CC): every read returns a value that no write in its causal past has replaced, each read judged by itself.
 *   causal+ (CCv): besides, all replicas agree on one order of the writes (convergence; Lloyd et al., COPS, SOSP 2011).
 *   causal memory (CM): each session sees all writes in one order that extends the causal one (Ahamad et al., 1995).
 *   PRAM: each session sees all writes in one order that extends the session orders (Lipton and Sandberg, 1988).
 * CM and causal+ are incomparable; both are stronger than causal. CM is stronger than PRAM.
 *
 * Decided by bad patterns (Bouajjani et al., POPL 2017), in O(n × sessions × rounds): ThinAirRead, CyclicCO, WriteCOInitRead,
 * WriteCORead; CyclicCF for causal+; WriteHBInitRead and CyclicHB for CM and, on the session order, for PRAM. With repeated
 * values the question is NP-complete: then the answer is `undecided`, never a guess. A compare-and-set is a read and a write in
 * one; that nothing comes between them is judged by `sequential` and `linearizable`.
 */
import { KeyWrites } from './key-writes.ts';
import { PartialOrder } from './partial-order.ts';
import { INITIAL_WRITER } from './reads-from.ts';
import type { ReadsFrom } from './reads-from.ts';
import { initialContradiction, provenEdges, saturate } from './saturation.ts';
import type { Contradiction } from './saturation.ts';
import { NONE } from './session-steps.ts';
import type { Sessions, SessionStep } from './session-steps.ts';

export type CausalModel = 'causal' | 'causal+' | 'causal memory' | 'pram';

/** What refutes the model; undefined when it holds. */
export function refuteCausal(sessions: Sessions, readsFrom: ReadsFrom, model: CausalModel): Contradiction | undefined {
  const writes = new KeyWrites(sessions, readsFrom);
  const { writer } = readsFrom;
  if (model !== 'pram') {
    const order = orderOf(sessions, readsFrom, () => true);
    if (!order.settle()) return { kind: 'circle', edges: provenEdges(order, order.cycle(), writer) };
    const contradiction = replacedRead(order, readsFrom, writes);
    if (contradiction !== undefined || model === 'causal') return contradiction;
    if (model === 'causal+') return conflictCircle(order, readsFrom, writes);
  }
  // What all reads together force is more than what one session's do: when that is no contradiction, no session's is.
  const all = sessions.steps.filter((step) => step.definite && writer[step.index] !== NONE).map((step) => step.index);
  const everything = orderOf(sessions, readsFrom, () => true);
  if (saturate(everything, { writes, writer, reads: all, total: false }) === undefined) return undefined;
  for (let client = 0; client < sessions.clients; client++) {
    const own = (step: SessionStep): boolean => step.client === client && step.definite;
    const order = orderOf(sessions, readsFrom, model === 'pram' ? own : () => true);
    const reads = sessions.steps.filter((step) => own(step) && writer[step.index] !== NONE).map((step) => step.index);
    const contradiction = saturate(order, { writes, writer, reads, total: false });
    if (contradiction !== undefined) return contradiction;
  }
  return undefined;
}

/** The session orders, with the reads-from edges of the readers that count. */
export function orderOf(
  sessions: Sessions,
  { writer, happened }: ReadsFrom,
  counts: (step: SessionStep) => boolean,
): PartialOrder {
  const order = new PartialOrder(sessions.steps, sessions.chains);
  for (const step of sessions.steps) {
    const { index } = step;
    if (happened[index] === 0) continue;
    const previous = sessions.after[index] as number;
    if (previous !== NONE) order.add({ from: previous, to: index, reason: 'session', round: 0 });
    const source = writer[index] as number;
    if (source >= 0 && counts(step)) order.add({ from: source, to: index, reason: 'reads-from', round: 0 });
  }
  return order;
}

/** WriteCOInitRead or WriteCORead. */
function replacedRead(order: PartialOrder, { writer }: ReadsFrom, writes: KeyWrites): Contradiction | undefined {
  for (const step of order.steps) {
    const source = writer[step.index] as number;
    if (source === NONE) continue;
    for (const write of writes.latestBefore(step, order)) {
      if (source === INITIAL_WRITER) return initialContradiction(order, step.index, write, writer);
      if (!order.before(source, write)) continue;
      const edges = [...(order.way(source, write) ?? []), ...(order.way(write, step.index) ?? [])];
      return { kind: 'overwritten', read: step.index, write, edges };
    }
  }
  return undefined;
}

/** CyclicCF: what each read's causal past says about the order of writes, put together once. */
function conflictCircle(order: PartialOrder, { writer }: ReadsFrom, writes: KeyWrites): Contradiction | undefined {
  const conflicts = order.steps.flatMap((step) => {
    const source = writer[step.index] as number;
    if (source < 0) return [];
    return writes
      .latestBefore(step, order)
      .flatMap((from) =>
        from === source || order.before(from, source) ? [] : [{ from, to: source, because: step.index }],
      );
  });
  for (const conflict of conflicts) order.add({ ...conflict, reason: 'overwritten', round: 1 });
  return order.settle() ? undefined : { kind: 'circle', edges: provenEdges(order, order.cycle(), writer) };
}
