/**
 * The guard against regressions: ratios of the engine's speed to its reference's, beside those that were written down.
 *
 * A ratio is taken of the fastest round of each side, because a noisy machine can only add time. The margin is wide, since the
 * ratio itself differs between processors, and a row is believed to have fallen only when it has been measured three times.
 */
import { columns } from './columns.ts';
import { ConfigError } from '../sim/base/errors.ts';
import type { Entry } from './row.ts';
import { median } from './statistics.ts';

/** Ratio by row and by work. */
export type Ratios = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Judgement {
  readonly row: string;
  readonly work: string;
  readonly baseline: number;
  readonly measured: number;
  readonly ok: boolean;
}

/** The share of its baseline that a ratio may not fall below. */
export const MARGIN = 0.6;

/** How fast the engine is, in multiples of its reference, for each line that has one. */
export function ratiosOf(entries: readonly Entry[]): Readonly<Record<string, number>> {
  const ratios: Record<string, number> = {};
  for (const entry of entries) {
    if (entry.table === undefined && entry.cost !== undefined && entry.reference !== undefined)
      ratios[entry.work] = entry.reference.min / entry.cost.min;
  }
  return ratios;
}

type RowRatios = Readonly<Record<string, number>>;

/** Combines measurements of one row, line by line. Throws Error when they do not have the same lines. */
function combined(measurements: readonly RowRatios[], combine: (values: readonly number[]) => number): RowRatios {
  const [first = {}] = measurements;
  const values = (work: string): number[] =>
    measurements.map((ratios) => {
      const value = ratios[work];
      if (value === undefined) throw new Error(`a line that is not always there: ${work}`);
      return value;
    });
  return Object.fromEntries(Object.keys(first).map((work) => [work, combine(values(work))]));
}

export const best = (measurements: readonly RowRatios[]): RowRatios =>
  combined(measurements, (values) => Math.max(...values));

export const middle = (measurements: readonly RowRatios[]): RowRatios => combined(measurements, median);

/** What to do about a baseline that does not fit. */
export const REWRITE = 'as npm run bench -- --write-baseline writes it';

/** Judges a row. Throws ConfigError when the baseline does not have exactly its lines. */
export function judge(row: string, baseline: Ratios, measured: RowRatios): readonly Judgement[] {
  const before = baseline[row] ?? {};
  const gone = Object.keys(before).find((work) => measured[work] === undefined);
  if (gone !== undefined)
    throw new ConfigError(`baseline of row ${row}`, gone, `only lines that the row still has, ${REWRITE}`);
  return Object.entries(measured).map(([work, ratio]) => {
    const expected = before[work];
    if (expected === undefined)
      throw new ConfigError(`baseline of row ${row}`, expected, `a ratio for "${work}", ${REWRITE}`);
    return { row, work, baseline: expected, measured: ratio, ok: ratio >= MARGIN * expected };
  });
}

/** Throws ConfigError naming what is wrong with it. `path`: for the message. */
export function readBaseline(text: string | undefined, path: string): Ratios {
  if (text === undefined) throw new ConfigError(path, undefined, `a file, ${REWRITE}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(path, (error as Error).message, `JSON, ${REWRITE}`);
  }
  const { ratios } = (parsed ?? {}) as { readonly ratios?: unknown };
  if (!isRecord(ratios)) throw new ConfigError(`${path}: ratios`, ratios, `ratios by row and by work, ${REWRITE}`);
  for (const [row, lines] of Object.entries(ratios)) {
    if (!isRecord(lines)) throw new ConfigError(`${path}: ratios.${row}`, lines, 'ratios by work');
    for (const [work, ratio] of Object.entries(lines)) {
      if (!(typeof ratio === 'number' && ratio > 0 && ratio < Infinity))
        throw new ConfigError(`${path}: ratios.${row}["${work}"]`, ratio, 'a number above 0');
    }
  }
  return ratios as Ratios;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Three digits that count are more than a ratio is worth. */
const rounded = (ratio: number): number => Number(ratio.toPrecision(3));

export function baselineText(ratios: Ratios): string {
  const plain = Object.entries(ratios).map(([row, lines]): [string, RowRatios] => [
    row,
    Object.fromEntries(Object.entries(lines).map(([work, ratio]) => [work, rounded(ratio)])),
  ]);
  return `${JSON.stringify({ about: ABOUT, ratios: Object.fromEntries(plain) }, null, 2)}\n`;
}

const ABOUT = 'Speed as a multiple of the reference in the same run. Written by npm run bench -- --write-baseline.';

const times = (ratio: number): string => `${ratio.toPrecision(3)}×`;
const share = ({ measured, baseline }: Judgement): string => `${Math.round((100 * measured) / baseline)} %`;

const HEADER = ['row', 'work', 'baseline', 'measured', 'of it', ''];

/** So much faster that the baseline no longer guards it. */
const isFaster = ({ measured, baseline }: Judgement): boolean => measured * MARGIN > baseline;

export function guardText(judgements: readonly Judgement[]): string {
  const cells = judgements.map((one) => [
    one.row,
    one.work,
    times(one.baseline),
    times(one.measured),
    share(one),
    !one.ok ? 'SLOWER' : isFaster(one) ? 'faster' : 'ok',
  ]);
  const slower = judgements.filter(({ ok }) => !ok);
  const faster = judgements.filter(isFaster).length;
  const endings = [
    ...slower.map(slowerText),
    ...(slower.length > 0
      ? []
      : [`all ${judgements.length} ratios are at least ${MARGIN * 100} % of their baselines\n`]),
    ...(faster === 0 ? [] : [`${faster} far above: the baseline is to be written anew, ${REWRITE}\n`]),
  ];
  return `${columns([HEADER, ...cells], new Set([0, 1, 5]))}\n${endings.join('')}`;
}

const slowerText = (one: Judgement): string =>
  `SLOWER: ${one.row}, ${one.work}: ${times(one.measured)} of its reference's speed, ${share(one)} of the baseline ` +
  `${times(one.baseline)}; at least ${times(MARGIN * one.baseline)} (${MARGIN * 100} %) is asked\n`;
