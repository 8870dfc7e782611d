/**
 * Linearizability of a register with compare-and-set in which every observed value was written once: O(n log n).
 *
 * When each value has one writer, it is known who read from whom, and the search for an order becomes a comparison of
 * intervals. All operations on one value, and on the values that compare-and-sets made of it one after another, are a
 * *block* (blocks.ts): they must be contiguous in any linearization, in the order write, reads, compare-and-set, reads,
 * and so on; the history is linearizable if and only if no two blocks contradict each other.
 *
 * From Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 26(4), 1997; blocks as zones in Golab, Li and
 * Shah, PODC 2011. Here also: indefinite writes (they count if and only if their value was observed), and the initial
 * value as a write before everything. Refused compare-and-sets (mismatches) are ignored, which can hide a violation
 * and never invents one: the caller has to search when there are any.
 */
import { contradictingBlocks, type Block } from './blocks.ts';
import { INITIAL, NOTHING } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';

/** Why the blocks contradict each other, with the steps that suffice (the initial value's virtual write left out). */
export interface UniqueConflict {
  /**
   * unwritten: a value observed that nothing wrote. fork: two compare-and-sets from one value. cycle: compare-and-sets
   * that need each other's values. order: inside a block a step ended before one that must precede it began.
   * blocks: l(A), r(B), l(B), r(A).
   */
  readonly kind: 'unwritten' | 'fork' | 'cycle' | 'order' | 'blocks';
  readonly steps: readonly RegisterStep[];
}

/** not-unique: some observed value has two writers, so this check cannot tell. */
export type UniqueResult =
  { readonly status: 'held' | 'not-unique' } | { readonly status: 'violated'; readonly conflict: UniqueConflict };

/** The clusters of a history: per value its writer, its readers and the compare-and-set that replaced it. */
interface Clusters {
  readonly writer: Int32Array;
  readonly replacedBy: Int32Array;
  /** Readers of value v are readers[firstReader[v]] … readers[firstReader[v + 1] - 1]. */
  readonly firstReader: Int32Array;
  readonly readers: Int32Array;
  readonly kept: Uint8Array;
}

/** A block: its first completion and its last invocation, with the steps that attain them. */
interface ValueBlock extends Block {
  readonly first: RegisterStep | undefined;
  readonly last: RegisterStep;
}

/** Checks one register. `valueCount`: all value numbers in `steps` are below it. */
export function checkUniqueRegister(steps: readonly RegisterStep[], valueCount: number): UniqueResult {
  const clusters = clustersOf(steps, valueCount);
  if (clusters === 'not-unique') return { status: 'not-unique' };
  const conflict = 'kind' in clusters ? clusters : conflictOfBlocks(steps, clusters);
  return conflict === undefined ? { status: 'held' } : { status: 'violated', conflict };
}

function clustersOf(steps: readonly RegisterStep[], valueCount: number): Clusters | UniqueConflict | 'not-unique' {
  const writer = new Int32Array(valueCount).fill(NOTHING);
  const observer = new Int32Array(valueCount).fill(NOTHING);
  const duplicated = new Uint8Array(valueCount);
  const kept = new Uint8Array(steps.length);
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.required) kept[i] = 1;
    if (step.to === NOTHING) continue;
    if (step.to === INITIAL) duplicated[INITIAL] = 2;
    else if (writer[step.to] !== NOTHING) duplicated[step.to] = 2;
    else writer[step.to] = i;
  }
  // What was observed, by whom; an indefinite writer of an observed value happened, and observed in its turn.
  const pending: number[] = [];
  const observe = (value: number, by: number): void => {
    if (observer[value] !== NOTHING) return;
    observer[value] = by;
    pending.push(value);
  };
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.required && (step.kind === 'read' || step.kind === 'cas')) observe(step.from, i);
  }
  let unwritten: UniqueConflict | undefined;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (duplicated[value] === 2) return 'not-unique';
    if (value === INITIAL) continue;
    const w = writer[value] as number;
    if (w === NOTHING) {
      unwritten ??= { kind: 'unwritten', steps: observers(steps, observer, observer[value] as number) };
      continue;
    }
    kept[w] = 1;
    const write = steps[w] as RegisterStep;
    if (write.kind === 'cas') observe(write.from, w);
  }
  return unwritten ?? linked(steps, valueCount, writer, kept);
}

/** A step and, when it is only known to have happened because its value was observed, the chain of its observers. */
function observers(steps: readonly RegisterStep[], observer: Int32Array, from: number): RegisterStep[] {
  const chain: RegisterStep[] = [];
  for (let i = from; ;) {
    const step = steps[i] as RegisterStep;
    chain.push(step);
    if (step.required) return chain;
    i = observer[step.to] as number;
  }
}

