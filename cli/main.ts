/** Commands and options; the exit code is the class of what happened (exit-codes.ts). */
import { Chalk, supportsColor } from 'chalk';
import yargs, { type Argv } from 'yargs';
import { ConfigError, nearest, SimulationError, VERSION } from '../sim/index.ts';
import { scenarios } from '../scenarios/index.ts';
import { checkHistoryOptions } from './commands/check-history-options.ts';
import { checkHistories } from './commands/check-history.ts';
import { listScenarios } from './commands/list.ts';
import { mergeSearches } from './commands/merge.ts';
import { replayFile } from './commands/replay.ts';
import { runScenarios } from './commands/run.ts';
import { mergeOptions, searchOptions } from './commands/search-options.ts';
import { searchScenario } from './commands/search.ts';
import { messageOf } from './error-place.ts';
import { Exit, ExitCode } from './exit-codes.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const COMMANDS = ['list', 'run', 'search', 'merge', 'replay', 'check-history', 'completion', 'help'];

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
  ...['reporter', 'json', 'out', 'seed', 'param', 'faults', 'help', 'version'],
  ...['schedules', 'seeds', 'time', 'jobs', 'bail', 'profile', 'shard', 'check-determinism', 'no-minimise', 'budget'],
  ...['model', 'format', 'initial'],
];

/** yargs' complaint on one line; for an unknown option, with the one that was probably meant. */
function usageText(message: string): string {
  const line = message.replace(/\s*\n\s*/g, ': ');
  const unknown = /^Unknown arguments?: (\S+?)(,|$)/.exec(line)?.[1];
  const meant = unknown === undefined ? undefined : nearest(unknown, OPTIONS);
  return meant === undefined ? line : `${line}; did you mean --${meant}?`;
}

/** Options that `run` and `replay` share. */
const outputs = <T>(command: Argv<T>) =>
  command
    .option('reporter', {
      alias: 'r',
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe:
        'list | json | junit | html | github | silent, repeatable; name=path writes to a file (html: a folder). Default list',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'one JSON document on stdout: the same as --reporter json',
    })
    .option('out', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      default: 'orrery-report',
      describe: 'folder for pages and repro files',
    });

const runOptions = <T>(command: Argv<T>) =>
  outputs(
    command.positional('scenarios', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'names, patterns, or paths of .ts or .js files',
    }),
  )
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'everything drawn derives from it. Default: each scenario’s own',
    })
    .option('param', {
      alias: 'p',
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'name=value, repeatable; durations such as 250ms',
    })
    .option('faults', {
      type: 'string',
      requiresArg: true,
      describe: 'fault schedule that replaces the scenario’s own: a JSON file, or JSON that begins with [',
    });

/** Commands, and after those that take one the names of the bundled scenarios. */
function completions(current: string, { _: words }: { readonly _: readonly unknown[] }): string[] {
  const command = String(words[0] === 'orrery' ? words[1] : words[0]);
  const known = command === 'run' || command === 'search' ? scenarios.map(({ name }) => name) : COMMANDS;
  return known.filter((name) => name.startsWith(current));
}

async function execute(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.asExpected;
  const parser = yargs([...argv])
    .scriptName('orrery')
    .usage('$0 <command>\n\nA deterministic simulator of distributed systems: one clock, one seed, faults as data.')
    .command(
      'list',
      'the bundled scenarios: name, question, parameters',
      (c) => c.option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
      (args) => {
        exitCode = listScenarios(args.json, terminal);
      },
    )
    .command(
      'run [scenarios..]',
      'run scenarios by name, pattern (*) or path; all bundled ones when none is named',
      runOptions,
      async (args) => {
        exitCode = await runScenarios(args, terminal);
      },
    )
    .command(
      'search <scenario>',
      'draw fault schedules until one breaks a scenario, and make it small',
      searchOptions,
      async (args) => {
        exitCode = await searchScenario(args, terminal);
      },
    )
    .command('merge <files..>', 'one report out of the shards of a search', mergeOptions, async (args) => {
      exitCode = await mergeSearches(args, terminal);
    })
    .command(
      'replay <file>',
      'run a repro again (a repro file, or a report page that holds one; `last` for the latest) and say whether it is identical',
      (c) => outputs(c.positional('file', { type: 'string', demandOption: true, describe: 'path, or last' })),
      async (args) => {
        exitCode = await replayFile(args, terminal);
      },
    )
    .command(
      'check-history <files..>',
      'hold recorded histories (JSON lines, Jepsen’s EDN, Porcupine’s logs) against a sequential specification',
      checkHistoryOptions,
      async (args) => {
        // yargs leaves a lone - out of a list of files.
        const files = argv.includes('-') ? [...args.files, '-'] : args.files;
        exitCode = await checkHistories({ ...args, files }, terminal);
      },
    )
    .command('help', 'this help', {}, () => {
      parser.showHelp((text) => terminal.out(text));
    })
    .completion('completion', 'a completion script for your shell: orrery completion >> ~/.bashrc', completions)
    .demandCommand(1, 'name a command')
    .strict()
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
