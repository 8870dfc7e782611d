/**
 * Linearizability of a counter whose additions are all of one amount, decided without a search: O(n log n).
 *
 * Count in units of that amount, and look at the instant t(k) of the k-th addition, t(1) ≤ t(2) ≤ … A read of v lies
 * between t(v) and t(v+1). So with C(k) the last invocation of a read of less than k, and D(k) the first completion of a
 * read of k or more, C(k) ≤ t(k) ≤ D(k): difference constraints. Which addition is the k-th is free, so they are slots in a
 * row, each with its window, and every slot up to the largest value read must be filled with an addition whose interval
 * meets the window. Filling the slots in order, each with the addition open there that ends first, does it if anything
 * does (earliest deadline first; an addition of unknown outcome has no deadline and need not be used). An addition that
 * ended before the window of its slot, or before what is read last, came too late.
 */
import { EarliestFirst } from './earliest-first.ts';
import { FOREVER, type Span } from './span.ts';

/** A read's span, and the number of units that it saw. */
export interface UnitRead {
  readonly span: Span;
  readonly units: number;
}

/**
 * Additions and reads that contradict each other. missing: too few additions had begun; surplus: too many had ended;
 * backwards: the second read saw less than the first, which had ended before.
 */
export interface UnitConflict {
  readonly kind: 'missing' | 'surplus' | 'backwards';
  readonly reads: readonly Span[];
  /** How many additions were possible (missing), or had certainly happened (surplus), where the read saw another number. */
  readonly count: number;
  readonly units: number;
}

/** `additions` by invocation. Undefined when some order explains everything. */
export function unitCounterConflict(additions: readonly Span[], reads: readonly UnitRead[]): UnitConflict | undefined {
  const byUnits = [...reads].sort((a, b) => a.units - b.units);
  const lowest = byUnits[0];
  if (lowest !== undefined && lowest.units < 0)
    return { kind: 'missing', reads: [lowest.span], count: 0, units: lowest.units };
  const most = byUnits.at(-1)?.units ?? 0;
  if (most > additions.length) return missing(byUnits, additions.length, most);
  const deadline = firstCompletions(byUnits);
  const open = new EarliestFirst();
  let next = 0;
  let passed = 0;
  let latest: Span | undefined;
  for (let k = 1; k <= most + 1; k++) {
    for (; passed < byUnits.length && (byUnits[passed] as UnitRead).units < k; passed++) {
      const { span } = byUnits[passed] as UnitRead;
      if (latest === undefined || span.call > latest.call) latest = span;
    }
    const end = k > most ? FOREVER : (deadline[lowerBound(byUnits, k)] as number);
    if (latest !== undefined && latest.call > end)
      return { kind: 'backwards', reads: [firstOf(byUnits, k).span, latest], count: k, units: k };
    for (; next < additions.length && (additions[next] as Span).call < end; next++) open.add(additions[next] as Span);
    const first = open.first();
    if (first === undefined) {
      if (k > most) return undefined;
      return missing(byUnits, k - 1, k);
    }
    if (latest !== undefined && first.ret < latest.call)
      return { kind: 'surplus', reads: [latest], count: k, units: k - 1 };
    open.take();
  }
  return undefined;
}

function missing(byUnits: readonly UnitRead[], count: number, units: number): UnitConflict {
  const read = firstOf(byUnits, units);
  return { kind: 'missing', reads: [read.span], count, units: read.units };
}

/** Of the reads of `units` or more, the one that ended first. */
const firstOf = (byUnits: readonly UnitRead[], units: number): UnitRead =>
  byUnits.slice(lowerBound(byUnits, units)).reduce((best, read) => (read.span.ret < best.span.ret ? read : best));

/** Per read, by units: the first completion of it and all that follow. */
function firstCompletions(byUnits: readonly UnitRead[]): Float64Array {
  const first = new Float64Array(byUnits.length);
  let end = FOREVER;
  for (let i = byUnits.length - 1; i >= 0; i--) {
    end = Math.min(end, (byUnits[i] as UnitRead).span.ret);
    first[i] = end;
  }
  return first;
}

/** The first read of `units` or more. */
function lowerBound(byUnits: readonly UnitRead[], units: number): number {
  let low = 0;
  let high = byUnits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((byUnits[middle] as UnitRead).units < units) low = middle + 1;
    else high = middle;
  }
  return low;
}
