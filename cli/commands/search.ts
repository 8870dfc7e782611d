/** `orrery search`: draws fault schedules until one breaks the scenario, and makes it small. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  nemesisOf,
  parseDuration,
  profileNamed,
  readParams,
  type NemesisProfile,
  type Scenario,
} from '../../sim/index.ts';
import { Exit, ExitCode } from '../exit-codes.ts';
import { resolveScenarios, type LoadedScenario } from '../load-scenario.ts';
import { readParamWords } from '../param-words.ts';
import { safe } from '../safe-name.ts';
import { checkSample, type DeterminismReport } from '../search/determinism-guard.ts';
import { reportProgress } from '../search/progress.ts';
import { publish } from '../search/publish.ts';
import { printSearch, searchExitCode } from '../search/report-search.ts';
import type { SearchFile } from '../search/search-file.ts';
import { SearchRun, type SearchPlan } from '../search/search-run.ts';
import type { Terminal } from '../terminal.ts';

export interface SearchArguments {
  readonly scenario: string;
  readonly seed?: string | undefined;
  readonly schedules?: number | undefined;
  readonly time?: string | undefined;
  readonly jobs?: number | undefined;
  readonly bail: boolean;
  readonly profile?: readonly string[] | undefined;
  readonly param?: readonly string[] | undefined;
  readonly shard: string;
  readonly out: string;
  readonly json: boolean;
  readonly checkDeterminism: boolean;
  readonly minimise: boolean;
  readonly budget: number;
}

const DEFAULT_SCHEDULES = 1_000;

export async function searchScenario(args: SearchArguments, terminal: Terminal): Promise<ExitCode> {
  const plan = planOf(args, await oneScenario(args.scenario));
  terminal.err(openingLine(plan));
  const search = new SearchRun(plan);
  try {
    if (!search.hasTargets)
      throw new Exit(ExitCode.nothingMatched, `no fault of ${namesOf(plan)} can strike ${args.scenario}`);
    const determinism = await runToEnd(search, args.checkDeterminism, terminal);
    const file = fileOf(search, plan, determinism);
    const path = join(args.out, `${fileName(plan)}.search.json`);
    const entry = publish(file, path, plan.one);
    printSearch(entry, file, args.json, terminal);
    terminal.err(`search ${path}`);
    return search.interrupted ? ExitCode.interrupted : searchExitCode(file);
  } finally {
    await search.end();
  }
}

/** The first Ctrl-C ends the search and keeps what was found; the second one ends everything. */
async function runToEnd(
  search: SearchRun,
  checkDeterminism: boolean,
  terminal: Terminal,
): Promise<DeterminismReport | undefined> {
  const interrupt = (): void => {
    if (search.interrupted) process.exit(ExitCode.interrupted);
    terminal.err('interrupted: writing what was found; Ctrl-C again ends at once');
    search.interrupt();
  };
  const done = reportProgress(search, terminal);
  process.on('SIGINT', interrupt);
  try {
    await search.run();
    return checkDeterminism && !search.interrupted ? await checkSample(search) : undefined;
  } finally {
    process.off('SIGINT', interrupt);
    done();
  }
}

async function oneScenario(word: string): Promise<LoadedScenario> {
  const loaded = await resolveScenarios([word]);
  const [one, ...others] = loaded;
  if (one !== undefined && others.length === 0) return one;
  const names = loaded.map(({ scenario }) => scenario.name);
  throw new ConfigError('scenario', word, `one scenario, not ${names.length}: ${names.join(', ')}`);
}

function planOf(args: SearchArguments, one: LoadedScenario): SearchPlan {
  const { seed = randomBytes(4).toString('hex'), schedules, time, jobs = availableParallelism() } = args;
  if (seed === '') throw new ConfigError('--seed', seed, 'a non-empty text');
  const params = readParams(one.scenario.params, readParamWords(args.param ?? []));
  return {
    one,
    seed,
    params,
    profiles: profilesOf(one.scenario, params, args.profile),
    schedules: wholeNumber('--schedules', schedules ?? (time === undefined ? DEFAULT_SCHEDULES : Infinity)),
    shard: shardOf(args.shard),
    time: time === undefined ? undefined : parseDuration(time, '--time') / 1_000,
    jobs: wholeNumber('--jobs', jobs),
    bail: args.bail,
    minimiseRuns: args.minimise ? wholeNumber('--budget', args.budget) : 0,
  };
}

function wholeNumber(option: string, value: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new ConfigError(option, value, 'a whole number of at least 1');
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

function fileOf(search: SearchRun, { one, shard }: SearchPlan, determinism: DeterminismReport | undefined): SearchFile {
  const { file, code } = one;
  const source = { ...(file === undefined ? {} : { file }), ...(code === undefined ? {} : { code }) };
  const { summary } = search;
  return {
    ...summary,
    findings: summary.findings.map((finding) =>
      finding.repro === undefined ? finding : { ...finding, repro: { ...finding.repro, ...source } },
    ),
    parts: [shard],
    ...(file === undefined ? {} : { file }),
    unexamined: search.findings.unexamined,
    ...(determinism === undefined ? {} : { determinism }),
  };
}
