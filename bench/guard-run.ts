/** Measures what the guard judges. */
import { ConfigError } from '../sim/base/errors.ts';
import { best, judge, middle, ratiosOf, REWRITE, type Judgement, type Ratios } from './guard.ts';
import type { Measured, Row, Scale } from './row.ts';

/**
 * Rows that cover the paths of the engine: queue, timers, network, calls, flows, CPU, metrics, the recorded path. Each beside a bare
 * loop: a ratio of one path of the engine to another would fall when the other one is made faster.
 */
export const GUARDED = [
  'timers',
  'heartbeats-10000',
  'ring-100',
  'ring-10000',
  'mm1',
  'flows',
  'service',
  'group',
  'recorded-ring',
];

export const GUARD_SCALE: Scale = { rounds: 9, size: 0.2 };

/** How often a row is measured before it is believed to be slower, and for a baseline. */
const TRIES = 3;

export type Measure = (row: Row) => Measured;

/** `again` is told of a row that is measured once more. Throws ConfigError when the baseline does not fit. */
export function guard(
  rows: readonly Row[],
  baseline: Ratios,
  measure: Measure,
  again: (slower: readonly Judgement[]) => void,
): readonly Judgement[] {
  const names = rows.map(({ name }) => name);
  const gone = Object.keys(baseline).find((name) => !names.includes(name));
  if (gone !== undefined)
    throw new ConfigError('baseline', gone, `only rows that the guard measures (${names.join(', ')}), ${REWRITE}`);
  return rows.flatMap((row) => {
    const measured = [ratiosOf(measure(row).entries)];
    for (;;) {
      const judgements = judge(row.name, baseline, best(measured));
      const slower = judgements.filter(({ ok }) => !ok);
      if (slower.length === 0 || measured.length === TRIES) return judgements;
      again(slower);
      measured.push(ratiosOf(measure(row).entries));
    }
  });
}

/** Each ratio the median of three measurements. */
export const newBaseline = (rows: readonly Row[], measure: Measure): Ratios =>
  Object.fromEntries(
    rows.map((row) => {
      const measurements = Array.from({ length: TRIES }, () => ratiosOf(measure(row).entries));
      return [row.name, middle(measurements)];
    }),
  );
