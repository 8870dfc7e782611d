/** One fault of every kind that a busy world (busy-world.ts) feels, and what tests say about them. */
import * as plan from '../../sim/faults/constructors.ts';
import type { Fault, FaultKind } from '../../sim/faults/fault.ts';
import { uniform } from '../../sim/random/distribution.ts';
import { runUnder } from './busy-world.ts';

export const at = '100ms';
export const lasts = { at, for: '100ms' } as const;
/** Pings that a node hears from another while a 100 ms fault lasts, without the fault. */
export const ALL = 10;
export const statusOf = (faults: readonly Fault[], until: number): string =>
  runUnder(faults, { until }).world.named('a').status;

/** One fault of each kind that a busy world feels. */
export const FELT: Record<FaultKind, Fault> = {
  crash: plan.crash({ ...lasts, node: 'a' }),
  restart: plan.restart({ at, node: 'a' }),
  'crash-loop': plan.crashLoop({ ...lasts, node: 'a', every: '40ms', down: '10ms' }),
  pause: plan.pause({ ...lasts, node: 'a' }),
  slow: plan.slow({ ...lasts, node: 'a', factor: 3 }),
  destroy: plan.destroy({ at, node: 'a' }),
  partition: plan.partition({ ...lasts, groups: [['a'], ['b']] }),
  'partition-one-way': plan.partitionOneWay({ ...lasts, from: 'a', to: 'b' }),
  'partition-partial': plan.partitionPartial({ ...lasts, pairs: [['a', 'b']] }),
  flapping: plan.flapping({ ...lasts, groups: [['a'], ['*']], up: '20ms', down: '20ms' }),
  isolate: plan.isolate({ ...lasts, node: 'a' }),
  clog: plan.clog({ ...lasts, from: 'a', to: 'b' }),
  'link-delay': plan.linkDelay({ ...lasts, from: 'a', to: 'b', extra: '5ms' }),
  jitter: plan.jitter({ ...lasts, from: 'a', to: 'b', extra: uniform('1ms', '40ms') }),
  loss: plan.loss({ ...lasts, from: 'a', to: 'b', probability: 1 }),
  duplicate: plan.duplicate({ ...lasts, from: 'a', to: 'b', probability: 1 }),
  reorder: plan.reorder({ ...lasts, from: 'a', to: 'b', probability: 1, window: '40ms' }),
  bandwidth: plan.bandwidth({ ...lasts, from: 'a', to: 'b', bytesPerSecond: 40_000 }),
  'clock-offset': plan.clockOffset({ ...lasts, node: 'a', by: '1s' }),
  'clock-step': plan.clockStep({ ...lasts, node: 'a', by: '-1s' }),
  'clock-drift': plan.clockDrift({ ...lasts, node: 'a', ppm: -500_000 }),
  'clock-freeze': plan.clockFreeze({ ...lasts, node: 'a', clock: 'both' }),
  'ntp-loss': plan.ntpLoss({ ...lasts, node: 'a' }),
  'disk-slow': plan.diskSlow({ ...lasts, node: 'a', factor: 5 }),
  'disk-full': plan.diskFull({ ...lasts, node: 'a' }),
  'fsync-fail': plan.fsyncFail({ ...lasts, node: 'a' }),
  'lost-writes': plan.lostWrites({ ...lasts, node: 'a' }),
  'torn-write': plan.tornWrite({ ...lasts, node: 'a' }),
  'bit-rot': plan.bitRot({ at, node: 'a', probability: 1 }),
  'zone-outage': plan.zoneOutage({ ...lasts, zone: 'z1' }),
  'region-outage': plan.regionOutage({ ...lasts, region: 'region-1' }),
  correlated: plan.correlated({ ...lasts, nodes: ['a', 'b'], stagger: '10ms' }),
  'traffic-spike': plan.trafficSpike({ ...lasts, nodes: 'a', factor: 3 }),
  'hot-key': plan.hotKey({ ...lasts, nodes: 'a', key: 'hot', share: 1 }),
  'brown-out': plan.brownOut({ ...lasts, node: 'a', probability: 1 }),
};

/** Crashes a in the middle of a flush. */
export const withPending = plan.crash({ at: '110.5ms', for: '20ms', node: 'a' });
