/** The options of `orrery run` and `orrery replay`. */
import type { Argv } from 'yargs';
import { FAULTS, PAGES, PARAM } from './shared-options.ts';

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
    })
    .option('pages', PAGES);

export const runOptions = <T>(command: Argv<T>) =>
  outputs(
    command.positional('scenarios', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'names, patterns, or paths of .ts or .js files (file.ts#name: one of those in a file)',
    }),
  )
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'everything drawn derives from it. Default: each scenario’s own',
    })
    .option('param', PARAM)
    .option('faults', FAULTS);

export const replayOptions = <T>(command: Argv<T>) =>
  outputs(
    command.positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'path, or last for the latest in --out',
    }),
  ).option('scenario', {
    type: 'string',
    requiresArg: true,
    describe:
      'file that holds the scenario, or name of a bundled one. Default: where the repro says, seen from itself or from here',
  });
