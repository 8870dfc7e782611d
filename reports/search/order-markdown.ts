/** An exploration of orders in Markdown. */
import type { OrderEntry, OrderFindingEntry, OrderReport } from './order-entry.ts';
import { code, md } from './markdown-text.ts';
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

export function orderMarkdown({ summary, findings }: OrderEntry): string {
  const { scenario, question, seed } = summary;
  const parts = [
    `# orders: ${md(scenario)}`,
    md(question),
    [
      `- ${md(orderCountsText(summary))}`,
      `- ${md(completenessText(summary))}`,
      `- ${md(orderWorkTexts(summary).join(' · '))}`,
      `- rules: ${md(rulesText(summary))}`,
      `- seed: ${code(seed)}`,
    ].join('\n'),
    ...findings.map((finding) => findingPart(finding, summary)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function findingPart({ finding, replayCommand, page }: OrderFindingEntry, summary: OrderReport): string {
  return [
    `## ${md(finding.property)}`,
    '',
    md(finding.message),
    '',
    `- ${orderMomentText(finding)}, ${shareText(finding, summary)}; ${deviationsText(finding)}`,
    `- replay: ${replayCommand === undefined ? AGAIN_TEXT : code(replayCommand)}`,
    ...(page === undefined ? [] : [`- page: ${code(page)}`]),
    ...(finding.deviations.length === 0 ? [] : ['', ...finding.deviations.map((text, i) => `${i + 1}. ${md(text)}`)]),
  ].join('\n');
}
