/** A search for the terminal: each distinct failure with its faults and how to run it again, then what was covered. */
import { printable } from '../markup.ts';
import { counted, length } from '../quantity.ts';
import { PLAIN, type Paint, type TextOptions } from '../text.ts';
import {
  countsText,
  divergenceText,
  endedText,
  gapTexts,
  idleFaultTexts,
  momentText,
  seedText,
  shrinkText,
  whenText,
  withoutText,
  workTexts,
} from './finding-words.ts';
import { barsOf, noReturnText, spanText } from './inevitability-words.ts';
import type { FindingEntry, SearchEntry } from './search-entry.ts';
import { few, row } from './text-rows.ts';

export function searchText(entry: SearchEntry, { paint = PLAIN }: Pick<TextOptions, 'paint'> = {}): string {
  const { summary, findings, unexamined = 0 } = entry;
  const { notReproduced } = summary;
  const lines = findings.flatMap((finding) => findingLines(finding, paint));
  if (unexamined > 0)
    lines.push(paint.warn(`! ${counted(unexamined, 'more failure')} not looked into: the search ended first`));
  if (notReproduced.length > 0) {
    const which = few(notReproduced.map(String));
    lines.push(
      paint.bad(
        `! not deterministic: what failed in schedule ${which} did not fail again; --check-determinism shows where`,
      ),
    );
  }
  lines.push(...determinismLines(entry, paint));
  lines.push(`${paint.strong(countsText(summary))}  ${paint.dim(workTexts(summary).join('  '))}`);
  const rows: [string, readonly string[]][] = [
    ['never exercised', gapTexts(summary)],
    ['never seen', summary.gaps.sometimes],
    ['without effect', idleFaultTexts(summary)],
  ];
  for (const [label, texts] of rows) if (texts.length > 0) lines.push(row(label, printable(few(texts)), paint, 15));
  return lines.join('\n');
}

function findingLines({ finding, replayCommand, pagePath }: FindingEntry, paint: Paint): string[] {
  const { property, message, count, necessity, inevitability } = finding;
  const head = [paint.strong(printable(property)), `seed ${printable(seedText(finding))}`, momentText(finding)];
  const lines = [`${paint.bad('✗')} ${head.join('  ')}  ${paint.dim(`in ${counted(count, 'schedule')}`)}`];
  lines.push(`    ${printable(message)}`);
  const width = Math.max(0, ...necessity.map(({ id, text }) => printable(`${id} ${text}`).length));
  const shrink = shrinkText(finding);
  for (const [i, fault] of necessity.entries()) {
    const lead = i === 0 ? shrink : ' '.repeat(shrink.length);
    const name = printable(`${fault.id} ${fault.text}`).padEnd(width);
    const when = paint.dim(printable(whenText(fault)));
    lines.push(row(i === 0 ? 'faults' : '', `${lead}   ${name}  ${when}  ${withoutText(fault)}`, paint));
  }
  if (necessity.length === 0) lines.push(row('faults', `${shrink}   it fails without any fault`, paint));
  if (inevitability !== undefined) {
    lines.push(row('future', `${barsOf(inevitability)}  ${noReturnText(inevitability)}`, paint));
    lines.push(row('', paint.dim(spanText(inevitability)), paint));
  }
  const note = endedText(finding);
  if (note !== undefined) lines.push(row('note', paint.warn(note), paint));
  lines.push(row('replay', printable(replayCommand), paint));
  if (pagePath !== undefined) lines.push(row('report', printable(pagePath), paint));
  return lines;
}

function determinismLines({ determinism }: SearchEntry, paint: Paint): string[] {
  if (determinism === undefined) return [];
  const { checked, diverged } = determinism;
  if (diverged.length === 0)
    return [
      `${paint.good('✓')} deterministic: ${counted(checked, 'schedule')} ran again in a fresh worker to the same events`,
    ];
  const [first, ...rest] = diverged as [(typeof diverged)[number], ...(typeof diverged)[number][]];
  const [what = '', ...sides] = divergenceText(first.divergence);
  const more = rest.length === 0 ? '' : `; so do ${rest.length} more of ${checked}`;
  return [
    `${paint.bad('✗')} ${paint.strong('not deterministic')}  schedule ${first.index} runs otherwise in a fresh worker${more}`,
    row('where', printable(what), paint),
    ...sides.map((side) => row('', printable(side), paint)),
  ];
}

export interface ProgressOfSearch {
  /** Schedules, or orders. */
  readonly schedules: number;
  /** What is counted. Default schedule. */
  readonly unit?: 'schedule' | 'order';
  /** Virtual time of all schedules, µs. */
  readonly virtualTime: number;
  readonly findings: number;
  /** Host time, ms. */
  readonly elapsedMs: number;
}

/** `  1,214 schedules  33/s  4.0 h virtual  1 finding  0:37`. */
export function searchProgress({
  schedules,
  unit = 'schedule',
  virtualTime,
  findings,
  elapsedMs,
}: ProgressOfSearch): string {
  const seconds = Math.floor(elapsedMs / 1_000);
  const perSecond = elapsedMs === 0 ? 0 : (schedules * 1_000) / elapsedMs;
  const rate = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const parts = [counted(schedules, unit), rate, `${length(virtualTime)} virtual`, counted(findings, 'finding'), clock];
  return `  ${parts.join('  ')}`;
}
