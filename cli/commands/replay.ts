/** `orrery replay`: runs a repro again and says what has become of it. */
import { dirname, join, relative, resolve } from 'node:path';
import { replay } from '../../sim/index.ts';
import type { ReportEntry } from '../../reports/index.ts';
import { replayCommandFor } from '../command-text.ts';
import { ExitCode } from '../exit-codes.ts';
import { writePage } from '../pages.ts';
import { readRepro } from '../read-repro.ts';
import { chosenReporters, folderOf, reportAll, reportEntry, type ReporterArguments } from '../reporters.ts';
import { scenarioFrom } from '../scenario-source.ts';
import type { Terminal } from '../terminal.ts';
import type { PageKind } from './shared-options.ts';

export interface ReplayArguments extends ReporterArguments {
  readonly file: string;
  /** A file or a name in place of what the repro says. */
  readonly scenario?: string | undefined;
  readonly pages: PageKind;
}

export async function replayFile(args: ReplayArguments, terminal: Terminal): Promise<ExitCode> {
  const reporters = chosenReporters(args, process.env['GITHUB_ACTIONS'] === 'true');
  const path = args.file === 'last' ? join(args.out, 'last.repro.json') : args.file;
  const repro = readRepro(path);
  const one = await scenarioFrom(repro, path, args.scenario);
  if (args.scenario === undefined && repro.file !== undefined && one.file !== resolve(dirname(path), repro.file))
    terminal.err(`scenario ${relative('.', one.file ?? '')}: ${repro.file}, seen from the repro, is not there`);
  terminal.err(
    `seed ${repro.seed} · ${repro.scenario} · ${repro.schedule.length} ${repro.schedule.length === 1 ? 'fault' : 'faults'}`,
  );
  const { outcome, result } = replay(one.scenario, repro);
  const pages = folderOf(reporters, args.out);
  let entry: ReportEntry = { result, replayCommand: replayCommandFor(path) };
  if (pages !== undefined) entry = { ...entry, page: writePage(pages, one, entry, { kind: args.pages }) };
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
