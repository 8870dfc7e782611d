/** An exploration of orders for the terminal: each violated property with the order that does it, then how far it went. */
import { printable } from '../markup.ts';
import { PLAIN, type Paint, type TextOptions } from '../text.ts';
import type { OrderEntry, OrderFindingEntry, OrderReport } from './order-entry.ts';
import {
  AGAIN_TEXT,
  completenessText,
  deviationsText,
  orderCountsText,
  orderMomentText,
  orderWorkTexts,
  rulesText,
  shareText,
} from './order-words.ts';
import { few, row } from './text-rows.ts';

/** Deviations that are shown before the rest is counted. */
const SHOWN = 8;

export function orderText(
  { summary, findings }: OrderEntry,
  { paint = PLAIN }: Pick<TextOptions, 'paint'> = {},
): string {
  const { neverHappened } = summary;
  const completeness = completenessText(summary);
  return [
    ...findings.flatMap((finding) => findingLines(finding, summary, paint)),
    `${paint.strong(orderCountsText(summary))}  ${paint.dim(orderWorkTexts(summary).join('  '))}`,
    row('covered', summary.complete ? paint.good(completeness) : paint.warn(completeness), paint, 15),
    row('rules', rulesText(summary), paint, 15),
    ...(neverHappened.length === 0 ? [] : [row('never seen', printable(few(neverHappened)), paint, 15)]),
  ].join('\n');
}

function findingLines(
  { finding, replayCommand, pagePath }: OrderFindingEntry,
  summary: OrderReport,
  paint: Paint,
): string[] {
  const { property, message, deviations } = finding;
  const head = [paint.strong(printable(property)), `seed ${printable(summary.seed)}`, orderMomentText(finding)];
  const lines = [`${paint.bad('✗')} ${head.join('  ')}  ${paint.dim(shareText(finding, summary))}`];
  lines.push(`    ${printable(message)}`, row('order', deviationsText(finding), paint));
  for (const text of deviations.slice(0, SHOWN)) lines.push(row('', printable(text), paint));
  if (deviations.length > SHOWN) lines.push(row('', `and ${deviations.length - SHOWN} more`, paint));
  lines.push(row('replay', printable(replayCommand ?? AGAIN_TEXT), paint));
  if (pagePath !== undefined) lines.push(row('report', printable(pagePath), paint));
  return lines;
}
