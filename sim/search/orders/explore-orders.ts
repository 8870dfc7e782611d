/**
 * Exploring orders: one scenario, one seed, one schedule of faults; run after run, and in each another order of what happens.
 *
 * What is drawn (losses, sizes of jobs, flushes) stays as it is; the order alone changes. Only safety is judged by default: an
 * order that starves somebody for a while breaks any promise of progress. What a strategy does in run k may depend on the runs
 * before it, so one exploration is not split over workers; other seeds, schedules and parameters are.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Fault } from '../../faults/fault.ts';
import { schedule, scheduleJson, type FaultSchedule } from '../../faults/schedule.ts';
import { readParams } from '../../params.ts';
import type { Scenario } from '../../scenario.ts';
import { VERSION } from '../../version.ts';
import { orderRules, type ChosenOrder, type OrderOptions, type OrderRules } from '../../world/director.ts';
import { World } from '../../world/world.ts';
import { mergeCoverage, neverFired, NO_COVERAGE, type Coverage } from '../coverage.ts';
import { outcomeFrom, type SearchOutcome } from '../search.ts';
import { attempt, type Trial } from '../trial.ts';
import { describeOrder, Scribe, type OrderFinding } from './order-finding.ts';
import type { Course, Strategy } from './strategy.ts';

export interface ExploreOrdersOptions {
  /** Of the runs, and of what the strategy draws. */
  readonly seed: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Replaces the scenario's own faults. */
  readonly faults?: readonly Fault[];
  /** Which orders are possible. */
  readonly rules?: OrderOptions;
  /** Judge safety only. Default true. `sometimes` is never judged of one run: see `neverHappened`. */
  readonly safetyOnly?: boolean;
  /** Ends with the first violation. Default false. */
  readonly bail?: boolean;
  /** Runs spent on taking deviations out of one violation. Default 200; 0: it is shown as it was found. */
  readonly minimiseRuns?: number;
}

/** What one run did. */
export interface OrderOutcome extends SearchOutcome {
  readonly order: ChosenOrder;
}

/** What an exploration leaves behind: plain data. */
export interface OrderSummary {
  /** Version of the engine. */
  readonly version: string;
  readonly scenario: string;
  readonly seed: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** As `parseSchedule` reads it. */
  readonly schedule: readonly Readonly<Record<string, unknown>>[];
  readonly strategy: string;
  readonly rules: OrderRules;
  readonly runs: number;
  readonly held: number;
  readonly violated: number;
  readonly undecided: number;
  readonly broke: number;
  /** Every order that the rules allow has been tried, or one that comes to the same. */
  readonly complete: boolean;
  /** `exhausted`: the strategy has nothing left, within its bounds. */
  readonly ended: 'exhausted' | 'runs' | 'bail' | 'stopped';
  /** Distinct states in which a decision was due, where the strategy tells states apart. */
  readonly states?: number;
  /** The most decisions and causal chains of a run: the k and n of PCT's bound. */
  readonly mostChoices: number;
  readonly mostChains: number;
  /** One for each violated property, in order of discovery. */
  readonly findings: readonly OrderFinding[];
  /** `sometimes` checks that held in no run. */
  readonly neverHappened: readonly string[];
}

/** Explores orders, and yields what each run did; what it returns sums everything up. Throws ConfigError. */
export function* searchOrders(
  scenario: Scenario,
  strategy: Strategy,
  options: ExploreOrdersOptions,
  stop: () => boolean = () => false,
): Generator<OrderOutcome, OrderSummary, void> {
  const exploration = new Exploration(scenario, strategy, options, stop);
  for (;;) {
    if (stop()) return exploration.summary('stopped');
    if (exploration.runs >= strategy.runs) return exploration.summary(exploration.isExhausted ? 'exhausted' : 'runs');
    const outcome = exploration.next();
    if (outcome === undefined) return exploration.summary('exhausted');
    yield outcome;
    if (options.bail === true && outcome.violated.length > 0) return exploration.summary('bail');
  }
}

