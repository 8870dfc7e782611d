/** A search in Markdown: its failures, its faults, and what was never exercised. */
import type { Finding } from '../../sim/search/summary.ts';
import { counted } from '../quantity.ts';
import { countsText, endedText, gapTexts, momentText, shrinkText, whenText, workTexts } from './finding-words.ts';
import { barsOf, noReturnText, POINT_HEADS, pointCells, spanText } from './inevitability-words.ts';
import { code, md } from './markdown-text.ts';
import type { FindingEntry, SearchEntry } from './search-entry.ts';

export function searchMarkdown({ summary, findings }: SearchEntry): string {
  const { scenario, question, seed, profile, gaps } = summary;
  const parts = [
    `# search: ${md(scenario)}`,
    md(question),
    [
      `- ${md(countsText(summary))}`,
      `- ${md(workTexts(summary).join(' · '))}`,
      `- seed: ${code(seed)}`,
      `- profiles: ${md(profile)}`,
    ].join('\n'),
    ...findings.map(findingPart),
    listPart('Never exercised', gapTexts(summary)),
    listPart('Never seen', gaps.sometimes),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function findingPart({ finding, replayCommand, page }: FindingEntry): string {
  const note = endedText(finding);
  const rows = finding.necessity.map(
    (fault) => `| ${md(fault.id)} | ${md(fault.text)} | ${md(whenText(fault))} | ${fault.without} |`,
  );
  return [
    `## ${md(finding.property)}`,
    '',
    md(finding.message),
    '',
    `- ${momentText(finding)}, in ${counted(finding.count, 'schedule')}; faults ${shrinkText(finding)}`,
    ...(note === undefined ? [] : [`- ${note}`]),
    `- replay: ${code(replayCommand)}`,
    ...(page === undefined ? [] : [`- page: ${code(page)}`]),
    ...futureLines(finding),
    ...(rows.length === 0 ? [] : ['', '| id | fault | when | without it |', '| --- | --- | --- | --- |', ...rows]),
  ].join('\n');
}

function futureLines({ inevitability }: Finding): string[] {
  if (inevitability === undefined) return [];
  const rows = inevitability.points.map((point) => `| ${pointCells(point).join(' | ')} |`);
  return [
    '',
    `${barsOf(inevitability)} ${noReturnText(inevitability)}; ${spanText(inevitability)}`,
    '',
    `| ${POINT_HEADS.join(' | ')} |`,
    '| --- | --- | --- |',
    ...rows,
  ];
}

const listPart = (title: string, texts: readonly string[]): string =>
  texts.length === 0 ? '' : [`## ${title}`, '', ...texts.map((text) => `- ${md(text)}`)].join('\n');
