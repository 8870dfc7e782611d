/** `orrery capacity`: the highest load that meets the objectives. Exit code 1 when not even the least does. */
import { capacity, parseObjective, type Capacity, type Probe } from '../../sim/index.ts';
import { capacityPage, capacityText, experimentCsv } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import { deliver, experimentJson, outletsOf } from '../experiment/output.ts';
import { commandText, replicationOptions } from '../experiment/plan.ts';
import { pageStyle } from '../pages.ts';
import { readParamWords } from '../param-words.ts';
import type { Terminal } from '../terminal.ts';
import type { CapacityArguments } from './experiment-options.ts';
import { oneScenario } from './search-words.ts';

export async function findCapacity(
  args: CapacityArguments,
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const { scenario } = await oneScenario(args.scenario);
  const outlets = outletsOf(args, `${scenario.name}-capacity`);
  const { load, from, to, precision } = args;
  const options = {
    ...replicationOptions(args),
    load,
    precision,
    objectives: args.slo.map((word) => parseObjective(word, '--slo')),
    params: readParamWords(args.param ?? []),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const { seed, replications = 0 } = options;
  terminal.err(`seed ${seed} · ${scenario.name} · ${replications} runs a probe`);
  const probes: Probe[] = [];
  const search = capacity(scenario, options);
  let step = search.next();
  for (; step.done !== true; step = search.next()) {
    probes.push(step.value);
    terminal.live?.(`  ${load} ${step.value.load}: ${step.value.met ? 'met' : 'missed'}`);
  }
  terminal.live?.('');
  const answer: Capacity = step.value;
  const head = {
    title: `capacity ${scenario.name}`,
    question: scenario.question,
    seed,
    replications,
    command: commandText(argv, seed),
  };
  deliver(
    outlets,
    {
      table: () => capacityText(load, probes, answer),
      json: () => experimentJson('capacity', { scenario: scenario.name, seed, replications, load, answer, probes }),
      csv: () => experimentCsv(probes.map((probe) => ({ at: { [load]: probe.load }, replicated: probe }))),
      html: () => capacityPage(head, load, probes, answer, pageStyle()),
    },
    terminal,
  );
  return answer.highest === undefined ? ExitCode.violated : ExitCode.asExpected;
}
