/** Wrong node clocks: offset, step, drift, freeze, lost NTP; on any node, clients too. */
import { ms, s } from '../../base/time.ts';
import { clockDrift, clockFreeze, clockOffset, clockStep, ntpLoss } from '../constructors.ts';
import { upTo, type Drawer } from './drawer.ts';

const SHIFTS = [ms(10), ms(100), ms(500), s(2), s(10)] as const;
/** From a bad oscillator, about 200 ppm, to a virtual machine that is starved of time. */
const PPM = [200, 2_000, 20_000, 100_000, 300_000] as const;

/** Drift and freezing twice: every timer feels them, and a wrong wall clock only who reads it. */
const MODES = ['offset', 'step', 'drift', 'drift', 'freeze', 'freeze', 'ntp'] as const;

export const drawClock: Drawer = ({ arena, random, severity }) => {
  const node = random.pick(arena.targets('clock')).id;
  const window = arena.window(random, severity);
  if (window === undefined) return [];
  const hit = { ...window, node };
  const either = (size: number): number => (random.chance(0.5) ? size : -size);
  switch (random.pick(MODES)) {
    case 'offset':
      return [clockOffset({ ...hit, by: either(upTo(random, severity, SHIFTS)) })];
    case 'step':
      return [clockStep({ ...hit, by: either(upTo(random, severity, SHIFTS)) })];
    case 'drift':
      return [clockDrift({ ...hit, ppm: either(upTo(random, severity, PPM)) })];
    case 'freeze':
      return [clockFreeze({ ...hit, clock: random.pick(['wall', 'monotonic', 'both'] as const) })];
    case 'ntp':
      return [ntpLoss(hit)];
  }
};
