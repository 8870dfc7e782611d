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
import { checkWritable } from '../files.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import { readParamWords } from '../param-words.ts';
import { safe } from '../safe-name.ts';
import { sourceFor } from '../scenario-source.ts';
import { checkSample, type DeterminismReport } from '../search/determinism-guard.ts';
import { runToEnd } from '../search/interruptible.ts';
import { deliverSearch, searchExitCode } from '../search/report-search.ts';
import type { SearchFile } from '../search/search-file.ts';
import { SearchRun, shareOf, type SearchPlan, type Shard } from '../search/search-run.ts';
import type { Terminal } from '../terminal.ts';
import { refuseOrderOptions } from './order-words.ts';
import type { SearchArguments } from './search-options.ts';
import { searchTheOrders } from './search-orders.ts';
import { minimiseRunsFrom, oneScenario, seedFrom, timeFrom, wholeNumber } from './search-words.ts';

const DEFAULT_SCHEDULES = 1_000;

export async function searchScenario(args: SearchArguments, terminal: Terminal): Promise<ExitCode> {
  if (args.order !== undefined) return searchTheOrders(args, args.order, terminal);
  refuseOrderOptions(args);
  const plan = planOf(args, await oneScenario(args.scenario));
  checkWritable(args.out, '--out');
  terminal.err(openingLine(plan));
  const search = new SearchRun(plan);
  try {
    if (!search.hasTargets)
      throw new Exit(ExitCode.nothingMatched, `no fault of ${namesOf(plan)} can strike ${args.scenario}`);
    const { determinism, broken } = await searchThrough(search, args, terminal);
    const file = fileOf(search, plan, args.out, determinism);
    const path = join(args.out, `${fileName(plan)}.search.json`);
    if (broken === undefined || file.schedules > 0)
      deliverSearch(file, { path, one: plan.one, pages: args.pages, json: args.json }, terminal);
    if (broken !== undefined) throw broken.error;
    return search.interrupted ? ExitCode.interrupted : searchExitCode(file);
  } finally {
    await search.end();
  }
}

interface Outcome {
  readonly determinism?: DeterminismReport | undefined;
  /** What ended it early: what was found before is worth no less. */
  readonly broken?: { readonly error: unknown };
}

async function searchThrough(
  search: SearchRun,
  { checkDeterminism }: SearchArguments,
  terminal: Terminal,
): Promise<Outcome> {
  try {
    const determinism = await runToEnd(search, terminal, async () => {
      await search.run();
      if (!checkDeterminism || search.interrupted) return undefined;
      terminal.err('repeating some of the schedules in a fresh worker');
      return checkSample(search);
    });
    return { determinism };
  } catch (error) {
    return { broken: { error } };
  }
}

function planOf(args: SearchArguments, one: LoadedScenario): SearchPlan {
  const { seed, time } = args;
  const schedules = schedulesFrom(args);
  const shard = shardOf(args.shard);
  const params = readParams(one.scenario.params, readParamWords(args.param ?? []));
  return {
    one,
    seed: seedFrom(seed),
    params,
    profiles: profilesOf(one.scenario, params, args.profile),
    schedules,
    shard,
    time: timeFrom(time),
    jobs: jobsFrom(args.jobs, shareOf(shard, schedules)),
    bail: args.bail,
    minimiseRuns: minimiseRunsFrom(args),
    futures: wholeNumber('--futures', args.futures, 0),
  };
}

function schedulesFrom({ schedules, time }: SearchArguments): number {
  if (schedules === undefined) return time === undefined ? DEFAULT_SCHEDULES : Infinity;
  return schedules === Infinity ? schedules : wholeNumber('--schedules', schedules);
}

/** No more workers than there are schedules: to start one takes longer than most schedules. */
const jobsFrom = (given: number | undefined, schedules: number): number =>
  Math.max(1, Math.min(schedules, wholeNumber('--jobs', given ?? availableParallelism())));

function profilesOf(
  scenario: Scenario,
  params: Readonly<Record<string, unknown>>,
  names: readonly string[] | undefined,
): readonly NemesisProfile[] {
  if (names !== undefined) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) throw new ConfigError('--profile', twice, 'each profile once');
    return names.map((name) => profileNamed(name, '--profile'));
  }
  const { profiles } = nemesisOf(scenario, params);
  if (profiles.length > 0) return profiles;
  throw new ConfigError('--profile', undefined, `a profile: ${scenario.name} claims to withstand none`);
}

function shardOf(word: string): Shard {
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
    ...(schedules === Infinity ? [] : [`${schedules} ${schedules === 1 ? 'schedule' : 'schedules'}`]),
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
