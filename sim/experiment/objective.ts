/** Service level objectives: `latency.p99 <= 50ms`, `ok >= 0.999`. */
import { ConfigError } from '../base/errors.ts';
import { durationText, parseDuration } from '../base/time.ts';
import type { Estimate } from './estimate.ts';
import { isDuration } from './figures.ts';

export interface Objective {
  readonly figure: string;
  readonly relation: '<=' | '>=';
  /** In the figure's unit; durations in µs. */
  readonly limit: number;
}

/** Reads `figure <= limit` or `figure >= limit`; limits of latencies are durations such as 50ms. Throws ConfigError. */
export function parseObjective(text: string, field = 'slo'): Objective {
  const expected = 'a figure, <= or >=, and a limit: "latency.p99 <= 50ms", "ok >= 0.999"';
  const [, figure, relation, limit] = /^\s*(\S+?)\s*(<=|>=)\s*(\S+)\s*$/.exec(text) ?? [];
  if (figure === undefined || limit === undefined) throw new ConfigError(field, text, expected);
  const value = isDuration(figure) ? parseDuration(limit, field) : Number(limit);
  if (!Number.isFinite(value)) throw new ConfigError(field, text, `${expected}; its limit is no number`);
  return { figure, relation: relation as Objective['relation'], limit: value };
}

export const objectiveText = ({ figure, relation, limit }: Objective): string =>
  `${figure} ${relation} ${isDuration(figure) ? durationText(limit) : limit}`;

/** Met when all of the confidence interval is on the right side; with one replication, the figure itself. No data is not met. */
export function isMet({ relation, limit }: Objective, { n, mean, halfWidth }: Estimate): boolean {
  const slack = n === 1 ? 0 : halfWidth;
  return n > 0 && (relation === '<=' ? mean + slack <= limit : mean - slack >= limit);
}
