/** `orrery compare`: two designs under the same draws. */
import { compareDesigns } from '../../sim/index.ts';
import { comparisonPage, comparisonText, experimentCsv } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import { deliver, experimentJson, outletsOf } from '../experiment/output.ts';
import { commandText, replicationOptions } from '../experiment/plan.ts';
import { pageStyle } from '../pages.ts';
import { readParamWords } from '../param-words.ts';
import type { Terminal } from '../terminal.ts';
import type { CompareArguments } from './experiment-options.ts';
import { oneScenario } from './search-words.ts';

export async function compareScenarios(
  args: CompareArguments,
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ scenario: a }, { scenario: b }] = [await oneScenario(args.first), await oneScenario(args.second)];
  const params = readParamWords(args.param ?? []);
  const own = readParamWords(args.with ?? []);
  const names: readonly [string, string] =
    a.name === b.name ? [a.name, `${b.name} ${withText(own)}`] : [a.name, b.name];
  const outlets = outletsOf(args, `${a.name}-compare-${b.name}`);
  const options = { ...replicationOptions(args), ...(args.figure === undefined ? {} : { figures: args.figure }) };
  const { seed, replications = 0 } = options;
  terminal.err(`seed ${seed} · ${names.join(' | ')} · ${replications} pairs`);
  const comparison = compareDesigns({ scenario: a, params }, { scenario: b, params: { ...params, ...own } }, options);
  const head = {
    title: `compare ${names.join(' | ')}`,
    question: a.question,
    seed,
    replications,
    command: commandText(argv, seed),
  };
  const places = [comparison.first, comparison.second].map((replicated, i) => ({
    at: { design: names[i] },
    replicated,
  }));
  deliver(
    outlets,
    {
      table: () => comparisonText(comparison, names),
      json: () => experimentJson('comparison', { designs: names, seed, replications, ...comparison }),
      csv: () => experimentCsv(places),
      html: () => comparisonPage(head, comparison, names, pageStyle()),
    },
    terminal,
  );
  return ExitCode.asExpected;
}

const withText = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
