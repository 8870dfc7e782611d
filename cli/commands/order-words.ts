/** What the options of `orrery search --order` say: a strategy, and which orders there are. */
import { ConfigError, orderRules, parseDuration, type OrderOptions, type OrderRules } from '../../sim/index.ts';
import type { StrategyChoice } from '../search/search-task.ts';
import type { OrderArguments } from './order-options.ts';
import { wholeNumber } from './search-words.ts';

/** Throws ConfigError for an option that means nothing to this strategy. */
export function strategyFrom(order: StrategyChoice['kind'], args: OrderArguments): StrategyChoice {
  const { runs, depth, deviations, prune } = args;
  if (order !== 'pct') refuse('--depth', depth, 'it goes with --order pct');
  if (order !== 'exhaustive') {
    refuse('--deviations', deviations, 'it goes with --order exhaustive');
    refuse('--no-prune', prune ? undefined : true, 'it goes with --order exhaustive');
  }
  const amount = runs === undefined ? {} : { runs: wholeNumber('--runs', runs, 1) };
  switch (order) {
    case 'random':
      return { kind: order, ...amount };
    case 'pct':
      return { kind: order, ...amount, ...(depth === undefined ? {} : { depth: wholeNumber('--depth', depth, 1) }) };
    case 'exhaustive':
      return {
        kind: order,
        prune,
        ...amount,
        ...(deviations === undefined
          ? {}
          : { deviations: deviations === Infinity ? deviations : wholeNumber('--deviations', deviations, 0) }),
      };
  }
}

export function rulesFrom({ choices, drops, duplicates, timers, latency }: OrderArguments): OrderRules {
  const options: OrderOptions = {
    ...(choices === undefined ? {} : { choices: wholeNumber('--choices', choices, 0) }),
    ...(drops === undefined ? {} : { drops: wholeNumber('--drops', drops, 0) }),
    ...(duplicates === undefined ? {} : { duplicates: wholeNumber('--duplicates', duplicates, 0) }),
    ...(timers === undefined ? {} : { timers }),
    ...(latency === undefined ? {} : { latency: latencyFrom(latency) }),
  };
  return orderRules(options);
}

function latencyFrom(word: string): NonNullable<OrderOptions['latency']> {
  const [, least = '', most = ''] = /^(.*?)\.\.(.*)$/.exec(word) ?? [];
  if (least === '' && most === '')
    throw new ConfigError('--latency', word, 'the least and the most, such as 1ms..50ms or 1ms..');
  const bounds = {
    ...(least === '' ? {} : { atLeast: parseDuration(least, '--latency') }),
    ...(most === '' ? {} : { atMost: parseDuration(most, '--latency') }),
  };
  if ((bounds.atMost ?? Infinity) >= (bounds.atLeast ?? 0)) return bounds;
  throw new ConfigError('--latency', word, 'the most not to be below the least');
}

/** Throws ConfigError for a value that was given although nobody reads it. */
export function refuse(option: string, value: unknown, why: string): void {
  if (value !== undefined) throw new ConfigError(option, value, `not to be there: ${why}`);
}

/** Options of orders where no order is asked for. */
export function refuseOrderOptions({ prune, ...given }: OrderArguments): void {
  const names = [
    'runs',
    'depth',
    'deviations',
    'choices',
    'drops',
    'duplicates',
    'timers',
    'latency',
    'faults',
  ] as const;
  for (const name of names) refuse(`--${name}`, given[name], 'it goes with --order');
  refuse('--no-prune', prune ? undefined : true, 'it goes with --order exhaustive');
}
