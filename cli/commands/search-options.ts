/** The options of `orrery search` and `orrery merge`. */
import type { Argv } from 'yargs';
import { PAGES, PARAM, type PageKind } from './shared-options.ts';
import { orderOptions, type OrderArguments } from './order-options.ts';

export interface SearchArguments extends OrderArguments {
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
  readonly pages: PageKind;
  readonly json: boolean;
  readonly checkDeterminism: boolean;
  readonly minimise: boolean;
  readonly budget: number;
  readonly futures: number;
}

export const searchOptions = <T>(command: Argv<T>) =>
  amountOptions(orderOptions(command))
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'name of a bundled scenario, or path of a .ts or .js file that holds one (file.ts#name: one of many)',
    })
    .option('profile', {
      type: 'string',
      array: true,
      nargs: 1,
      requiresArg: true,
      describe:
        'what the nemesis may do, repeatable, taken in turn: crashes, partitions, network, clocks, disks, zones, load, mixed, safety. Default: those that the scenario claims to withstand',
    })
    .option('param', PARAM)
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
    .option('futures', {
      type: 'number',
      requiresArg: true,
      default: 0,
      describe:
        'for each failure, when it became inevitable: so many runs for each of 9 instants after which all is drawn again',
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
    .option('pages', PAGES)
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
      describe:
        'draw nothing new after so much time, such as 2m; what was found is still made small. Default: no limit',
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
    .option('scenario', {
      type: 'string',
      requiresArg: true,
      describe: 'file that holds the scenario, or name of a bundled one. Default: where the search files say',
    })
    .option('pages', PAGES)
    .option('json', { type: 'boolean', default: false, describe: 'the merged search file on stdout' });
