/**
 * Faults as scenario authors write them: `crash({ node: n1, at: '5s', for: '2s' })`. Nodes are given by name or reference,
 * durations in µs or as text. What each kind does is said at its schema. Each throws ConfigError naming the field.
 */
import type { Duration } from '../base/time.ts';
import type { Distribution } from '../random/distribution-spec.ts';
import { parseFault, type FaultKind, type FaultOf } from './fault.ts';

/** A node by name or reference. */
export type Target = string | { readonly id: string };
/** One or more nodes, or '*' for all. */
export type Targets = Target | readonly Target[];

export interface Instant {
  /** When it happens. */
  readonly at: Duration;
  /** Default: given by the schedule, F1, F2, … */
  readonly id?: string;
}
export interface Timed extends Instant {
  /** How long it lasts. Default: to the end of the run. */
  readonly for?: Duration;
  /** It never ends, hits none of the quorum core, and recovery is owed all the same. Not with `for`. */
  readonly stays?: true;
}
interface OnNode {
  readonly node: Target;
}
/** The directed links that it bends. Default: all. */
interface OnLinks extends Timed {
  readonly from?: Targets;
  readonly to?: Targets;
}
interface Groups extends Timed {
  /** A node in no group keeps contact with everybody; the group `['*']` is all the rest. */
  readonly groups: readonly (readonly Target[])[];
}

const nameOf = (target: unknown): unknown =>
  typeof target === 'object' && target !== null && 'id' in target ? target.id : target;

const named = (targets: unknown): unknown => (Array.isArray(targets) ? targets.map(named) : nameOf(targets));

const listed = (targets: unknown): unknown => {
  const names = named(targets);
  return typeof names === 'string' && names !== '*'
    ? [names]
    : Array.isArray(names) && names.length === 1 && names[0] === '*'
      ? '*'
      : names;
};

function plan<K extends FaultKind>(kind: K, fields: object): FaultOf<K> {
  const fault: Record<string, unknown> = { ...fields, kind };
  for (const field of ['node', 'groups', 'pairs']) if (field in fault) fault[field] = named(fault[field]);
  for (const field of ['nodes', 'from', 'to']) if (field in fault) fault[field] = listed(fault[field]);
  return parseFault(fault, kind) as FaultOf<K>;
}

// Nodes
export const crash = (fault: Timed & OnNode & { readonly restart?: boolean }): FaultOf<'crash'> => plan('crash', fault);
export const restart = (fault: Instant & OnNode): FaultOf<'restart'> => plan('restart', fault);
export const crashLoop = (
  fault: Timed & OnNode & { readonly every: Duration; readonly down: Duration },
): FaultOf<'crash-loop'> => plan('crash-loop', fault);
export const pause = (fault: Timed & OnNode): FaultOf<'pause'> => plan('pause', fault);
export const slow = (
  fault: Timed & OnNode & { readonly factor?: number; readonly delay?: Distribution },
): FaultOf<'slow'> => plan('slow', fault);
export const destroy = (fault: Instant & OnNode): FaultOf<'destroy'> => plan('destroy', fault);

// Network
export const partition = (fault: Groups): FaultOf<'partition'> => plan('partition', fault);
export const partitionOneWay = (
  fault: Timed & { readonly from: Targets; readonly to: Targets },
): FaultOf<'partition-one-way'> => plan('partition-one-way', fault);
export const partitionPartial = (
  fault: Timed & { readonly pairs: readonly (readonly [Target, Target])[] },
): FaultOf<'partition-partial'> => plan('partition-partial', fault);
export const flapping = (fault: Groups & { readonly up: Duration; readonly down: Duration }): FaultOf<'flapping'> =>
  plan('flapping', fault);
