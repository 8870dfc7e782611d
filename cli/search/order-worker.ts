/** The part of a search's worker that explores orders. */
import {
  exhaustive,
  parseSchedule,
  pct,
  randomOrder,
  searchOrders,
  type Scenario,
  type Strategy,
} from '../../sim/index.ts';
import type { OrderAnswer, OrderInquiry, SearchSetting, StrategyChoice } from './search-task.ts';

function strategyOf(choice: StrategyChoice): Strategy {
  switch (choice.kind) {
    case 'random':
      return randomOrder(choice);
    case 'pct':
      return pct(choice);
    case 'exhaustive':
      return exhaustive(choice);
  }
}

export function exploreTheOrders(
  scenario: Scenario,
  { seed, params }: SearchSetting,
  { strategy, rules, faults, minimiseRuns, bail, counters }: OrderInquiry,
  stop: () => boolean,
): OrderAnswer {
  const shown = new Float64Array(counters);
  const violated = new Set<string>();
  const options = { seed, params, rules, minimiseRuns, bail };
  const planned = faults === undefined ? {} : { faults: parseSchedule(faults) };
  const orders = searchOrders(scenario, strategyOf(strategy), { ...options, ...planned }, stop);
  let virtualTime = 0;
  let events = 0;
  for (;;) {
    const step = orders.next();
    if (step.done === true) return { summary: step.value, virtualTime, events };
    virtualTime += step.value.virtualTime;
    events += step.value.events;
    for (const property of step.value.violated) violated.add(property);
    shown.set([step.value.index + 1, virtualTime, violated.size]);
  }
}
