import type { Micros } from '../sim/base/time.ts';
import type { Operation } from '../sim/history/operation.ts';

/** Operations that clients did not get done in a window, in the order in which they learned it. */
export const unansweredIn = (operations: readonly Operation[], from: Micros, to: Micros): readonly Operation[] =>
  operations
    .filter((op) => op.completedAt >= from && op.completedAt <= to && (op.outcome === 'info' || op.outcome === 'fail'))
    .toSorted((a, b) => a.completedAt - b.completedAt);

export const firstUnanswered = (operations: readonly Operation[], from: Micros, to: Micros): Operation | undefined =>
  unansweredIn(operations, from, to)[0];
