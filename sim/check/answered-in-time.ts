/**
 * Requests are answered in time: a service level objective, "99 % within 100 ms", over the whole run. A request that fails, or is
 * never answered, is one that was not answered in time: otherwise refusing everything would be the quickest service.
 */
import { ConfigError } from '../base/errors.ts';
import { durationText, parseDuration, type Duration } from '../base/time.ts';
import { awaitedFrom } from '../metrics/awaited-from.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

/** The check's name, by which a scenario can expect it to be violated. */
export const ANSWERED_IN_TIME = 'requests are answered in time';

export interface AnsweredInTimeOptions {
  /** Longest time from when the client meant to ask to the answer. */
  readonly within: Duration;
  /** Share of the requests that must have been answered by then, above 0 and at most 1. Default 0.99. */
  readonly share?: number;
  /** Default `requests are answered in time`. */
  readonly name?: string;
}

/** Undecided when no request was due before the end of the run. Throws ConfigError. */
export function answeredInTime(options: AnsweredInTimeOptions): Check {
  const { share = 0.99, name = ANSWERED_IN_TIME } = options;
  const within = parseDuration(options.within, 'answeredInTime: within');
  if (!(share > 0 && share <= 1)) throw new ConfigError('answeredInTime: share', share, 'a share above 0, at most 1');
  const percent = (x: number): string => `${Number((100 * x).toFixed(3))} %`;
  const verdict = ({ operations, end }: RunView): Verdict => {
    const base = { check: name, kind: 'slo' } as const;
    const due = operations.filter((one) => awaitedFrom(one) + within <= end);
    if (due.length === 0) return { ...base, status: 'undecided', message: 'no request was due before the end' };
    const late = due.filter((one) => one.outcome !== 'ok' || one.completedAt - awaitedFrom(one) > within);
    const reached = 1 - late.length / due.length;
    const sentence = `${percent(reached)} of ${due.length} requests were answered within ${durationText(within)}`;
    if (reached >= share) return { ...base, status: 'held', message: sentence };
    const [first] = late;
    return {
      ...base,
      status: 'violated',
      message: `${sentence}, ${percent(share)} were promised`,
      witness: {
        sentence: `${sentence}, ${percent(share)} were promised`,
        at: first?.invokedAt ?? end,
        operations: late.slice(0, 20).map(({ id }) => id),
        facts: { late: late.length, requests: due.length, share: reached },
      },
    };
  };
  return {
    name,
    kind: 'slo',
    promise: `${percent(share)} of the requests are answered within ${durationText(within)}`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}
