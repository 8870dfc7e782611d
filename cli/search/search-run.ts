/**
 * One search on several workers.
 *
 * Schedules go out in batches and are taken back in their order; failures are looked into meanwhile (findings.ts). What comes
 * out depends on how many schedules ran, not on how many workers ran them nor on who was faster. A batch that comes back
 * after a gap, because the search was ended, is thrown away.
 */
import { topologyOf, type NemesisProfile, type SearchOutcome, type SearchSummary } from '../../sim/index.ts';
import type { LoadedScenario } from '../load-scenario.ts';
import type { ProgressOfSearch } from '../../reports/index.ts';
import { Findings, type Wanted } from './findings.ts';
import type { Interruptible } from './interruptible.ts';
import { SearchPool } from './search-pool.ts';
import { Stop, type Investigation, type SearchSetting } from './search-task.ts';
import { emptySummary, Tally } from './tally.ts';

export interface Shard {
  readonly number: number;
  readonly of: number;
}

/** How many of a search's schedules are the shard's. */
export const shareOf = ({ number, of }: Shard, schedules: number): number =>
  Math.max(0, Math.ceil((schedules - (number - 1)) / of));

export interface SearchPlan {
  readonly one: LoadedScenario;
  readonly seed: string;
  /** As `readParams` gives them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly profiles: readonly NemesisProfile[];
  /** Schedules of the whole search, or Infinity. */
  readonly schedules: number;
  /** Which of them: `number` − 1, then every `of`th. */
  readonly shard: Shard;
  /** Host time after which no further schedule is run, ms. */
  readonly time?: number | undefined;
  readonly jobs: number;
  /** Ends with the first failure. */
  readonly bail: boolean;
  /** Runs spent on minimising one failure; 0: none is minimised. */
  readonly minimiseRuns: number;
  /** Redrawn runs at each instant of a finding's inevitability curve; 0: none. */
  readonly futures: number;
}

/** Host time that a batch should take, ms; and the most schedules of one. */
const BATCH_MS = 200;
const BATCH_MOST = 64;

export class SearchRun implements Interruptible {
  readonly setting: SearchSetting;
  readonly tally = new Tally();
  readonly findings: Findings;
  /** Digest of each schedule's run, by position in this shard. */
  readonly digests: string[] = [];
  interrupted = false;
  private readonly plan: SearchPlan;
  private readonly empty: SearchSummary;
  private readonly pool: SearchPool;
  private readonly stopFlag: Int32Array<SharedArrayBuffer>;
  private readonly busy = new Set<Promise<void>>();
  private readonly arrived = new Map<number, SearchOutcome>();
  /** Index and property, as one text. */
  private readonly underInvestigation = new Set<string>();
  /** Said by `interrupt`. */
  private tellInterrupted: () => void = () => undefined;
  /** The first error. */
  private broken: { readonly error: unknown } | undefined;
  /** Nothing further is looked into: that has led to errors twice. */
  private helpless = false;
  private batches = 0;
  /** The next position to hand out. */
  private next = 0;
  /** No further schedule is begun. */
  private closed = false;
  /** Nothing further is taken in. */
  private complete = false;
  private msPerSchedule = BATCH_MS;
  /** Fulfilled once somebody has interrupted the search. */
  readonly untilInterrupted = new Promise<undefined>((done) => {
    this.tellInterrupted = () => done(undefined);
  });

  /** Throws ConfigError for parameters, and what else makes no sense for the scenario. */
  constructor(plan: SearchPlan) {
    const { scenario, file, bundle } = plan.one;
    this.plan = plan;
    this.empty = emptySummary(scenario, plan.seed, plan.params, plan.profiles);
    this.stopFlag = new Int32Array(new SharedArrayBuffer(4));
    this.findings = new Findings({
      nodes: topologyOf(scenario, plan.params).nodes,
      minimised: plan.minimiseRuns > 0,
    });
    this.setting = {
      scenario: scenario.name,
      ...(bundle === undefined || file === undefined ? {} : { source: { bundle, file } }),
      seed: plan.seed,
      params: plan.params,
      profiles: plan.profiles.map(({ name }) => name),
      stop: this.stopFlag.buffer,
    };
    this.pool = new SearchPool(this.setting, plan.jobs);
  }

  /** Whether any fault can strike anybody. */
  get hasTargets(): boolean {
    return Object.values(this.empty.reach).some((families) => families.length > 0);
  }

  get progress(): Omit<ProgressOfSearch, 'elapsedMs'> {
    const { schedules, virtualTime } = this.tally;
    return { schedules, virtualTime, findings: this.findings.found.length };
  }

