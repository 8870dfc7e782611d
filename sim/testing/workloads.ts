import fc from 'fast-check';
import { ConfigError } from '../base/errors.ts';
import { parsePeriod, type Duration, type Micros } from '../base/time.ts';
import { fewer } from './shrink-schedule.ts';

export interface WorkloadsOptions {
  /** When the last operation may be due. Default 10 s. */
  readonly within?: Duration;
  /** Most operations, at least 1. Default 50. */
  readonly operations?: number;
  /** Objects that they are about, the simplest first. Default `k1`, `k2` and `k3`. */
  readonly keys?: readonly string[];
  /** What is asked, the simplest first. Default `read` and `write`. */
  readonly names?: readonly string[];
}

/** An operation that some client means to begin. */
export interface PlannedOperation {
  /** Since the beginning of the workload. */
  readonly at: Micros;
  readonly key: string;
  readonly f: string;
}

/**
 * Any workload: what is asked and when, at least one operation, in order of time. It is a recording, as `replayed` of `orrery/models` plays
 * it: give it to a function that makes the scenario, and let `operation` look up the entry that was intended. It shrinks to fewer operations,
 * earlier ones, and the first of the keys and names. Throws ConfigError.
 */
export function workloads(options: WorkloadsOptions = {}): fc.Arbitrary<readonly PlannedOperation[]> {
  const { operations = 50, keys = ['k1', 'k2', 'k3'], names = ['read', 'write'] } = options;
  const within = parsePeriod(options.within ?? '10s', 'workloads.within');
  if (!Number.isInteger(operations) || operations < 1)
    throw new ConfigError('workloads.operations', operations, 'a whole number of at least 1');
  if (keys.length === 0) throw new ConfigError('workloads.keys', keys, 'at least one key');
  if (names.length === 0) throw new ConfigError('workloads.names', names, 'at least one name');
  return new Workloads(within, operations, keys, names);
}

/** A workload whose operations were made simpler is not tried with fewer again: that has been done. */
const SIMPLER = 'simpler';

class Workloads extends fc.Arbitrary<readonly PlannedOperation[]> {
  private readonly within: Micros;
  private readonly most: number;
  private readonly keys: readonly string[];
  private readonly names: readonly string[];

  constructor(within: Micros, most: number, keys: readonly string[], names: readonly string[]) {
    super();
    this.within = within;
    this.most = most;
    this.keys = keys;
    this.names = names;
  }

  override generate(random: fc.Random): fc.Value<readonly PlannedOperation[]> {
    const one = (from: readonly string[]): string => from[random.nextInt(0, from.length - 1)] as string;
    const planned = Array.from({ length: random.nextInt(1, this.most) }, () => ({
      at: random.nextInt(0, this.within),
      key: one(this.keys),
      f: one(this.names),
    }));
    return new fc.Value(
      planned.sort((a, b) => a.at - b.at),
      undefined,
    );
  }

  override canShrinkWithoutContext(value: unknown): value is readonly PlannedOperation[] {
    return (
      Array.isArray(value) && value.length > 0 && value.length <= this.most && value.every((one) => this.plans(one))
    );
  }

  private plans(one: unknown): boolean {
    if (typeof one !== 'object' || one === null) return false;
    const { at, key, f } = one as PlannedOperation;
    return Number.isInteger(at) && at >= 0 && at <= this.within && this.keys.includes(key) && this.names.includes(f);
  }

  override shrink(
    value: readonly PlannedOperation[],
    context: unknown,
  ): fc.Stream<fc.Value<readonly PlannedOperation[]>> {
    return fc.stream(this.smaller(value, context));
  }

  private *smaller(
    planned: readonly PlannedOperation[],
    context: unknown,
  ): Generator<fc.Value<readonly PlannedOperation[]>> {
    if (context !== SIMPLER)
      for (const left of fewer(planned)) if (left.length > 0) yield new fc.Value(left, undefined);
    for (const [i, one] of planned.entries()) {
      for (const simpler of this.simplerThan(one)) {
        const changed = planned.with(i, simpler).toSorted((a, b) => a.at - b.at);
        yield new fc.Value(changed, SIMPLER);
      }
    }
  }

  private *simplerThan(one: PlannedOperation): Generator<PlannedOperation> {
    const [key, f] = [this.keys[0] as string, this.names[0] as string];
    if (one.at > 0) yield { ...one, at: 0 };
    if (one.at > 1) yield { ...one, at: Math.floor(one.at / 2) };
    if (one.key !== key) yield { ...one, key };
    if (one.f !== f) yield { ...one, f };
  }
}
