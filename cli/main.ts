/** Commands and options; the exit code is the class of what happened (exit-codes.ts). A command's code is loaded when it is given. */
import { Chalk, supportsColor } from 'chalk';
import yargs, { type Argv } from 'yargs';
import { ConfigError, SimulationError } from '../sim/base/errors.ts';
import { nearest } from '../sim/base/nearest.ts';
import { VERSION } from '../sim/version.ts';
import { checkHistoryOptions } from './commands/check-history-options.ts';
import { capacityOptions, compareOptions, sweepOptions } from './commands/experiment-options.ts';
import { exportOptions } from './commands/export-options.ts';
import { replayOptions, runOptions } from './commands/run-options.ts';
import { mergeOptions, searchOptions } from './commands/search-options.ts';
import { messageOf } from './error-place.ts';
import { Exit, ExitCode } from './exit-codes.ts';
import { refuseRepeated } from './repeated-options.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const COMMANDS = [
  ...['list', 'run', 'replay', 'export', 'search', 'merge', 'sweep', 'compare', 'capacity', 'check-history'],
  ...['completion', 'help'],
];
const TAKE_SCENARIOS = new Set(['run', 'search', 'export', 'sweep', 'compare', 'capacity']);

/** Runs one command line and returns its exit code. Never throws. */
export async function main(argv: readonly string[], terminal?: Terminal): Promise<ExitCode> {
  const at = terminal ?? processTerminal(supportsColor !== false);
  try {
    return await execute(argv.length === 0 ? ['help'] : argv, at);
  } catch (error) {
    return report(error, at);
  }
}

function report(error: unknown, terminal: Terminal): ExitCode {
  const { red } = new Chalk({ level: terminal.colour ? 1 : 0 });
  if (error instanceof Exit) {
    terminal.err(`${red('orrery:')} ${error.message}`);
    return error.code;
  }
  if (error instanceof ConfigError || error instanceof SimulationError) {
    terminal.err(`${red('orrery:')} ${messageOf(error)}`);
    return ExitCode.usage;
  }
  terminal.err(`${red('orrery: internal error:')} ${(error as Error).stack ?? String(error)}`);
  return ExitCode.internal;
}

const OPTIONS = [
  ...['reporter', 'json', 'out', 'pages', 'seed', 'param', 'faults', 'help', 'version'],
  ...['schedules', 'seeds', 'time', 'jobs', 'bail', 'profile', 'shard', 'check-determinism', 'no-minimise', 'budget'],
  ...['futures', 'order', 'runs', 'depth', 'deviations', 'no-prune', 'choices', 'drops', 'duplicates'],
  ...['timers', 'latency'],
  ...['scenario', 'model', 'format', 'initial', 'from', 'to', 'file'],
  ...['grid', 'figure', 'replications', 'warm-up', 'with', 'load', 'slo', 'precision'],
];

/** yargs' complaint on one line; for an unknown option, with the one that was probably meant. */
function usageText(message: string): string {
  const line = message.replace(/\s*\n\s*/g, ': ');
  const unknown = /^Unknown arguments?: (\S+?)(,|$)/.exec(line)?.[1];
  const meant = unknown === undefined ? undefined : nearest(unknown, OPTIONS);
  return meant === undefined ? line : `${line}; did you mean --${meant}?`;
}

/** Commands, and after those that take one the names of the bundled scenarios. */
async function completions(current: string, { _: words }: { readonly _: readonly unknown[] }): Promise<string[]> {
  const command = String(words[0] === 'orrery' ? words[1] : words[0]);
  const known = TAKE_SCENARIOS.has(command)
    ? (await import('../scenarios/index.ts')).scenarios.map(({ name }) => name)
    : COMMANDS;
  return known.filter((name) => name.startsWith(current));
}

/** What a command ends with. */
type Done = (code: ExitCode) => void;

