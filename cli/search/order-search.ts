/**
 * An exploration of orders on a worker, so that this thread stays free for Ctrl-C. What a strategy does in a run may depend on the
 * runs before it: one exploration is one worker's.
 */
import type { FaultSchedule, OrderRules, SearchSummary } from '../../sim/index.ts';
import { scheduleJson } from '../../sim/index.ts';
import type { ProgressOfSearch } from '../../reports/index.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import type { Interruptible } from './interruptible.ts';
import { SearchPool } from './search-pool.ts';
import { ORDER_COUNTERS, Stop, type OrderAnswer, type StrategyChoice } from './search-task.ts';

export interface OrderPlan {
  readonly one: LoadedScenario;
  readonly seed: string;
  /** As `readParams` gives them. */
  readonly params: SearchSummary['params'];
  /** In place of the scenario's own. */
  readonly faults?: FaultSchedule | undefined;
  readonly strategy: StrategyChoice;
  readonly rules: OrderRules;
  /** Host time after which nothing new is begun, ms. */
  readonly time?: number | undefined;
  /** Ends with the first failure. */
  readonly bail: boolean;
  /** Runs spent on taking deviations out of one failure; 0: none. */
  readonly minimiseRuns: number;
}

export class OrderSearch implements Interruptible {
  interrupted = false;
  private readonly plan: OrderPlan;
  private readonly pool: SearchPool;
  private readonly stopFlag = new Int32Array(new SharedArrayBuffer(4));
  private readonly counters = new Float64Array(new SharedArrayBuffer(8 * ORDER_COUNTERS));

  constructor(plan: OrderPlan) {
    const { scenario, file, bundle } = plan.one;
    this.plan = plan;
    this.pool = new SearchPool(
      {
        scenario: scenario.name,
        ...(bundle === undefined || file === undefined ? {} : { source: { bundle, file } }),
        seed: plan.seed,
        params: plan.params,
        profiles: [],
        stop: this.stopFlag.buffer,
      },
      1,
    );
  }

  get progress(): Omit<ProgressOfSearch, 'elapsedMs'> {
    const [runs = 0, virtualTime = 0, findings = 0] = this.counters;
    return { schedules: runs, virtualTime, findings, unit: 'order' };
  }

  async run(): Promise<OrderAnswer> {
    const { time, strategy, rules, faults, minimiseRuns, bail } = this.plan;
    const timer = time === undefined ? undefined : setTimeout(() => this.stop(), time);
    try {
      return await this.pool.orders({
        strategy,
        rules,
        ...(faults === undefined ? {} : { faults: scheduleJson(faults) }),
        minimiseRuns,
        bail,
        counters: this.counters.buffer,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  interrupt(): void {
    this.interrupted = true;
    this.stop();
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  private stop(): void {
    Atomics.store(this.stopFlag, 0, Stop.everything);
  }
}
