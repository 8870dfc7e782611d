/** `orrery search`: draws fault schedules until one breaks the scenario, and makes it small. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  nemesisOf,
  profileNamed,
  readParams,
  type NemesisProfile,
  type Scenario,
} from '../../sim/index.ts';
import { Exit, ExitCode } from '../exit-codes.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import { readParamWords } from '../param-words.ts';
import { safe } from '../safe-name.ts';
import { sourceFor } from '../scenario-source.ts';
import { checkSample, type DeterminismReport } from '../search/determinism-guard.ts';
import { runToEnd } from '../search/interruptible.ts';
import { publish } from '../search/publish.ts';
import { printSearch, searchExitCode } from '../search/report-search.ts';
import type { SearchFile } from '../search/search-file.ts';
import { SearchRun, type SearchPlan } from '../search/search-run.ts';
import type { Terminal } from '../terminal.ts';
import { refuseOrderOptions } from './order-words.ts';
import type { SearchArguments } from './search-options.ts';
import { searchTheOrders } from './search-orders.ts';
import { oneScenario, seedFrom, timeFrom, wholeNumber } from './search-words.ts';

const DEFAULT_SCHEDULES = 1_000;

export async function searchScenario(args: SearchArguments, terminal: Terminal): Promise<ExitCode> {
  if (args.order !== undefined) return searchTheOrders(args, args.order, terminal);
  refuseOrderOptions(args);
  const plan = planOf(args, await oneScenario(args.scenario));
  terminal.err(openingLine(plan));
  const search = new SearchRun(plan);
  try {
    if (!search.hasTargets)
      throw new Exit(ExitCode.nothingMatched, `no fault of ${namesOf(plan)} can strike ${args.scenario}`);
    const determinism = await runToEnd(search, terminal, async () => {
      await search.run();
      if (!args.checkDeterminism || search.interrupted) return undefined;
      terminal.err('repeating some of the schedules in a fresh worker');
      return checkSample(search);
    });
    const file = fileOf(search, plan, args.out, determinism);
    const path = join(args.out, `${fileName(plan)}.search.json`);
    const entry = publish(file, path, plan.one, args.pages);
    printSearch(entry, file, args.json, terminal);
    terminal.err(`search ${path}`);
    return search.interrupted ? ExitCode.interrupted : searchExitCode(file);
  } finally {
    await search.end();
  }
}

function planOf(args: SearchArguments, one: LoadedScenario): SearchPlan {
  const { seed, schedules, time, jobs = availableParallelism() } = args;
  const params = readParams(one.scenario.params, readParamWords(args.param ?? []));
  return {
    one,
    seed: seedFrom(seed),
    params,
    profiles: profilesOf(one.scenario, params, args.profile),
    schedules: wholeNumber('--schedules', schedules ?? (time === undefined ? DEFAULT_SCHEDULES : Infinity)),
    shard: shardOf(args.shard),
    time: timeFrom(time),
    jobs: wholeNumber('--jobs', jobs),
    bail: args.bail,
    minimiseRuns: args.minimise ? wholeNumber('--budget', args.budget) : 0,
    futures: wholeNumber('--futures', args.futures, 0),
  };
}

function profilesOf(
  scenario: Scenario,
  params: Readonly<Record<string, unknown>>,
  names: readonly string[] | undefined,
): readonly NemesisProfile[] {
  if (names !== undefined) return names.map((name) => profileNamed(name, '--profile'));
  const { profiles } = nemesisOf(scenario, params);
  if (profiles.length > 0) return profiles;
  throw new ConfigError('--profile', undefined, `a profile: ${scenario.name} claims to withstand none`);
}

function shardOf(word: string): { readonly number: number; readonly of: number } {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(word) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw new ConfigError('--shard', word, 'i/n with 1 ≤ i ≤ n, such as 1/4');
}

const namesOf = ({ profiles }: SearchPlan): string => profiles.map(({ name }) => name).join(', ');

function openingLine(plan: SearchPlan): string {
  const { one, seed, schedules, shard, jobs } = plan;
  const parts = [
    `seed ${seed}`,
    one.scenario.name,
    namesOf(plan),
    ...(schedules === Infinity ? [] : [`${schedules} schedules`]),
    ...(shard.of === 1 ? [] : [`shard ${shard.number}/${shard.of}`]),
    `${jobs} ${jobs === 1 ? 'worker' : 'workers'}`,
  ];
  return parts.join(' · ');
}

function fileName({ one, seed, shard }: SearchPlan): string {
  const part = shard.of === 1 ? '' : `-${shard.number}of${shard.of}`;
  return `${one.scenario.name}-${safe(seed)}${part}`;
}

function fileOf(
  { summary, findings }: SearchRun,
  { one, shard }: SearchPlan,
  folder: string,
  determinism: DeterminismReport | undefined,
): SearchFile {
  const source = sourceFor(one, folder);
  const { code: _, ...place } = source;
  return {
    ...summary,
    findings: summary.findings.map((finding) =>
      finding.repro === undefined ? finding : { ...finding, repro: { ...finding.repro, ...source } },
    ),
    parts: [shard],
    ...place,
    unexamined: findings.unexamined,
    ...(determinism === undefined ? {} : { determinism }),
  };
}