/** Explores orders to the end. Throws ConfigError. */
export function exploreOrders(
  scenario: Scenario,
  strategy: Strategy,
  options: ExploreOrdersOptions,
  stop: () => boolean = () => false,
): OrderSummary {
  const orders = searchOrders(scenario, strategy, options, stop);
  for (;;) {
    const step = orders.next();
    if (step.done === true) return step.value;
  }
}

class Exploration {
  runs = 0;
  private readonly scenario: Scenario;
  private readonly strategy: Strategy;
  private readonly stop: () => boolean;
  private readonly options: ExploreOrdersOptions;
  private readonly rules: OrderRules;
  private readonly trial: Trial;
  private readonly course: Course;
  private readonly counts = { held: 0, violated: 0, undecided: 0, broke: 0 };
  private coverage: Coverage = NO_COVERAGE;
  private mostChoices = 0;
  private mostChains = 0;
  private readonly findings = new Map<string, OrderFinding>();

  constructor(scenario: Scenario, strategy: Strategy, options: ExploreOrdersOptions, stop: () => boolean) {
    const { seed } = options;
    if (typeof seed !== 'string' || seed === '') throw new ConfigError('seed', seed, 'a non-empty text');
    this.scenario = scenario;
    this.strategy = strategy;
    this.stop = stop;
    this.options = options;
    this.rules = orderRules(options.rules);
    const params = readParams(scenario.params, options.params);
    this.trial = { seed, params, faults: plannedFaults(scenario, seed, params, options.faults) };
    this.course = strategy.start(seed, this.rules);
  }

  get isExhausted(): boolean {
    return this.course.complete;
  }

  /** One more run; undefined when the strategy has nothing left. */
  next(): OrderOutcome | undefined {
    const { safetyOnly = true } = this.options;
    const chooser = this.course.begin(this.runs);
    if (chooser === undefined) return undefined;
    const scribe = new Scribe({ rules: this.rules, choose: chooser });
    const attempted = attempt(this.scenario, this.trial, { director: scribe });
    const choices = scribe.taken.length;
    this.course.end({ choices, chains: scribe.chains, cut: choices >= this.rules.choices });
    const outcome = { ...outcomeFrom(this.runs, this.trial, attempted, safetyOnly), order: scribe.order };
    this.mostChoices = Math.max(this.mostChoices, choices);
    this.mostChains = Math.max(this.mostChains, scribe.chains);
    this.counts[outcome.status]++;
    this.coverage = mergeCoverage(this.coverage, outcome.coverage);
    for (const property of outcome.violated) this.note(property, outcome);
    this.runs++;
    return outcome;
  }

  private note(property: string, { order, index }: OrderOutcome): void {
    const { safetyOnly = true, minimiseRuns = 200 } = this.options;
    const known = this.findings.get(property);
    this.findings.set(
      property,
      known === undefined
        ? describeOrder(this.scenario, this.trial, order, index, {
            property,
            safetyOnly,
            budget: minimiseRuns,
            stop: this.stop,
          })
        : { ...known, count: known.count + 1 },
    );
  }

  summary(ended: OrderSummary['ended']): OrderSummary {
    const { states } = this.course;
    return {
      version: VERSION,
      scenario: this.scenario.name,
      seed: this.trial.seed,
      params: this.trial.params,
      schedule: scheduleJson(this.trial.faults),
      strategy: this.strategy.name,
      rules: this.rules,
      runs: this.runs,
      ...this.counts,
      complete: this.course.complete,
      ended,
      ...(states === undefined ? {} : { states }),
      mostChoices: this.mostChoices,
      mostChains: this.mostChains,
      findings: [...this.findings.values()],
      neverHappened: neverFired(this.coverage),
    };
  }
}

/** The faults given, or else the scenario's own, which need its world to be built. */
function plannedFaults(
  scenario: Scenario,
  seed: string,
  params: Readonly<Record<string, unknown>>,
  given: readonly Fault[] | undefined,
): FaultSchedule {
  if (given !== undefined) return schedule(given);
  const duration = scenario.duration(params);
  const built = scenario.build({ world: new World({ seed }), params, duration });
  return schedule(scenario.faults({ ...(built as object), params, duration }));
}
