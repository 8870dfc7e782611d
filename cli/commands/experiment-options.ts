/** The options of `orrery sweep`, `orrery compare` and `orrery capacity`. */
import type { Argv } from 'yargs';
import { FAULTS, PARAM, SCENARIO, words } from './shared-options.ts';

export interface ExperimentArguments {
  readonly seed?: string | undefined;
  readonly param?: readonly string[] | undefined;
  readonly faults?: string | undefined;
  readonly replications: number;
  readonly warmUp: string;
  readonly reporter?: readonly string[] | undefined;
  readonly json: boolean;
  readonly out: string;
}

export interface SweepArguments extends ExperimentArguments {
  readonly scenario: string;
  readonly grid?: readonly string[] | undefined;
  readonly figure?: readonly string[] | undefined;
}

export interface CompareArguments extends ExperimentArguments {
  readonly first: string;
  readonly second: string;
  readonly with?: readonly string[] | undefined;
  readonly figure?: readonly string[] | undefined;
}

export interface CapacityArguments extends ExperimentArguments {
  readonly scenario: string;
  readonly load: string;
  readonly slo: readonly string[];
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly precision: number;
}

const shared = <T>(command: Argv<T>) =>
  command
    .option('seed', {
      type: 'string',
      requiresArg: true,
      describe: 'replication k has the seed <seed>/<k>, everywhere the same. Default: drawn, and printed',
    })
    .option('param', PARAM)
    .option('faults', FAULTS)
    .option('replications', {
      alias: 'n',
      type: 'number',
      requiresArg: true,
      default: 5,
      describe: 'independent runs of each place',
    })
    .option('warm-up', {
      type: 'string',
      requiresArg: true,
      default: '0s',
      describe: 'figures of operations leave out what begins before this',
    })
    .option('reporter', {
      alias: 'r',
      ...words('table | json | csv | html, repeatable; name=path writes to a file. Default table'),
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
      describe: 'folder for pages',
    });

const FIGURE = 'a figure, repeatable: goodput, ok, latency.p99, */attempts, database/cpu.queue.max, …';

export const sweepOptions = <T>(command: Argv<T>) =>
  shared(command)
    .positional('scenario', SCENARIO)
    .option('grid', {
      alias: 'g',
      ...words('name=v1,v2,… or name=from..to:step, repeatable: every combination is run'),
    })
    .option('figure', { alias: 'f', ...words(FIGURE) });

export const compareOptions = <T>(command: Argv<T>) =>
  shared(command)
    .positional('first', SCENARIO)
    .positional('second', {
      type: 'string',
      demandOption: true,
      describe: 'another, or the same one with other parameters (--with)',
    })
    .option('with', words('name=value for the second alone, repeatable; --param is for both'))
    .option('figure', { alias: 'f', ...words(FIGURE) });

export const capacityOptions = <T>(command: Argv<T>) =>
  shared(command)
    .positional('scenario', SCENARIO)
    .option('load', {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe: 'the parameter that is the load: a number',
    })
    .option('slo', {
      ...words('what has to hold, repeatable: "latency.p99 <= 50ms", "ok >= 0.999"'),
      demandOption: true,
    })
    .option('from', { type: 'number', requiresArg: true, describe: 'least load tried. Default: the parameter’s least' })
    .option('to', { type: 'number', requiresArg: true, describe: 'most load tried. Default: the parameter’s most' })
    .option('precision', {
      type: 'number',
      requiresArg: true,
      default: 0.02,
      describe: 'share of itself to which the answer is known',
    });