function linked(
  steps: readonly RegisterStep[],
  valueCount: number,
  writer: Int32Array,
  kept: Uint8Array,
): Clusters | UniqueConflict {
  const replacedBy = new Int32Array(valueCount).fill(NOTHING);
  const firstReader = new Int32Array(valueCount + 1);
  let fork: UniqueConflict | undefined;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.kind === 'read') firstReader[step.from + 1] = (firstReader[step.from + 1] as number) + 1;
    if (step.kind !== 'cas' || kept[i] !== 1) continue;
    const other = replacedBy[step.from] as number;
    if (other === NOTHING) replacedBy[step.from] = i;
    else fork ??= { kind: 'fork', steps: [steps[other] as RegisterStep, step] };
  }
  if (fork !== undefined) return fork;
  for (let v = 0; v < valueCount; v++) firstReader[v + 1] = (firstReader[v + 1] as number) + (firstReader[v] as number);
  const readers = new Int32Array(firstReader[valueCount] as number);
  const next = firstReader.slice();
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.kind !== 'read') continue;
    const at = next[step.from] as number;
    readers[at] = i;
    next[step.from] = at + 1;
  }
  return { writer, replacedBy, firstReader, readers, kept };
}

function conflictOfBlocks(steps: readonly RegisterStep[], clusters: Clusters): UniqueConflict | undefined {
  const blocks: ValueBlock[] = [];
  const walked = new Uint8Array(steps.length);
  const keep = (block: ValueBlock | UniqueConflict | undefined): UniqueConflict | undefined => {
    if (block === undefined) return undefined;
    if ('kind' in block) return block;
    blocks.push(block);
    return undefined;
  };
  const initial = keep(walk(steps, clusters, undefined, walked));
  if (initial !== undefined) return initial;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.kind !== 'write' || clusters.kept[i] !== 1) continue;
    const conflict = keep(walk(steps, clusters, i, walked));
    if (conflict !== undefined) return conflict;
  }
  // A compare-and-set that no chain from a write reached needs, in the end, its own value.
  const stranded = steps.findIndex((step, i) => step.kind === 'cas' && clusters.kept[i] === 1 && walked[i] !== 1);
  if (stranded !== -1) return { kind: 'cycle', steps: cycleFrom(steps, clusters, stranded) };
  const pair = contradictingBlocks(blocks);
  return pair === undefined ? undefined : between(...pair);
}

/** Walks the block that starts with write `head` (undefined: with the initial value), in the order forced on its steps. */
function walk(
  steps: readonly RegisterStep[],
  clusters: Clusters,
  head: number | undefined,
  walked: Uint8Array,
): ValueBlock | UniqueConflict | undefined {
  const { replacedBy, firstReader, readers, writer } = clusters;
  let latest: RegisterStep | undefined;
  let first: RegisterStep | undefined;
  let value = INITIAL;
  let at = head ?? NOTHING;
  for (;;) {
    if (at !== NOTHING) {
      const write = steps[at] as RegisterStep;
      walked[at] = 1;
      if (latest !== undefined && write.ret < latest.call) return { kind: 'order', steps: [latest, write] };
      if (latest === undefined || write.call > latest.call) latest = write;
      if (first === undefined || write.ret < first.ret) first = write;
      // A second write of a value that nobody observed is a block by itself.
      if (write.to === INITIAL || writer[write.to] !== at) break;
      value = write.to;
    }
    const before = latest;
    for (let i = firstReader[value] as number; i < (firstReader[value + 1] as number); i++) {
      const read = steps[readers[i] as number] as RegisterStep;
      if (before !== undefined && read.ret < before.call) return { kind: 'order', steps: [before, read] };
      if (latest === undefined || read.call > latest.call) latest = read;
      if (first === undefined || read.ret < first.ret) first = read;
    }
    at = replacedBy[value] as number;
    if (at === NOTHING) break;
  }
  if (latest === undefined || first === undefined) return undefined;
  return head === undefined
    ? { l: -1, r: latest.call, first: undefined, last: latest }
    : { l: first.ret, r: latest.call, first, last: latest };
}

function cycleFrom(steps: readonly RegisterStep[], clusters: Clusters, start: number): RegisterStep[] {
  const seen = new Set<number>();
  let at = start;
  // Back along "reads from" until a step comes round again: that one is on the cycle.
  while (!seen.has(at)) {
    seen.add(at);
    at = clusters.writer[(steps[at] as RegisterStep).from] as number;
  }
  const cycle: RegisterStep[] = [];
  const end = at;
  do {
    cycle.push(steps[at] as RegisterStep);
    at = clusters.writer[(steps[at] as RegisterStep).from] as number;
  } while (at !== end);
  return cycle;
}

function between(a: ValueBlock, b: ValueBlock): UniqueConflict {
  const steps = new Set<RegisterStep>();
  for (const step of [a.first, b.last, b.first, a.last]) if (step !== undefined) steps.add(step);
  return { kind: 'blocks', steps: [...steps] };
}
