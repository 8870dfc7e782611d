/**
 * What a set of reads forces on the order of writes, followed until nothing new follows.
 *
 * If a read returned what w2 wrote and another write w1 of the key comes before the read, then w1 comes before w2 (else the
 * read would have returned w1's value or a later one). For a single global order also: what comes after w2 comes after the
 * read. A cycle, or a write before a read of the initial value, refutes the model. With one session's reads only, an order
 * without a cycle is also enough: CyclicHB and WriteHBInitRead of Bouajjani, Enea, Guerraoui and Hamza, "On verifying causal
 * consistency", POPL 2017; the same argument with the session order instead of the causal one is Wei et al., "Verifying PRAM
 * consistency over read/write traces of data replicas", TPDS 2016. With all reads it is necessary only (Zennou et al.,
 * "Gradual consistency checking", CAV 2019).
 */
import type { KeyWrites } from './key-writes.ts';
import type { OrderEdge, PartialOrder } from './partial-order.ts';
import { INITIAL_WRITER } from './reads-from.ts';
import type { SessionStep } from './session-steps.ts';

/** Why no order exists. */
export interface Contradiction {
  /**
   * circle: the edges close. initial: `read` returned the initial value although `write` comes before it. overwritten: `read`
   * returned a value that `write`, which comes before it, had replaced.
   */
  readonly kind: 'circle' | 'initial' | 'overwritten';
  readonly read?: number;
  readonly write?: number;
  readonly edges: readonly OrderEdge[];
}

export interface Saturation {
  readonly writes: KeyWrites;
  readonly writer: Int32Array;
  /** The reads that have to be explained. */
  readonly reads: readonly number[];
  /** One order for everybody: what replaces a value comes after everybody who read it. */
  readonly total: boolean;
}

/** Extends `order` by all that follows; what refutes it, or undefined when it stands. Then `order` is settled. */
export function saturate(order: PartialOrder, saturation: Saturation): Contradiction | undefined {
  for (let round = 1; ; round++) {
    if (!order.settle()) return { kind: 'circle', edges: provenEdges(order, order.cycle(), saturation.writer) };
    let grown = false;
    for (const index of saturation.reads) {
      const read = order.steps[index] as SessionStep;
      const source = saturation.writer[index] as number;
      for (const write of saturation.writes.latestBefore(read, order)) {
        if (source === INITIAL_WRITER) return initialContradiction(order, index, write, saturation.writer);
        if (write === source || order.before(write, source)) continue;
        if (order.add({ from: write, to: source, reason: 'overwritten', because: index, round })) grown = true;
      }
      if (!saturation.total) continue;
      const reason = source === INITIAL_WRITER ? 'initial' : 'overwrites';
      for (const write of saturation.writes.firstAfter(read.key, source, order)) {
        if (write === index || order.before(index, write)) continue;
        if (order.add({ from: index, to: write, reason, because: index, round })) grown = true;
      }
    }
    if (!grown) return undefined;
  }
}

export function initialContradiction(
  order: PartialOrder,
  read: number,
  write: number,
  writer: Int32Array,
): Contradiction {
  return { kind: 'initial', read, write, edges: provenEdges(order, order.way(write, read) ?? [], writer) };
}

/** The edges with all that their conclusions rest on. */
export function provenEdges(order: PartialOrder, edges: readonly OrderEdge[], writer: Int32Array): OrderEdge[] {
  const proven = new Set<OrderEdge>(edges);
  for (const edge of proven) {
    if (edge.because === undefined) continue;
    const [from, to] =
      edge.reason === 'overwritten' ? [edge.from, edge.because] : [writer[edge.because] as number, edge.to];
    if (edge.reason === 'initial' || from === to) continue;
    for (const support of order.way(from, to, edge.round) ?? []) proven.add(support);
  }
  return [...proven];
}
