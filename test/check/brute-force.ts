/**
 * The obvious linearizability check: every subset of the indefinite operations, every order, step by step. For at most
 * seven or so operations; the judge of the quick ones.
 */
import type { Operation } from '../../sim/history/operation.ts';

/** What an object does when one operation follows another. */
export interface SequentialSpec<S> {
  init(): S;
  /** The state after `op`, or undefined when `op` could not have had its outcome in `state`. */
  step(state: S, op: Operation): S | undefined;
}

/** Whether some order explains the history. Failed operations take part when `observes` says that they saw something. */
export function explainable<S>(
  operations: readonly Operation[],
  spec: SequentialSpec<S>,
  observes: (op: Operation) => boolean = () => false,
): boolean {
  const left = new Set(operations.filter((op) => op.outcome !== 'fail' || observes(op)));
  const optional = (op: Operation): boolean => op.outcome === 'info' || op.outcome === 'pending';
  const extend = (state: S, latestCall: number): boolean => {
    let deadline = Infinity;
    for (const op of left) if (!optional(op)) deadline = Math.min(deadline, op.completed);
    if (deadline === Infinity) return true;
    for (const op of [...left]) {
      if (op.invoked > deadline || op.completed < latestCall) continue;
      const next = spec.step(state, op);
      if (next === undefined) continue;
      left.delete(op);
      const done = extend(next, Math.max(latestCall, op.invoked));
      left.add(op);
      if (done) return true;
    }
    return false;
  };
  return extend(spec.init(), -1);
}

/** A register with compare-and-set of primitive values; a state is boxed, so that any value can be held. */
export function registerSpec(initial: unknown): SequentialSpec<{ value: unknown }> {
  return {
    init: () => ({ value: initial ?? null }),
    step(state, op) {
      if (op.f === 'write') return { value: op.input };
      if (op.f === 'read') {
        return op.outcome !== 'ok' || op.output === undefined || op.output === state.value ? state : undefined;
      }
      const [from, to] = op.input as [unknown, unknown];
      if (op.outcome === 'fail') return state.value === from ? undefined : state;
      return state.value === from ? { value: to } : undefined;
    },
  };
}
