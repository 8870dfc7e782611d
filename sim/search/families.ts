/** Which family of the nemesis a kind of fault belongs to. */
import type { Fault, FaultKind } from '../faults/fault.ts';
import type { FaultFamily } from '../faults/nemesis/family.ts';

const FAMILIES: Readonly<Record<FaultKind, FaultFamily>> = {
  crash: 'crash',
  restart: 'crash',
  'crash-loop': 'crash',
  'torn-write': 'crash',
  pause: 'pause',
  slow: 'slow',
  destroy: 'permanent',
  partition: 'partition',
  'partition-one-way': 'partition',
  'partition-partial': 'partition',
  flapping: 'partition',
  isolate: 'partition',
  clog: 'clog',
  'link-delay': 'delay',
  jitter: 'delay',
  loss: 'loss',
  duplicate: 'duplicate',
  reorder: 'reorder',
  bandwidth: 'bandwidth',
  'clock-offset': 'clock',
  'clock-step': 'clock',
  'clock-drift': 'clock',
  'clock-freeze': 'clock',
  'ntp-loss': 'clock',
  'disk-slow': 'disk',
  'disk-full': 'disk',
  'fsync-fail': 'disk',
  'lost-writes': 'corruption',
  'bit-rot': 'corruption',
  'zone-outage': 'zone',
  'region-outage': 'zone',
  correlated: 'zone',
  'traffic-spike': 'load',
  'hot-key': 'load',
  'brown-out': 'load',
};

export const familyOf = ({ kind }: Pick<Fault, 'kind'>): FaultFamily => FAMILIES[kind];
