/** The options of `orrery search` and `orrery merge`. */
import type { Argv } from 'yargs';

export const searchOptions = <T>(command: Argv<T>) =>
  amountOptions(command)
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'name of a bundled scenario, or path of a .ts or .js file that holds one',
    })
    .option('profile', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'what the nemesis may do, repeatable: taken in turn. Default: the scenario’s own profiles',
    })
    .option('param', {
      alias: 'p',
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe: 'name=value, repeatable; durations such as 250ms',
    })
    .option('bail', { type: 'boolean', default: false, describe: 'end with the first failure' })
    .option('minimise', {
      type: 'boolean',
      default: true,
      describe: 'make each distinct failure small; --no-minimise shows one of each property as it was drawn',
    })
    .option('budget', {
      type: 'number',
      requiresArg: true,
      default: 300,
      describe: 'runs spent on minimising one failure',
    })
    .option('check-determinism', {
      type: 'boolean',
      default: false,
      describe: 'repeat 5 of the schedules in a fresh worker and compare event by event',
    })
    .option('out', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      default: 'orrery-report',
      describe: 'folder for the search file, pages and repro files',
    })
    .option('json', { type: 'boolean', default: false, describe: 'the search file on stdout' });

/** How much is searched, and by how many. */
const amountOptions = <T>(command: Argv<T>) =>
  command
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'everything drawn derives from it. Default: a new one, printed first',
    })
    .option('schedules', {
      alias: 'seeds',
      type: 'number',
      requiresArg: true,
      describe: 'how many schedules, each with a seed of its own. Default 1000; with --time: no end',
    })
    .option('time', {
      type: 'string',
      requiresArg: true,
      describe: 'begin nothing new after so much time, such as 2m. Default: no limit',
    })
    .option('jobs', {
      alias: 'j',
      type: 'number',
      requiresArg: true,
      describe: 'worker threads; what is found does not depend on it. Default: one for each core',
    })
    .option('shard', {
      type: 'string',
      requiresArg: true,
      default: '1/1',
      describe: 'i/n: only every nth schedule, from the ith on; orrery merge puts shards together',
    });

export const mergeOptions = <T>(command: Argv<T>) =>
  command
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'search files of shards of one search',
    })
    .option('out', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe:
        'the merged search file; repros and pages go beside it. Default orrery-report/<scenario>-<seed>.search.json',
    })
    .option('json', { type: 'boolean', default: false, describe: 'the merged search file on stdout' });
