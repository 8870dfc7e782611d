/** `orrery replay`: runs a repro again and says what has become of it. */
import { join } from 'node:path';
import { ConfigError, parseRepro, replay, type Repro } from '../../sim/index.ts';
import type { ReportEntry } from '../../reports/index.ts';
import { replayCommandFor } from '../command-text.ts';
import { Exit, ExitCode } from '../exit-codes.ts';
import { parseJson, readText } from '../files.ts';
import { loadFile, resolveScenarios, type LoadedScenario } from '../load-scenario.ts';
import { writePage } from '../pages.ts';
import { chosenReporters, folderOf, reportAll, reportEntry, type ReporterArguments } from '../reporters.ts';
import type { Terminal } from '../terminal.ts';

export interface ReplayArguments extends ReporterArguments {
  readonly file: string;
}

/** A page carries its repro in a script element of this id. */
const IN_PAGE = /<script[^>]*\bid="orrery-repro"[^>]*>([\s\S]*?)<\/script>/;

/** Reads a repro from a repro file or out of a page. Throws ConfigError. */
function readRepro(path: string): Repro {
  const text = readText(path, 'repro file');
  const page = IN_PAGE.exec(text);
  if (page === null && /^\s*</.test(text))
    throw new ConfigError('repro file', path, 'a repro, or a page of orrery that holds one');
  return parseRepro(parseJson(page?.[1] ?? text, path, 'repro file'), path);
}

export async function replayFile(args: ReplayArguments, terminal: Terminal): Promise<ExitCode> {
  const reporters = chosenReporters(args, process.env['GITHUB_ACTIONS'] === 'true');
  const path = args.file === 'last' ? join(args.out, 'last.repro.json') : args.file;
  const repro = readRepro(path);
  const one = await scenarioOf(repro, path);
  terminal.err(
    `seed ${repro.seed} · ${repro.scenario} · ${repro.schedule.length} ${repro.schedule.length === 1 ? 'fault' : 'faults'}`,
  );
  const { outcome, result } = replay(one.scenario, repro);
  const pages = folderOf(reporters, args.out);
  let entry: ReportEntry = { result, replayCommand: replayCommandFor(path) };
  if (pages !== undefined) entry = { ...entry, page: writePage(pages, one, entry) };
  reportEntry(entry, reporters, terminal);
  reportAll(
    [entry],
    reporters.filter(({ name }) => name !== 'list'),
    terminal,
  );
  if (repro.code !== undefined && one.code !== undefined && repro.code !== one.code) {
    terminal.err('the scenario’s code has changed since the repro was written');
  }
  const line = `replay: ${outcome} (digest ${result.digest}, recorded ${repro.digest})`;
  if (reporters.some(({ name, path: to }) => name === 'json' && to === undefined)) terminal.err(line);
  else terminal.out(line);
  return outcome === 'identical' ? ExitCode.asExpected : ExitCode.diverged;
}

async function scenarioOf(repro: Repro, path: string): Promise<LoadedScenario> {
  const loaded = repro.file === undefined ? await resolveScenarios([repro.scenario]) : await loadFile(repro.file);
  const one = loaded.find(({ scenario }) => scenario.name === repro.scenario);
  if (one === undefined) throw new Exit(ExitCode.usage, `${path}: ${repro.file} holds no scenario ${repro.scenario}`);
  return one;
}
