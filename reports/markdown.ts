/** report.md for one run: the verdict, what happened, the faults, and the events around the failure, in text. */
import type { RunResult } from '../sim/result.ts';
import type { RunEntry } from './entry.ts';
import { failureInstants, headline, inForceAtFailure } from './headline.ts';
import { operationStories } from './operation-story.ts';
import { answerText, askedText } from './operation-text.ts';
import { printable } from './markup.ts';
import { counted, instant, length, window } from './quantity.ts';
import { isRecorded, partlyRecorded } from './recording.ts';
import { contradiction, stepsOf } from './steps.ts';
import { rowText } from './row-text.ts';
import { TraceReader } from './trace-reader.ts';

/** Plain text, except for what would begin a tag, an entity or a mark of Markdown itself. */
const md = (text: string): string =>
  printable(text)
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]#|~]/g, '\\$&');

/** A code span that the text cannot end: its fence is longer than any run of backticks inside. */
function code(text: string): string {
  const shown = printable(text);
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const room = shown === '' || /^[ `]|[ `]$/.test(shown) ? ' ' : '';
  return `${fence}${room}${shown}${room}${fence}`;
}

const EVENTS_AROUND = 24;

export function markdownReport({ result, replayCommand, necessity }: RunEntry): string {
  const parts = [
    verdictPart(result, replayCommand),
    stepsPart(result),
    faultsPart(result, necessity),
    operationsPart(result),
    eventsPart(result),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function verdictPart(result: RunResult, replayCommand: string): string {
  const told = headline(result);
  const { status, verdict, sentence } = told;
  return [
    `# ${status}: ${md(result.scenario)}${verdict === undefined ? '' : ` · ${md(verdict.check)}`}`,
    '',
    md(sentence),
    '',
    `- question: ${md(result.question)}`,
    `- expected: ${md(result.expectation.text)} — ${result.expectation.met ? 'met' : 'NOT met'} (${md(result.expectation.why)})`,
    ...failureInstants(told).map(([name, at]) => `- ${name}: ${at}`),
    `- seed: ${code(result.seed)}`,
    `- digest: ${code(result.digest)}, version ${code(result.version)}`,
    `- replay: ${code(replayCommand)}`,
    '',
    ...result.verdicts.map((v) => `- ${v.status}: **${md(v.check)}** (${v.kind}) ${md(v.message)}`),
  ].join('\n');
}

function stepsPart(result: RunResult): string {
  const steps = stepsOf(result).map((step) => `${step.number}. ${instant(step.at)}: ${md(step.text)}`);
  return ['## What happened', '', ...steps].join('\n');
}

function faultsPart(result: RunResult, necessity: RunEntry['necessity'] = []): string {
  if (result.faults.length === 0) return '## Faults\n\nNone.';
  const told = headline(result);
  const without = new Map(necessity.map((row) => [row.id, row.without]));
  const last = (text: string): string => (without.size === 0 ? '' : ` ${text} |`);
  const rows = result.faults.map((fault) => {
    const effect = fault.effects === 0 ? 'had no effect' : counted(fault.effects, 'effect');
    const force = told.loss?.fault === fault.id ? 'lost it' : inForceAtFailure(fault, told) ? 'in force' : '';
    const cells = `${md(fault.id)} | ${md(fault.text)} | ${window(fault.at, fault.until)} | ${effect} | ${force}`;
    return `| ${cells} |${last(without.get(fault.id) ?? 'not tried')}`;
  });
  const part = told.acknowledged === undefined ? 'at the failure' : 'from acknowledgement to loss';
  return [
    '## Faults',
    '',
    `| id | fault | window | effect | ${part} |${last('without it')}`,
    `| --- | --- | --- | --- | --- |${last('---')}`,
    ...rows,
  ].join('\n');
}

function operationsPart(result: RunResult): string {
  const { verdict } = headline(result);
  const operations = contradiction(verdict, result.operations);
  if (operations.length === 0) return '';
  const story = operationStories(result, verdict).find(({ check }) => check === verdict?.check);
  const rows = operations.map(
    (op) =>
      `| ${md(op.client)} | ${md(askedText(op))} | ${md(answerText(op))} | ${instant(op.invokedAt)} | ${instant(op.completedAt)} |`,
  );
  return [
    '## Operations of the contradiction',
    '',
    ...(story?.lines ?? []).map(([name, text]) => `- ${name}: ${md(text)}`),
    '',
    '| client | operation | answer | invoked | completed |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function eventsPart(result: RunResult): string {
  const { trace } = result;
  if (trace === undefined) return '## Events\n\nNot recorded.';
  const reader = new TraceReader(trace);
  if (reader.rows === 0) return '## Events\n\nNothing happened in the recorded window.';
  const at = headline(result).at ?? trace.to;
  const middle = reader.firstAt(at);
  const from = Math.max(1, middle - EVENTS_AROUND);
  const to = Math.min(reader.rows, middle + 4);
  const lines: string[] = [];
  for (let row = from; row <= to; row++)
    lines.push(`    ${instant(reader.row(row).at).padStart(12)}  ${rowText(reader.row(row))}`);
  const omitted =
    trace.omitted === 0 ? '' : `\n\n**The trace is truncated: ${counted(trace.omitted, 'event')} did not fit.**`;
  const partly = partlyRecorded(result) === undefined ? '' : ' **Only this window was recorded.**';
  const title =
    result.status === 'held' ? 'at the end' : isRecorded(result, at) ? 'at the failure' : 'nearest to the failure';
  const range = `Events ${from} to ${to} of ${reader.rows}; recorded from ${length(trace.from)} to ${length(trace.to)}.${partly}`;
  return `## Events ${title}\n\n${range}\n\n${lines.join('\n')}${omitted}`;
}
