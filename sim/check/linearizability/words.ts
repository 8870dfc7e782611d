/** Values and instants as a counterexample writes them. */
import { canonicalJson } from '../../base/json.ts';
import type { Micros } from '../../base/time.ts';
import type { Operation } from '../../history/operation.ts';

/** Longer values are cut. */
const LONGEST_VALUE = 40;

export class Words {
  private readonly decimals: number;

  /** `operations`: those spoken of; they decide how exact instants must be. */
  constructor(operations: readonly Operation[]) {
    const exact = new Set(operations.flatMap((op) => [op.invokedAt, op.completedAt]));
    this.decimals = new Set([...exact].map((t) => (t / 1e6).toFixed(4))).size === exact.size ? 4 : 6;
  }

  value(value: unknown): string {
    const text = canonicalJson(value);
    return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
  }

  instant(t: Micros): string {
    return `${(t / 1_000_000).toFixed(this.decimals)} s`;
  }

  interval(op: Operation): string {
    const begin = (op.invokedAt / 1_000_000).toFixed(this.decimals);
    return op.outcome === 'pending' ? `from ${begin} s, never completed` : `${begin}–${this.instant(op.completedAt)}`;
  }
}
