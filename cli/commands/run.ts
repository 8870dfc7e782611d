/** `orrery run`: runs scenarios and says whether each gave the answer that it is expected to give. */
import { join } from 'node:path';
import { ConfigError, reproOf, run, SimulationError, type Fault, type RunResult } from '../../sim/index.ts';
import { isBroken, type ReportEntry } from '../../reports/index.ts';
import { commandFor, replayCommandFor } from '../command-text.ts';
import { messageOf } from '../error-place.ts';
import { ExitCode } from '../exit-codes.ts';
import { writeWhole } from '../files.ts';
import { resolveScenarios, type LoadedScenario } from '../load-scenario.ts';
import { writePage, writeSuite } from '../pages.ts';
import { readParamWords } from '../param-words.ts';
import { readFaults } from '../read-faults.ts';
import { chosenReporters, folderOf, reportAll, reportEntry, type ReporterArguments } from '../reporters.ts';
import { nameOfRun } from '../safe-name.ts';
import { sourceFor } from '../scenario-source.ts';
import type { Terminal } from '../terminal.ts';
import type { PageKind } from './shared-options.ts';

export interface RunArguments extends ReporterArguments {
  readonly scenarios: readonly string[];
  readonly seed?: string | undefined;
  readonly param?: readonly string[] | undefined;
  readonly faults?: string | undefined;
  readonly pages: PageKind;
}

export async function runScenarios(args: RunArguments, terminal: Terminal): Promise<ExitCode> {
  const reporters = chosenReporters(args, process.env['GITHUB_ACTIONS'] === 'true');
  const params = readParamWords(args.param ?? []);
  const loaded = await resolveScenarios(args.scenarios);
  const faults = args.faults === undefined ? undefined : readFaults(args.faults);
  if (args.seed === '') throw new ConfigError('--seed', args.seed, 'a non-empty text');
  terminal.err(
    `seed ${seedText(args.seed, loaded)} · ${loaded.length} ${loaded.length === 1 ? 'scenario' : 'scenarios'}`,
  );
  const pages = folderOf(reporters, args.out);
  const entries: ReportEntry[] = [];
  for (const one of loaded) {
    const began = performance.now();
    let entry: ReportEntry;
    try {
      const seed = args.seed ?? one.scenario.seed;
      entry = runOne(one, { seed, params, faults, pages, kind: args.pages, out: args.out });
    } catch (error) {
      // The others still run, and every report is written; a single bad one that is only listed is told as what it is.
      const listed = reporters.every(({ name, path }) => name === 'list' && path === undefined);
      if ((loaded.length === 1 && listed) || !(error instanceof ConfigError || error instanceof SimulationError))
        throw error;
      const seed = args.seed ?? one.scenario.seed;
      entry = {
        scenario: one.scenario.name,
        seed,
        error: messageOf(error),
        replayCommand: commandFor(one, { seed, params }),
      };
    }
    entry = { ...entry, elapsedMs: performance.now() - began };
    entries.push(entry);
    reportEntry(entry, reporters, terminal);
    if (!isBroken(entry)) for (const warning of entry.result.warnings) terminal.err(`warning: ${warning}`);
  }
  if (pages !== undefined) writeSuite(pages, entries);
  reportAll(entries, reporters, terminal);
  if (pages !== undefined) terminal.err(`pages ${join(pages, 'index.html')}`);
  return exitCodeOf(entries);
}

const seedText = (given: string | undefined, loaded: readonly LoadedScenario[]): string => {
  const seeds = new Set(loaded.map(({ scenario }) => given ?? scenario.seed));
  return seeds.size === 1 ? ([...seeds][0] as string) : 'of each scenario: its own, printed with its result';
};

interface OneRun {
  readonly seed: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[] | undefined;
  /** Folder for pages; absent: none are written. */
  readonly pages: string | undefined;
  readonly kind: PageKind;
  readonly out: string;
}

function runOne(one: LoadedScenario, { seed, params, faults, pages, kind, out }: OneRun): ReportEntry {
  const result = run(one.scenario, { seed, params, ...(faults === undefined ? {} : { faults }) });
  const name = nameOfRun(result, Object.keys(params).length > 0 || faults !== undefined);
  let replayCommand = commandFor(one, { seed, params });
  if (!result.expectation.met || result.status === 'violated') {
    const folder = pages ?? out;
    if (pages !== undefined || !result.expectation.met) {
      const file = join(folder, `${name}.repro.json`);
      const repro = `${JSON.stringify(reproOf(result, sourceFor(one, folder)), null, 2)}\n`;
      for (const path of [file, join(folder, 'last.repro.json')]) writeWhole(path, repro);
      replayCommand = replayCommandFor(file);
    }
  }
  const entry: ReportEntry = { result, replayCommand };
  return pages === undefined ? entry : { ...entry, page: writePage(pages, one, entry, { name, kind }) };
}

/** The worst of what happened. */
function exitCodeOf(entries: readonly ReportEntry[]): ExitCode {
  let code: ExitCode = ExitCode.asExpected;
  for (const entry of entries) {
    if (isBroken(entry)) return ExitCode.usage;
    const { expectation, status }: RunResult = entry.result;
    if (expectation.met) continue;
    if (status === 'undecided') code = code === ExitCode.asExpected ? ExitCode.undecided : code;
    else code = ExitCode.violated;
  }
  return code;
}
