/** The fixed part of a search: completions in order, what is invoked between them, slots and classes. */
import { FOREVER, type Span } from './span.ts';

/** No slot, no class, no step, no state. */
export const NONE = -1;

export interface Windows {
  /** Steps that complete, by completion. */
  readonly returns: Int32Array;
  /** Steps firstArrival[p] … firstArrival[p + 1] - 1 are invoked after completion p - 1 and before completion p. */
  readonly firstArrival: Int32Array;
  /** A number that a step has to itself while it is open; NONE for one that never completes. */
  readonly slot: Int32Array;
  /** As many as steps were open at once. */
  readonly slotCount: number;
  /** Steps that never complete, in classes of equal effect, each by invocation. */
  readonly classes: readonly (readonly number[])[];
  /** What the steps of a class do, the same in every search that tells effects apart in the same way. */
  nameOf(c: number): string;
  /** The class of a step that never completes; NONE for the others. */
  readonly classOf: Int32Array;
  /** Steps with the same number do the same and saw the same. */
  readonly effect: Int32Array;
  readonly effectCount: number;
}

/** `steps` in order of invocation; `effectOf`: equal for steps that do the same and saw the same. */
export function windowsOf<T extends Span>(steps: readonly T[], effectOf: (step: T) => string): Windows {
  const completing: number[] = [];
  const classes: number[][] = [];
  const classOf = new Int32Array(steps.length).fill(NONE);
  const effect = new Int32Array(steps.length);
  const effects = new Map<string, number>();
  const classOfEffect = new Map<number, number>();
  const names: string[] = [];
  steps.forEach((step, i) => {
    const name = effectOf(step);
    const e = effects.get(name) ?? effects.size;
    effects.set(name, e);
    effect[i] = e;
    if (step.ret !== FOREVER) {
      completing.push(i);
      return;
    }
    const c = classOfEffect.get(e) ?? classes.push([]) - 1;
    names[c] = name;
    classOfEffect.set(e, c);
    (classes[c] as number[]).push(i);
    classOf[i] = c;
  });
  completing.sort((a, b) => (steps[a] as Span).ret - (steps[b] as Span).ret);
  const returns = Int32Array.from(completing);
  const nameOf = (c: number): string => names[c] as string;
  return { returns, ...slotsOf(steps, returns), classes, nameOf, classOf, effect, effectCount: effects.size };
}

function slotsOf(steps: readonly Span[], returns: Int32Array): Pick<Windows, 'firstArrival' | 'slot' | 'slotCount'> {
  const firstArrival = new Int32Array(returns.length + 2);
  const slot = new Int32Array(steps.length).fill(NONE);
  const free: number[] = [];
  let slotCount = 0;
  let next = 0;
  for (let p = 0; p <= returns.length; p++) {
    firstArrival[p] = next;
    const last = returns[p];
    const end = last === undefined ? FOREVER : (steps[last] as Span).ret;
    for (; next < steps.length && (steps[next] as Span).call < end; next++) {
      if ((steps[next] as Span).ret !== FOREVER) slot[next] = free.pop() ?? slotCount++;
    }
    if (last !== undefined) free.push(slot[last] as number);
  }
  firstArrival[returns.length + 1] = next;
  return { firstArrival, slot, slotCount };
}
