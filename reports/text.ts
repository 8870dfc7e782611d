/**
 * The `list` reporter: one line for each run, details for what went against its expectation, a closing summary.
 * Colour is the caller's business: `paint` is applied to spans of plain text that hold no escape sequences.
 */
import { printable } from './markup.ts';
import { type BrokenEntry, isAsExpected, isBroken, nameOf, type ReportEntry, type RunEntry } from './entry.ts';
import { caughtText, failureText, headline } from './headline.ts';
import { counted, grouped, instant, length, window } from './quantity.ts';
import { stepsOf } from './steps.ts';

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
}

const same = (text: string): string => text;
/** No colour. */
export const PLAIN: Paint = { good: same, bad: same, warn: same, dim: same, strong: same };

export interface TextOptions {
  readonly paint?: Paint;
  /** Width of the column of names, in characters; default: the longest name. */
  readonly nameWidth?: number;
}

/** All of it: lines, details, summary. */
export function textReport(entries: readonly ReportEntry[], options: TextOptions = {}): string {
  const nameWidth = options.nameWidth ?? Math.max(0, ...entries.map((entry) => printable(nameOf(entry)).length));
  const parts = entries.map((entry) => entryText(entry, { ...options, nameWidth }));
  return [...parts, '', summaryText(entries, options)].join('\n');
}

/** One run: its line, and below it the details when it is not as expected. For printing while a suite is under way. */
export function entryText(entry: ReportEntry, options: TextOptions = {}): string {
  const details = isAsExpected(entry) ? [] : detailLines(entry, options.paint ?? PLAIN);
  return [lineOf(entry, options), ...details].join('\n');
}

function lineOf(entry: ReportEntry, { paint = PLAIN, nameWidth = 0 }: TextOptions): string {
  const name = printable(nameOf(entry)).padEnd(nameWidth);
  if (isBroken(entry)) return `${paint.bad('✗')} ${paint.strong(name)}  ${paint.bad('error')}`;
  const { result } = entry;
  const { met, text } = result.expectation;
  const expectation = `${met ? 'as expected' : 'NOT as expected'} (${printable(text)})`;
  const caught = printable(caughtText(result));
  const numbers = [
    length(result.engine.reached),
    counted(result.engine.events, 'event'),
    printable(result.digest),
  ].join('  ');
  const verdict = result.status === 'undecided' ? paint.warn(caught) : caught;
  return [
    `${met ? paint.good('✓') : paint.bad('✗')} ${paint.strong(name)}`,
    met ? paint.good(expectation) : paint.bad(expectation),
    verdict,
    paint.dim(numbers),
  ].join('  ');
}

function detailLines(entry: ReportEntry, paint: Paint): string[] {
  const rows = isBroken(entry) ? brokenRows(entry) : runRows(entry, paint);
  return rows.map(([label, text]) => `    ${paint.dim(label.padEnd(8))} ${text}`);
}

type Row = readonly [label: string, text: string];

const brokenRows = (entry: BrokenEntry): Row[] => [
  ['error', printable(entry.error)],
  ['seed', printable(entry.seed)],
  ['replay', printable(entry.replayCommand)],
];

function runRows(entry: RunEntry, paint: Paint): Row[] {
  const { result } = entry;
  const told = headline(result);
  const { sentence, verdict, at } = told;
  const rows: Row[] = [['why', printable(result.expectation.why)]];
  if (verdict !== undefined)
    rows.push([
      verdict.status,
      paint.strong(printable(verdict.check)) + (at === undefined ? '' : ` ${failureText(told)}`),
    ]);
  rows.push(['', paint.strong(printable(sentence))]);
  for (const step of stepsOf(result))
    rows.push([`${step.number}.`, `${paint.dim(instant(step.at).padStart(12))}  ${printable(step.text)}`]);
  for (const fault of result.faults) {
    const effect = fault.effects === 0 ? paint.warn('had no effect') : `changed ${counted(fault.effects, 'event')}`;
    rows.push([
      'fault',
      `${printable(fault.id)}  ${printable(fault.text)}  ${paint.dim(window(fault.at, fault.until))}  ${effect}`,
    ]);
  }
  rows.push(['seed', printable(result.seed)], ['replay', printable(entry.replayCommand)]);
  if (entry.page !== undefined) rows.push(['report', printable(entry.page)]);
  return rows;
}

/** `4 scenarios: 3 as expected, 1 not   12,345 events   digest …`. */
export function summaryText(entries: readonly ReportEntry[], { paint = PLAIN }: TextOptions = {}): string {
  const met = entries.filter(isAsExpected).length;
  const broken = entries.filter(isBroken).length;
  const unmet = entries.length - met - broken;
  const events = entries.reduce((sum, entry) => sum + (isBroken(entry) ? 0 : entry.result.engine.events), 0);
  const virtual = entries.reduce((sum, entry) => sum + (isBroken(entry) ? 0 : entry.result.engine.reached), 0);
  const parts = [
    met > 0 ? paint.good(`${grouped(met)} as expected`) : '',
    unmet > 0 ? paint.bad(`${grouped(unmet)} not as expected`) : '',
    broken > 0 ? paint.bad(counted(broken, 'error')) : '',
  ].filter((part) => part !== '');
  const totals = paint.dim(`${counted(events, 'event')}  ${length(virtual)} virtual`);
  return `${paint.strong(counted(entries.length, 'run'))}: ${parts.join(', ') || 'nothing ran'}  ${totals}`;
}
