/** How the runs of one design went over time, taken together: what was asked, what came of it, how long it took. */
import { NEVER, type Micros } from '../base/time.ts';
import { awaitedFrom } from '../metrics/awaited-from.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { RunResult } from '../result.ts';

export interface Course {
  readonly bucketUs: Micros;
  /** Operations begun, and ended ok, a second: means over the runs. */
  readonly offered: readonly number[];
  readonly good: readonly number[];
  /** Latency of those that ended ok, µs, of all runs together; null where there were too few to tell. */
  readonly p50: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** Windows of the faults of the last run that had an effect. */
  readonly faults: readonly {
    readonly id: string;
    readonly text: string;
    readonly at: Micros;
    readonly until: Micros;
  }[];
  /** The end of the longest run. */
  readonly end: Micros;
}

const BUCKETS = 60;
/** Operations that a bucket needs for its percentiles. */
const ENOUGH = 20;

/** Gathers runs one after the other; keeps no run. */
export class CourseOf {
  private runs = 0;
  private end: Micros = 0;
  private bucketUs: Micros = 0;
  private readonly offered: number[] = [];
  private readonly good: number[] = [];
  private readonly latency: Histogram[] = [];
  private faults: Course['faults'] = [];

  add({ operations, engine, faults }: RunResult): void {
    this.runs++;
    this.end = Math.max(this.end, engine.reached);
    // The first run sets the width: runs of one design last alike.
    if (this.bucketUs === 0) this.bucketUs = Math.max(1, Math.ceil(engine.reached / BUCKETS));
    for (const one of operations) {
      const { completedAt, outcome } = one;
      this.count(this.offered, awaitedFrom(one));
      if (outcome !== 'ok' || completedAt >= NEVER) continue;
      const bucket = this.count(this.good, completedAt);
      (this.latency[bucket] ??= new Histogram()).record(Math.max(1, completedAt - awaitedFrom(one)));
    }
    const effective = faults.filter(({ effects }) => effects > 0);
    this.faults = effective.map(({ id, text, at, until = engine.reached }) => ({ id, text, at, until }));
  }

  toJSON(): Course {
    const length = Math.max(1, Math.ceil(this.end / Math.max(1, this.bucketUs)));
    const indices = Array.from({ length }, (_, i) => i);
    const perSecond = (counts: readonly number[]): number[] =>
      indices.map((i) => ((counts[i] ?? 0) * 1e6) / (this.bucketUs * Math.max(1, this.runs)));
    const quantile = (q: number): (number | null)[] =>
      indices.map((i) => ((this.latency[i]?.count ?? 0) < ENOUGH ? null : (this.latency[i] as Histogram).quantile(q)));
    const { bucketUs, faults, end } = this;
    return {
      bucketUs,
      offered: perSecond(this.offered),
      good: perSecond(this.good),
      p50: quantile(0.5),
      p99: quantile(0.99),
      faults,
      end,
    };
  }

  private count(counts: number[], at: Micros): number {
    const bucket = Math.floor(at / this.bucketUs);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    return bucket;
  }
}