async function execute(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.asExpected;
  const done: Done = (code) => {
    exitCode = code;
  };
  const parser = yargs([...argv])
    .scriptName('orrery')
    .usage('$0 <command>\n\nA deterministic simulator of distributed systems: one clock, one seed, faults as data.');
  runCommands(parser, terminal, done);
  searchCommands(parser, terminal, done);
  experimentCommands(parser, argv, terminal, done);
  historyCommands(parser, argv, terminal, done);
  parser
    .command('help', 'this help', {}, () => {
      parser.showHelp((text) => terminal.out(text));
    })
    .completion('completion', 'a completion script for your shell: orrery completion >> ~/.bashrc', completions)
    .demandCommand(1, 'name a command')
    .strict()
    .check(refuseRepeated, true)
    .recommendCommands()
    .version(VERSION)
    .alias('help', 'h')
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new Exit(ExitCode.usage, `${usageText(message ?? error?.message ?? '')} (orrery help shows the usage)`);
    });
  await parser.parseAsync();
  return exitCode;
}

function runCommands(parser: Argv, terminal: Terminal, done: Done): void {
  parser
    .command(
      'list',
      'the bundled scenarios: name, question, parameters',
      (c) => c.option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
      async (args) => {
        const { listScenarios } = await import('./commands/list.ts');
        done(listScenarios(args.json, terminal));
      },
    )
    .command(
      'run [scenarios..]',
      'run scenarios by name, pattern (*) or path; all bundled ones when none is named',
      runOptions,
      async (args) => {
        const { runScenarios } = await import('./commands/run.ts');
        done(await runScenarios(args, terminal));
      },
    )
    .command(
      'replay <file>',
      'run a repro again (a repro file, or a report page that holds one; `last` for the latest) and say whether it is identical',
      replayOptions,
      async (args) => {
        const { replayFile } = await import('./commands/replay.ts');
        done(await replayFile(args, terminal));
      },
    )
    .command(
      'export <what>',
      'a run for another tool: Perfetto, ShiViz, OpenTelemetry, CSV',
      exportOptions,
      async (args) => {
        const { exportRun } = await import('./commands/export.ts');
        done(await exportRun(args, terminal));
      },
    );
}

function experimentCommands(parser: Argv, argv: readonly string[], terminal: Terminal, done: Done): void {
  parser
    .command(
      'sweep <scenario>',
      'run every combination of parameters, with confidence intervals',
      sweepOptions,
      async (args) => {
        const { sweepScenario } = await import('./commands/sweep.ts');
        done(await sweepScenario(args, argv, terminal));
      },
    )
    .command(
      'compare <first> <second>',
      'two designs under the same draws: what differs beyond chance',
      compareOptions,
      async (args) => {
        const { compareScenarios } = await import('./commands/compare.ts');
        done(await compareScenarios(args, argv, terminal));
      },
    )
    .command(
      'capacity <scenario>',
      'the highest load that meets service level objectives',
      capacityOptions,
      async (args) => {
        const { findCapacity } = await import('./commands/capacity.ts');
        done(await findCapacity(args, argv, terminal));
      },
    );
}

function searchCommands(parser: Argv, terminal: Terminal, done: Done): void {
  parser
    .command(
      'search <scenario>',
      'draw fault schedules, or orders of events, until one breaks a scenario, and make it small',
      searchOptions,
      async (args) => {
        const { searchScenario } = await import('./commands/search.ts');
        done(await searchScenario(args, terminal));
      },
    )
    .command('merge <files..>', 'one report out of the shards of a search', mergeOptions, async (args) => {
      const { mergeSearches } = await import('./commands/merge.ts');
      done(await mergeSearches(args, terminal));
    });
}

function historyCommands(parser: Argv, argv: readonly string[], terminal: Terminal, done: Done): void {
  parser.command(
    'check-history <files..>',
    'hold recorded histories (JSON lines, Jepsen’s EDN, Porcupine’s logs) against what their objects promise',
    checkHistoryOptions,
    async (args) => {
      // yargs leaves a lone - out of a list of files.
      const { checkHistories } = await import('./commands/check-history.ts');
      const files = argv.includes('-') ? [...args.files, '-'] : args.files;
      done(await checkHistories({ ...args, files }, terminal));
    },
  );
}
