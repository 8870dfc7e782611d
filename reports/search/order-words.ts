/** An exploration of orders in words that text, Markdown and page share. */
import type { OrderFinding } from '../../sim/search/orders/order-finding.ts';
import type { OrderSummary } from '../../sim/search/orders/explore-orders.ts';
import { counted, grouped, instant, length } from '../quantity.ts';
import type { OrderReport } from './order-entry.ts';

/** `1,000 orders (pct, depth 3): 988 held, 12 violated`. */
export function orderCountsText({ runs, strategy, held, violated, undecided, broke }: OrderSummary): string {
  const parts = Object.entries({ held, violated, undecided, 'broke off': broke }).flatMap(([word, n]) =>
    n === 0 ? [] : [`${grouped(n)} ${word}`],
  );
  return `${counted(runs, 'order')} (${strategy}): ${parts.join(', ') || 'nothing ran'}`;
}

/** `1 violated property`, `3.3 min virtual`, `512 decisions at most`. */
export const orderWorkTexts = ({ findings, virtualTime, mostChoices, states }: OrderReport): string[] => [
  findings.length === 0 ? 'no failure' : counted(findings.length, 'violated property', 'violated properties'),
  `${length(virtualTime)} virtual`,
  `${counted(mostChoices, 'decision')} in the longest run`,
  ...(states === undefined ? [] : [`${counted(states, 'distinct state')}`]),
];

/** What the exploration says about the orders that it has not run. Never more than it knows. */
export function completenessText(summary: OrderSummary): string {
  const { complete, ended, rules, mostChoices, strategy } = summary;
  if (complete) return 'complete: every order that these rules allow was tried, or one that comes to the same';
  const why: Record<OrderSummary['ended'], string> = {
    exhausted: 'every order within the bounds was tried, and there are orders beyond them',
    runs: strategy.startsWith('exhaustive') ? 'there are orders left' : 'orders were drawn, not gone through',
    bail: 'it ended with the first failure',
    stopped: 'it was ended early',
  };
  const cut = mostChoices >= rules.choices ? `; decisions end after ${grouped(rules.choices)} of a run` : '';
  return `not complete: ${why[ended]}${cut}${boundText(summary)}`;
}

/** What PCT promises for one run: at least 1 in n · k^(d−1), of the most chains n and decisions k that a run had. */
function boundText({ strategy, mostChains, mostChoices }: OrderSummary): string {
  const [, depth] = /^pct, depth (\d+)$/.exec(strategy) ?? [];
  if (depth === undefined || mostChoices === 0) return '';
  const odds = Math.max(1, mostChains) * mostChoices ** (Number(depth) - 1);
  const text = Number.isSafeInteger(odds) ? grouped(odds) : odds.toExponential(0);
  return `; one run finds a bug of depth ${depth} with a chance of at least 1 in ${text}`;
}

/** `timers: clock, flight 0 µs to 50 ms, 1 drop, 0 duplicates, 1,000 decisions at most`. */
export function rulesText({ rules: { timers, latency, drops, duplicates, choices } }: OrderSummary): string {
  const { atLeast, atMost } = latency;
  const flight = atMost === undefined ? `${length(atLeast)} or more` : `${length(atLeast)} to ${length(atMost)}`;
  return [
    `timers: ${timers}`,
    `flight ${flight}`,
    counted(drops, 'drop'),
    counted(duplicates, 'duplicate'),
    `${counted(choices, 'decision')} at most`,
  ].join(', ');
}

/** `at 2.1894 s`, or that the run did not get so far. */
export const orderMomentText = ({ at }: OrderFinding): string => (at === undefined ? 'broke off' : `at ${instant(at)}`);

/** `in 12 of 1,000 orders`. */
export const shareText = ({ count }: OrderFinding, { runs }: OrderSummary): string =>
  `in ${grouped(count)} of ${counted(runs, 'order')}`;

/** How many decisions are against the ordinary course. */
export const deviationsText = ({ deviations }: OrderFinding): string =>
  deviations.length === 0 ? 'the ordinary course: no deviation is needed' : counted(deviations.length, 'deviation');

export const AGAIN_TEXT = 'the run breaks off and leaves no repro: the same search finds it again';
