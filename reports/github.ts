/** Annotations for GitHub Actions: one `::error` command for each run against its expectation, a warning for an idle fault. */
import { isAsExpected, isBroken, nameOf, type ReportEntry, seedOf } from './entry.ts';
import { headline } from './headline.ts';
import { printable } from './markup.ts';

/** Workflow commands end at a line break, and `%` starts an escape. */
const inMessage = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const inProperty = (text: string): string => inMessage(printable(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');

export function githubReport(entries: readonly ReportEntry[]): string {
  const lines = entries.flatMap((entry) => [...errorOf(entry), ...idleFaults(entry)]);
  return lines.join('\n');
}

function errorOf(entry: ReportEntry): string[] {
  if (isAsExpected(entry)) return [];
  const title = isBroken(entry) ? 'error' : entry.result.expectation.why;
  const sentence = isBroken(entry) ? entry.error : headline(entry.result).sentence;
  const message = [sentence, `seed ${seedOf(entry)}`, `replay: ${entry.replayCommand}`].map(printable).join('\n');
  return [`::error title=${inProperty(`${nameOf(entry)}: ${title}`)}::${inMessage(message)}`];
}

function idleFaults(entry: ReportEntry): string[] {
  if (isBroken(entry)) return [];
  const { result } = entry;
  const idle = result.faults.filter((fault) => fault.effects === 0).map((fault) => `${fault.id} (${fault.text})`);
  if (idle.length === 0) return [];
  const title = inProperty(`${result.scenario}: faults without effect`);
  return [
    `::warning title=${title}::${inMessage(printable(`These planned faults changed nothing: ${idle.join(', ')}`))}`,
  ];
}
