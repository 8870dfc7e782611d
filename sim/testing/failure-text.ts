/** What a failed expectation says: what is wrong, under which faults, and how to see it again. */
import type { RunResult } from '../result.ts';
import type { Verdict } from '../check/verdict.ts';
import { durationText, instantText } from '../base/time.ts';

/** For a POSIX shell. */
const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-][A-Za-z0-9_./:=@%+,#-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** The command that shows the run again; `file` is the file that the scenario is in, absent for one that comes with Orrery. */
export function commandOf(result: RunResult, file?: string): string {
  const { scenario, durations = [] } = result;
  const words = ['orrery', 'run', file === undefined || file === scenario ? scenario : `${file}#${scenario}`];
  words.push('--seed', result.seed);
  for (const [name, value] of Object.entries(result.params)) {
    const text = durations.includes(name) ? durationText(value as number) : String(value);
    words.push('--param', `${name}=${text}`);
  }
  words.push('--faults', JSON.stringify(result.schedule));
  return words.map(quoted).join(' ');
}

const faultLines = ({ faults }: RunResult): string[] =>
  faults.length === 0
    ? ['  none']
    : faults.map(({ id, text, at, until, effects }) => {
        const when = until === undefined ? `at ${instantText(at)}` : `${instantText(at)} to ${instantText(until)}`;
        return `  ${id}  ${text}, ${when}${effects === 0 ? ' (no effect)' : ''}`;
      });

const verdictLines = (verdicts: readonly Verdict[]): string[] =>
  verdicts.flatMap(({ check, status, message }) => [`  ${status}: ${check}`, `    ${message}`]);

/** `headline`, these verdicts, the schedule, the seed and the command. */
export function failureText(
  headline: string,
  result: RunResult,
  verdicts: readonly Verdict[],
  scenario?: string,
): string {
  return [
    headline,
    ...verdictLines(verdicts),
    '',
    'Fault schedule:',
    ...faultLines(result),
    '',
    `Seed: ${result.seed}`,
    `Replay: ${commandOf(result, scenario)}`,
  ].join('\n');
}
