/**
 * Learns from where a register's search is stuck, so that it goes back at once to the choice that matters.
 *
 * A depth-first search that cannot pass a completion tries everything before it once more, although what contradicts itself is
 * mostly close by. So the last few steps are looked at alone: from any value, with whatever was open placed or not, and with
 * the indefinite steps that the present path has left, less what is known to be needed later. When even so nothing explains them, no configuration before them that has
 * used as many leads on, and the search is told (a nogood, in the words of constraint solving). Of the steps used as few as
 * possible are blamed; when none is, the history is refuted. Twice as many steps are looked at each time.
 */
import { registerSearch } from './guided-search.ts';
import type { IntervalSearch } from './interval-search.ts';
import { NOTHING, relaxedStep } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';
import { NONE, type Windows } from './search-window.ts';
import { FOREVER } from './span.ts';

const FEWEST = 8;
const MOST = 1024;

export interface Lesson {
  /** Whether the search was told something. */
  readonly isNew: boolean;
  /** Search steps taken. */
  readonly steps: number;
}

/** `most`: search steps for one look; `budget`: for all. */
export function learnNearby(
  search: IntervalSearch<RegisterStep>,
  valueCount: number,
  most: number,
  budget: number,
): Lesson {
  const last = search.stuckAt;
  const none = search.windows.classes.map(() => 0);
  let taken = 0;
  const fails = (first: number, used: readonly number[]): boolean => {
    const allowed = Math.min(most, budget - taken);
    if (allowed <= 0) return false;
    const part = registerSearch(nearby(search, first, last, used), valueCount, allowed);
    for (const dead of search.deadAfter(last)) {
      const counts = left(dead, used, search.windows, part.windows);
      if (counts !== undefined) part.giveUp(Infinity, counts);
    }
    const result = part.run();
    taken += result.steps;
    return result.status === 'violated';
  };
  for (let count = FEWEST; count <= MOST && taken < 2 * most; count *= 2) {
    const first = Math.max(0, last + 1 - count);
    const used = search.usedBefore(first) ?? none;
    if (!fails(first, used)) {
      if (first === 0) break;
      continue;
    }
    search.giveUp(
      first,
      blamed(used, (fewer) => fails(first, fewer)),
    );
    return { isNew: true, steps: taken };
  }
  return { isNew: false, steps: taken };
}

/**
 * What is known to be too much after the part, as counts of the part's own classes, when `used` has been used before it. Undefined
 * when the part cannot come to that, since it lacks some of those steps.
 */
function left(
  dead: readonly number[],
  used: readonly number[],
  whole: Windows,
  part: Windows,
): readonly number[] | undefined {
  const counts = new Map(dead.map((count, c) => [whole.nameOf(c), Math.max(0, count - (used[c] as number))]));
  const own = part.classes.map((_, c) => {
    const count = counts.get(part.nameOf(c)) ?? 0;
    counts.delete(part.nameOf(c));
    return count;
  });
  return [...counts.values()].some((count) => count > 0) ? undefined : own;
}

/** Fewer used steps that still leave too little: first none at all, then class by class. */
function blamed(used: readonly number[], fails: (fewer: readonly number[]) => boolean): readonly number[] {
  if (used.every((count) => count === 0)) return used;
  const none = used.map(() => 0);
  if (fails(none)) return none;
  let left = used;
  for (const [c, count] of used.entries()) {
    if (count === 0) continue;
    const fewer = left.map((other, i) => (i === c ? 0 : other));
    if (fails(fewer)) left = fewer;
  }
  return left;
}

/** The steps from completion `first` to completion `last`, from any value, without the first `used` indefinite ones of each class. */
function nearby(
  { steps, windows }: IntervalSearch<RegisterStep>,
  first: number,
  last: number,
  used: readonly number[],
): readonly RegisterStep[] {
  const end = (position: number): number => (steps[windows.returns[position] as number] as RegisterStep).ret;
  const begin = first === 0 ? -1 : end(first - 1);
  const limit = end(last);
  const gone = new Set(windows.classes.flatMap((members, c) => members.slice(0, used[c])));
  const part: RegisterStep[] = [];
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as RegisterStep;
    if (step.call > limit) break;
    if (step.ret <= begin || gone.has(i)) continue;
    const isKept = windows.classOf[i] !== NONE || (step.ret <= limit && (step.call > begin || !step.required));
    const left = isKept ? step : relaxedStep(step, Math.min(step.ret, limit + 0.5));
    if (left !== undefined) part.push(left);
  }
  return first === 0 ? part : [...anyValue(part, begin), ...part];
}

/** Optional writes, over when the steps of `part` begin, of each value that they tell apart. */
function anyValue(part: readonly RegisterStep[], begin: number): readonly RegisterStep[] {
  const told = new Set<number>();
  for (const { from } of part) if (from !== NOTHING) told.add(from);
  const source = part[0]?.source;
  if (source === undefined) return [];
  // One more stands for every value that nobody observes.
  const other = Math.max(-1, ...told) + 1;
  const values = part.some(({ kind }) => kind === 'mismatch') ? [...told, other] : [...told];
  return values.map((to, i): RegisterStep => {
    const ret = begin - (i + 1) / (values.length + 2);
    return { kind: 'write', from: NOTHING, to, call: -1, ret, required: false, source };
  });
}

/**
 * Of the optional writes that ended before any required step began, only the last of each value: all that they can do
 * is to leave their value there, and each can do so by itself. (Not so with a compare-and-set whose value no plain
 * write leaves: then all stay.)
 */
export function withoutSuperseded(core: readonly RegisterStep[]): readonly RegisterStep[] {
  let begin = FOREVER;
  for (const step of core) if (step.required && step.call < begin) begin = step.call;
  const last = new Map<number, RegisterStep>();
  const early = core.filter((step) => !step.required && step.ret < begin);
  for (const step of early) {
    if (step.kind !== 'write') continue;
    const other = last.get(step.to);
    if (other === undefined || other.ret < step.ret) last.set(step.to, step);
  }
  if (early.some((step) => !last.has(step.to))) return core;
  return core.filter((step) => step.required || step.ret >= begin || last.get(step.to) === step);
}
