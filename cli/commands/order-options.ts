/** The options of `orrery search --order`. */
import type { Argv } from 'yargs';
import type { OrderRules } from '../../sim/index.ts';
import type { StrategyChoice } from '../search/search-task.ts';

export interface OrderArguments {
  readonly order?: StrategyChoice['kind'] | undefined;
  readonly runs?: number | undefined;
  readonly depth?: number | undefined;
  readonly deviations?: number | undefined;
  readonly prune: boolean;
  readonly choices?: number | undefined;
  readonly drops?: number | undefined;
  readonly duplicates?: number | undefined;
  readonly timers?: OrderRules['timers'] | undefined;
  readonly latency?: string | undefined;
  readonly faults?: string | undefined;
}

export const orderOptions = <T>(command: Argv<T>) =>
  boundOptions(command)
    .option('order', {
      choices: ['random', 'pct', 'exhaustive'] as const,
      requiresArg: true,
      describe:
        'search orders of arrivals and timers instead of faults: any at random, few changes of priority, or every one within the bounds',
    })
    .option('runs', {
      type: 'number',
      requiresArg: true,
      describe: 'how many orders. Default 1000, exhaustive 100000',
    })
    .option('depth', {
      type: 'number',
      requiresArg: true,
      describe: 'pct: how many events must be out of order for the bugs that are looked for. Default 3',
    })
    .option('deviations', {
      type: 'number',
      requiresArg: true,
      describe: 'exhaustive: most decisions of a run against the ordinary course. Default: any number',
    })
    .option('prune', {
      type: 'boolean',
      default: true,
      describe: 'exhaustive: explore what follows from equal states once; --no-prune explores it each time',
    })
    .option('faults', {
      type: 'string',
      requiresArg: true,
      describe: 'fault schedule of every run: a JSON file, or JSON that begins with [. Default: the scenario’s own',
    })
    .group(
      [
        'order',
        'runs',
        'depth',
        'deviations',
        'prune',
        'choices',
        'drops',
        'duplicates',
        'timers',
        'latency',
        'faults',
      ],
      'Orders:',
    );

/** Which orders there are. */
const boundOptions = <T>(command: Argv<T>) =>
  command
    .option('choices', {
      type: 'number',
      requiresArg: true,
      describe: 'most decisions of a run; after them it goes on as usual. Default 1000',
    })
    .option('drops', { type: 'number', requiresArg: true, describe: 'most datagrams lost in a run. Default 0' })
    .option('duplicates', { type: 'number', requiresArg: true, describe: 'most datagrams doubled in a run. Default 0' })
    .option('timers', {
      choices: ['clock', 'node', 'any'] as const,
      requiresArg: true,
      describe: 'clock: each when due; node: nodes may be late; any: a node’s own in any order too. Default clock',
    })
    .option('latency', {
      type: 'string',
      requiresArg: true,
      describe: 'how long a message may be in flight, such as 1ms..50ms, or 1ms.. for no upper bound. Default 0ms..',
    });