  get summary(): SearchSummary {
    return this.tally.summary(this.empty, this.findings);
  }

  indexOf(position: number): number {
    const { number, of } = this.plan.shard;
    return number - 1 + position * of;
  }

  /** Runs to the end. The workers stay for `workers` until `end`. Throws what broke it off; what was found before that is kept. */
  async run(): Promise<void> {
    const { time } = this.plan;
    const timer = time === undefined ? undefined : setTimeout(() => this.windDown(Stop.schedules), time);
    try {
      for (;;) {
        this.handOut();
        if (this.busy.size === 0) break;
        await Promise.race(this.busy);
      }
    } finally {
      clearTimeout(timer);
    }
    if (this.broken !== undefined) throw this.broken.error;
  }

  interrupt(): void {
    this.interrupted = true;
    this.windDown(Stop.everything);
    this.tellInterrupted();
  }

  /** Workers that have run schedules of this search. */
  get workers(): SearchPool {
    return this.pool;
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  private close(): void {
    this.closed = true;
  }

  /** Begins no further schedule, and ends as much of what is under way. */
  private windDown(stop: number): void {
    this.close();
    Atomics.store(this.stopFlag, 0, Math.max(stop, Atomics.load(this.stopFlag, 0)));
    this.findings.hurry();
  }

  /** An error, the first of which ends the search: in the user's code it would come again. */
  private breakOff(error: unknown): void {
    this.broken ??= { error };
    this.windDown(Stop.everything);
  }

  private handOut(): void {
    const { jobs } = this.plan;
    const wanted = this.helpless ? [] : this.findings.wanted(jobs, this.closed || this.left() <= 0);
    for (const one of wanted) {
      const key = `${one.index} ${one.property}`;
      if (this.underInvestigation.has(key)) continue;
      this.underInvestigation.add(key);
      this.follow(this.investigate(one).finally(() => this.underInvestigation.delete(key)));
    }
    while (!this.closed && this.batches < jobs * 2 && this.left() > 0) this.follow(this.runBatch());
  }

  /** Schedules of this shard that nobody has been given. */
  private left(): number {
    const { schedules, shard } = this.plan;
    return shareOf(shard, schedules) - this.next;
  }

  private follow(work: Promise<void>): void {
    const followed = work.catch((error: unknown) => this.breakOff(error)).finally(() => this.busy.delete(followed));
    this.busy.add(followed);
  }

  private async runBatch(): Promise<void> {
    const fair = Math.ceil(this.left() / (2 * this.plan.jobs));
    const size = Math.max(1, Math.min(BATCH_MOST, fair, Math.round(BATCH_MS / this.msPerSchedule)));
    const first = this.next;
    this.next += size;
    this.batches++;
    const indices = Array.from({ length: size }, (_, i) => this.indexOf(first + i));
    const { outcomes, took } = await this.pool.schedules(indices);
    this.batches--;
    if (outcomes.length > 0) this.msPerSchedule = Math.max(0.1, took / outcomes.length);
    for (const [i, outcome] of outcomes.entries()) this.arrived.set(first + i, outcome);
    this.takeIn();
  }

  /** Takes what has arrived, in order. */
  private takeIn(): void {
    while (!this.complete) {
      const position = this.digests.length;
      const outcome = this.arrived.get(position);
      if (outcome === undefined) return;
      this.arrived.delete(position);
      this.digests.push(outcome.digest);
      this.tally.add(outcome);
      this.findings.add(outcome);
      if (!this.plan.bail || outcome.violated.length === 0) continue;
      this.close();
      this.complete = true;
    }
  }

  private async investigate(wanted: Wanted): Promise<void> {
    const inHaste = this.interrupted || this.broken !== undefined;
    const { minimiseRuns, futures } = inHaste ? { minimiseRuns: 0, futures: 0 } : this.plan;
    try {
      const answer = await this.pool.investigate({ ...wanted, minimiseRuns, futures });
      this.findings.answer(wanted, inHaste && this.plan.minimiseRuns > 0 ? notMinimised(answer) : answer);
    } catch (error) {
      this.helpless ||= this.broken !== undefined;
      throw error;
    }
  }
}

/** What was given no run at all did not use up its budget: it was interrupted. */
const notMinimised = ({ finding, ...rest }: Investigation): Investigation =>
  finding === undefined
    ? rest
    : { ...rest, finding: { ...finding, minimising: { ...finding.minimising, ended: 'stopped' } } };
