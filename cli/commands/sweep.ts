/** `orrery sweep`: every combination of parameters, replicated with the same seeds. */
import { placesOf, sweep, type SweepPlace } from '../../sim/index.ts';
import { experimentCsv, sweepPage, sweepText } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import { readGridWords } from '../experiment/grid-words.ts';
import { deliver, experimentJson, outletsOf } from '../experiment/output.ts';
import { commandText, replicationOptions } from '../experiment/plan.ts';
import { pageStyle } from '../pages.ts';
import { readParamWords } from '../param-words.ts';
import type { Terminal } from '../terminal.ts';
import type { SweepArguments } from './experiment-options.ts';
import { oneScenario } from './search-words.ts';

export async function sweepScenario(
  args: SweepArguments,
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const { scenario } = await oneScenario(args.scenario);
  const outlets = outletsOf(args, `${scenario.name}-sweep`);
  const options = {
    ...replicationOptions(args),
    grid: readGridWords(args.grid ?? []),
    params: readParamWords(args.param ?? []),
    ...(args.figure === undefined ? {} : { figures: args.figure }),
  };
  const { seed, replications = 0 } = options;
  const count = placesOf(scenario, options).length;
  terminal.err(`seed ${seed} · ${scenario.name} · ${count} ${count === 1 ? 'place' : 'places'} × ${replications}`);
  const places: SweepPlace[] = [];
  for (const place of sweep(scenario, options)) {
    places.push(place);
    terminal.live?.(`  ${places.length} of ${count}`);
  }
  terminal.live?.('');
  const head = {
    title: `sweep ${scenario.name}`,
    question: scenario.question,
    seed,
    replications,
    command: commandText(argv, seed),
  };
  deliver(
    outlets,
    {
      table: () => sweepText(places),
      json: () => experimentJson('sweep', { scenario: scenario.name, seed, replications, places }),
      csv: () => experimentCsv(places.map((place) => ({ at: place.at, replicated: place }))),
      html: () => sweepPage(head, places, pageStyle()),
    },
    terminal,
  );
  return ExitCode.asExpected;
}
