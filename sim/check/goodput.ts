/**
 * Goodput returns: once the faults are over, the system does useful work again.
 *
 * A system can stay down after its trigger has gone (metastable failure: Bronson et al., HotOS 2021): retries, cold caches and
 * full queues keep it busy with work that nobody waits for any more. Safety checks do not see that; this one does.
 */
import { durationText, parseDuration, s, type Duration, type Micros } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

/** The check's name, by which a scenario can expect it to be violated. */
export const GOODPUT_RETURNS = 'goodput returns';

export interface GoodputOptions {
  /** How long after the last fault has healed. */
  readonly within: Duration;
  /** Share of the goodput before the first fault that must be back, above 0 and at most 1. Default 0.5. */
  readonly share?: number;
}

const succeededIn = (operations: readonly Operation[], from: Micros, to: Micros): number =>
  operations.filter((op) => op.outcome === 'ok' && op.completedAt >= from && op.completedAt < to).length;

/** Operations that clients wanted done in the window: begun in it, or still open at its start. */
const wantedIn = (operations: readonly Operation[], from: Micros, to: Micros): number =>
  operations.filter((op) => op.invokedAt < to && (op.invokedAt >= from || op.completedAt >= from)).length;

/**
 * From `within` after the last heal to the end of the run, goodput is at least `share` of what it was before the first fault
 * (or of what clients still ask for, when that is less). Undecided when a fault never heals.
 */
export function goodputReturns(options: GoodputOptions): Check {
  const within = parseDuration(options.within, 'goodputReturns: within');
  const { share = 0.5 } = options;
  const name = GOODPUT_RETURNS;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'slo' } as const;
    const { healedAt, firstFaultAt = 0, end, operations } = view;
    if (healedAt === undefined)
      return { ...base, status: 'undecided', message: 'a fault never heals: nothing is owed' };
    const from = healedAt + within;
    const length = end - from;
    if (length <= 0)
      return {
        ...base,
        status: 'undecided',
        message: `the run ends before ${durationText(within)} after the last fault`,
      };
    const before = succeededIn(operations, 0, firstFaultAt) / Math.max(1, firstFaultAt);
    const wanted = wantedIn(operations, from, end) / length;
    const after = succeededIn(operations, from, end) / length;
    const owed = share * Math.min(before, wanted);
    const rate = (perMicro: number): string => `${(perMicro * s(1)).toFixed(1)}/s`;
    const numbers = `${rate(after)} after the faults, ${rate(before)} before them, ${rate(wanted)} asked for`;
    if (after >= owed) return { ...base, status: 'held', message: `goodput ${numbers}` };
    const sentence = `goodput did not return within ${durationText(within)} after the last fault healed: ${numbers}`;
    return {
      ...base,
      status: 'violated',
      message: sentence,
      witness: {
        sentence,
        at: from,
        operations: [],
        facts: { before: before * s(1), after: after * s(1), wanted: wanted * s(1) },
      },
    };
  };
  return {
    name,
    kind: 'slo',
    promise: `goodput is back to ${share} of what it was within ${durationText(within)} after the last fault`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}
