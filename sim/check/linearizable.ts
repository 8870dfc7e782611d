/** Linearizability as a check of a scenario: the sequential specification says which operations are judged, and how. */
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import { refuseOrder } from './linearizability/order-witness.ts';
import type { LinearizabilityResult } from './linearizability/per-object.ts';
import { withObservers } from './linearizability/placed-observers.ts';
import type { Specification } from './specification.ts';

export interface LinearizableOptions {
  /**
   * An order that should explain the history: operation ids, such as the model knows them from its log. Operations that only
   * observe may be left out: they are placed where they fit. It is validated first, in O(n log n); when it is legal, nothing
   * is searched. One that is not legal is reported with the verdict, and is not in itself a violation: clients may have seen
   * nothing of it. Default: none.
   */
  readonly order?: (view: RunView) => readonly number[];
}

/** Every operation takes effect at one instant between its invocation and its completion (Herlihy and Wing, 1990). */
export function linearizable(specification: Specification, options: LinearizableOptions = {}): Check {
  const name = `linearizable ${specification.name}`;
  return {
    name,
    kind: 'history',
    promise: `every ${specification.operations.join(', ')} takes effect at one instant between its invocation and its completion`,
    begin: (view) => ({
      finish() {
        const judged = view.operations.filter(({ f }) => specification.operations.includes(f));
        const result = judgeLinearizable(specification, judged, options.order?.(view));
        const { status, message, witness, steps } = result;
        return { check: name, kind: 'history', status, message, steps, ...(witness === undefined ? {} : { witness }) };
      },
    }),
  };
}

/** Judges the operations of one specification, by `order` if that explains them. */
export function judgeLinearizable(
  specification: Specification,
  operations: readonly Operation[],
  order?: readonly number[],
): LinearizabilityResult {
  if (order === undefined) return specification.decide(operations);
  const refused = refuseOrder(operations, withObservers(operations, order, specification), specification);
  if (refused === undefined)
    return {
      status: 'held',
      message: `linearizable in the model's own order: ${operations.length} operations`,
      steps: 0,
    };
  const result = specification.decide(operations);
  const { witness } = result;
  const message = `${result.message}; the model's own order is not a legal one: ${refused}`;
  if (witness === undefined) return { ...result, message };
  return { ...result, message, witness: { ...witness, facts: { ...witness.facts, refusedOrder: refused } } };
}
