/** `orrery search --order`: explores orders of arrivals and timers, with the same actors, under one schedule of faults. */
import { dirname, join } from 'node:path';
import { Chalk } from 'chalk';
import { readParams, type OrderFinding } from '../../sim/index.ts';
import { orderText, type OrderEntry } from '../../reports/index.ts';
import { ExitCode } from '../exit-codes.ts';
import { checkWritable } from '../files.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import { readParamWords } from '../param-words.ts';
import { readFaults } from '../read-faults.ts';
import { safe } from '../safe-name.ts';
import { sourceFor } from '../scenario-source.ts';
import { runToEnd } from '../search/interruptible.ts';
import type { OrderFile } from '../search/order-file.ts';
import { OrderSearch, type OrderPlan } from '../search/order-search.ts';
import { publishOrders } from '../search/publish-orders.ts';
import type { OrderAnswer, StrategyChoice } from '../search/search-task.ts';
import type { Terminal } from '../terminal.ts';
import { refuse, rulesFrom, strategyFrom } from './order-words.ts';
import type { SearchArguments } from './search-options.ts';
import { minimiseRunsFrom, oneScenario, seedFrom, timeFrom } from './search-words.ts';

export async function searchTheOrders(
  args: SearchArguments,
  order: StrategyChoice['kind'],
  terminal: Terminal,
): Promise<ExitCode> {
  const plan = await planOf(args, order);
  checkWritable(args.out, '--out');
  terminal.err(openingLine(plan));
  const search = new OrderSearch(plan);
  try {
    const answer = await runToEnd(search, terminal, () => search.run());
    const path = join(args.out, `${plan.one.scenario.name}-${safe(plan.seed)}.orders.json`);
    const file = fileOf(answer, plan, dirname(path));
    deliver(file, path, plan.one, args, terminal);
    return search.interrupted ? ExitCode.interrupted : exitCodeOf(file);
  } finally {
    await search.end();
  }
}

/** Writes the files and prints the findings, which it does even where the files cannot be written. */
function deliver(
  file: OrderFile,
  path: string,
  one: LoadedScenario,
  { pages, json }: SearchArguments,
  terminal: Terminal,
): void {
  const print = (entry: OrderEntry): void =>
    terminal.out(json ? JSON.stringify(file, null, 2) : orderText(entry, { paint: paintOf(terminal) }));
  let entry: OrderEntry;
  try {
    entry = publishOrders(file, path, one, pages);
  } catch (error) {
    print({ summary: file, findings: file.findings.map((finding) => ({ finding })) });
    throw error;
  }
  print(entry);
  terminal.err(`orders ${path}`);
}

const paintOf = ({ colour }: Terminal) => {
  const { green, red, yellow, dim, bold } = new Chalk({ level: colour ? 1 : 0 });
  return { good: green, bad: red, warn: yellow, dim, strong: bold };
};

async function planOf(args: SearchArguments, order: StrategyChoice['kind']): Promise<OrderPlan> {
  const strategy = strategyFrom(order, args);
  const rules = rulesFrom(args);
  refuseWhatDrawsFaults(args);
  const one = await oneScenario(args.scenario);
  return {
    one,
    strategy,
    rules,
    seed: seedFrom(args.seed),
    params: readParams(one.scenario.params, readParamWords(args.param ?? [])),
    faults: args.faults === undefined ? undefined : readFaults(args.faults),
    time: timeFrom(args.time),
    bail: args.bail,
    minimiseRuns: minimiseRunsFrom(args),
  };
}

function refuseWhatDrawsFaults({ profile, schedules, shard, jobs, checkDeterminism, futures }: SearchArguments): void {
  const why = 'with --order the faults are given, and one worker explores';
  refuse('--profile', profile, why);
  refuse('--schedules', schedules, `${why}; --runs says how many orders`);
  refuse('--shard', shard === '1/1' ? undefined : shard, why);
  refuse('--jobs', jobs === 1 ? undefined : jobs, why);
  refuse('--check-determinism', checkDeterminism ? true : undefined, why);
  refuse('--futures', futures === 0 ? undefined : futures, why);
}

function openingLine({ one, seed, strategy, rules, faults }: OrderPlan): string {
  const parts = [
    `seed ${seed}`,
    one.scenario.name,
    `${strategy.kind} orders`,
    `at most ${rules.choices} decisions`,
    ...(faults === undefined ? [] : [`${faults.length} faults given`]),
  ];
  return parts.join(' · ');
}

function fileOf({ summary, virtualTime, events }: OrderAnswer, { one }: OrderPlan, folder: string): OrderFile {
  const source = sourceFor(one, folder);
  const { code: _, ...place } = source;
  return {
    schemaVersion: 1,
    kind: 'orders',
    question: one.scenario.question,
    ...summary,
    virtualTime,
    events,
    ...place,
    findings: summary.findings.map((finding): OrderFinding =>
      finding.repro === undefined
        ? finding
        : { ...finding, repro: { ...finding.repro, ...source } as OrderFinding['repro'] & object },
    ),
  };
}

function exitCodeOf({ runs, violated, broke, undecided }: OrderFile): ExitCode {
  if (violated + broke > 0) return ExitCode.violated;
  if (undecided > 0) return ExitCode.undecided;
  return runs === 0 ? ExitCode.nothingMatched : ExitCode.asExpected;
}
