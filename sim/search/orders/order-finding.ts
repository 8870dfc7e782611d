/** A violation that an order has brought about: with as few deviations as will do, in words, and as a repro. */
import type { Repro } from '../../repro.ts';
import { reproOf } from '../../repro.ts';
import type { RunResult } from '../../result.ts';
import type { Scenario } from '../../scenario.ts';
import { following, type Alternative, type ChosenOrder, type Director } from '../../world/director.ts';
import { ddmin } from '../ddmin.ts';
import { attempt, failuresOf, type Attempt, type Trial } from '../trial.ts';

export interface OrderFinding {
  /** Name of the violated check. */
  readonly property: string;
  /** The contradiction in one sentence. */
  readonly message: string;
  /** When, µs; absent when the run broke. */
  readonly at?: number;
  /** Index of the first run that violated it, and how many did. */
  readonly run: number;
  readonly count: number;
  /** The order with as few deviations as were found to do. */
  readonly order: ChosenOrder;
  /** One line for each deviation: what happened, and instead of what. */
  readonly deviations: readonly string[];
  /** The minimised run; absent when the property is that the run ends without an error. */
  readonly repro?: Repro;
}

/** Notes what a director decides. */
export class Scribe implements Director {
  private readonly director: Director;
  readonly taken: number[] = [];
  readonly deviations: string[] = [];
  chains = 0;

  constructor(director: Director) {
    this.director = director;
  }

  get rules(): Director['rules'] {
    return this.director.rules;
  }

  choose: Director['choose'] = (alternatives, position) => {
    const index = this.director.choose(alternatives, position);
    this.taken.push(index);
    this.chains = Math.max(this.chains, position.chains);
    const chosen = alternatives[index];
    if (index > 0 && chosen !== undefined) this.deviations.push(deviationText(chosen, alternatives[0] as Alternative));
    return index;
  };

  get order(): ChosenOrder {
    return { ...this.rules, taken: this.taken.slice(0, this.taken.findLastIndex((index) => index > 0) + 1) };
  }
}

function deviationText(chosen: Alternative, first: Alternative): string {
  if (chosen.act === 'drop') return `${chosen.text()} (${chosen.event}) is lost`;
  const what = chosen.act === 'happen' ? 'comes' : 'comes twice, the first time';
  const instead = chosen.event === first.event ? '' : ` before ${first.text()} (${first.event})`;
  return `${chosen.text()} (${chosen.event}) ${what}${instead}`;
}

interface Judged {
  readonly property: string;
  readonly safetyOnly: boolean;
  /** Runs at most for minimising. */
  readonly budget: number;
  /** Asked before each of them: true ends it early. */
  readonly stop: () => boolean;
}

interface Example {
  readonly order: ChosenOrder;
  readonly deviations: readonly string[];
  readonly outcome: Attempt;
}

/** Runs an order again. */
function again(scenario: Scenario, trial: Trial, order: ChosenOrder): Example {
  const scribe = new Scribe(following(order, { lenient: true }));
  const outcome = attempt(scenario, trial, { director: scribe });
  return { order: scribe.order, deviations: scribe.deviations, outcome };
}

/** Leaves out deviations while the property stays violated (delta debugging), and describes what is left. */
export function describeOrder(
  scenario: Scenario,
  trial: Trial,
  found: ChosenOrder,
  run: number,
  { property, safetyOnly, budget, stop }: Judged,
): OrderFinding {
  let example = again(scenario, trial, found);
  let left = budget;
  const deviating = found.taken.flatMap((index, at) => (index > 0 ? [{ at, index }] : []));
  ddmin(deviating, (kept) => {
    if (left-- <= 0 || stop()) return false;
    const taken = found.taken.map((_, at) => kept.find((one) => one.at === at)?.index ?? 0);
    const shorter = again(scenario, trial, { ...found, taken });
    const fails = failuresOf(shorter.outcome, safetyOnly).includes(property);
    if (fails && shorter.deviations.length <= example.deviations.length) example = shorter;
    return fails;
  });
  return describe(example, property, run);
}

function describe({ order, deviations, outcome }: Example, property: string, run: number): OrderFinding {
  const result: RunResult | undefined = outcome.result;
  const verdict = result?.verdicts.find(({ check }) => check === property);
  return {
    property,
    message: verdict?.message ?? outcome.error ?? property,
    ...(verdict?.witness === undefined ? {} : { at: verdict.witness.at }),
    run,
    count: 1,
    order,
    deviations,
    ...(result === undefined ? {} : { repro: reproOf(result) }),
  };
}