export const isolate = (fault: Timed & OnNode): FaultOf<'isolate'> => plan('isolate', fault);
export const clog = (fault: OnLinks & { readonly nodes?: Targets }): FaultOf<'clog'> => plan('clog', fault);
export const linkDelay = (
  fault: OnLinks & { readonly extra?: Distribution; readonly factor?: number },
): FaultOf<'link-delay'> => plan('link-delay', fault);
export const jitter = (fault: OnLinks & { readonly extra: Distribution }): FaultOf<'jitter'> => plan('jitter', fault);
export const loss = (fault: OnLinks & { readonly probability: number }): FaultOf<'loss'> => plan('loss', fault);
export const duplicate = (fault: OnLinks & { readonly probability: number }): FaultOf<'duplicate'> =>
  plan('duplicate', fault);
export const reorder = (
  fault: OnLinks & { readonly probability: number; readonly window: Duration },
): FaultOf<'reorder'> => plan('reorder', fault);
export const bandwidth = (fault: OnLinks & { readonly bytesPerSecond: number }): FaultOf<'bandwidth'> =>
  plan('bandwidth', fault);

// Clocks; `by` may be negative: "-250ms"
export const clockOffset = (fault: Timed & OnNode & { readonly by: Duration }): FaultOf<'clock-offset'> =>
  plan('clock-offset', fault);
export const clockStep = (fault: Timed & OnNode & { readonly by: Duration }): FaultOf<'clock-step'> =>
  plan('clock-step', fault);
export const clockDrift = (fault: Timed & OnNode & { readonly ppm: number }): FaultOf<'clock-drift'> =>
  plan('clock-drift', fault);
export const clockFreeze = (
  fault: Timed & OnNode & { readonly clock: 'wall' | 'monotonic' | 'both' },
): FaultOf<'clock-freeze'> => plan('clock-freeze', fault);
export const ntpLoss = (fault: Timed & OnNode): FaultOf<'ntp-loss'> => plan('ntp-loss', fault);

// Disks
export const diskSlow = (fault: Timed & OnNode & { readonly factor: number }): FaultOf<'disk-slow'> =>
  plan('disk-slow', fault);
export const diskFull = (fault: Timed & OnNode): FaultOf<'disk-full'> => plan('disk-full', fault);
export const fsyncFail = (fault: Timed & OnNode): FaultOf<'fsync-fail'> => plan('fsync-fail', fault);
export const lostWrites = (fault: Timed & OnNode): FaultOf<'lost-writes'> => plan('lost-writes', fault);
export const tornWrite = (fault: Timed & OnNode): FaultOf<'torn-write'> => plan('torn-write', fault);
export const bitRot = (fault: Instant & OnNode & { readonly probability: number }): FaultOf<'bit-rot'> =>
  plan('bit-rot', fault);

// Many nodes at once
export const zoneOutage = (
  fault: Timed & { readonly zone: string; readonly region?: string; readonly mode?: 'crash' | 'isolate' },
): FaultOf<'zone-outage'> => plan('zone-outage', fault);
export const regionOutage = (
  fault: Timed & { readonly region: string; readonly mode?: 'crash' | 'isolate' },
): FaultOf<'region-outage'> => plan('region-outage', fault);
export const correlated = (
  fault: Timed & { readonly nodes: readonly Target[]; readonly mode?: 'crash' | 'pause'; readonly stagger?: Duration },
): FaultOf<'correlated'> => plan('correlated', fault);

// Load
export const trafficSpike = (
  fault: Timed & { readonly nodes?: Targets; readonly factor: number },
): FaultOf<'traffic-spike'> => plan('traffic-spike', fault);
export const hotKey = (
  fault: Timed & { readonly nodes?: Targets; readonly key: string; readonly share: number },
): FaultOf<'hot-key'> => plan('hot-key', fault);
export const brownOut = (
  fault: Timed & OnNode & { readonly probability: number; readonly factor?: number },
): FaultOf<'brown-out'> => plan('brown-out', fault);

/** Two groups for a partition: the first `k` nodes, and the others. */
export const split = <T extends Target>(nodes: readonly T[], k: number): [T[], T[]] => [
  nodes.slice(0, k),
  nodes.slice(k),
];
