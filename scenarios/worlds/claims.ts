/** What the bundled designs claim to withstand, in the nemesis's words. A naive design is asked for what its sound counterpart claims. */
import { FAULT_FAMILIES, type FaultFamily } from '../../sim/index.ts';

/** Every profile that heals and leaves most nodes of a role up. */
export const ALL_THAT_HEALS = [
  'crashes',
  'partitions',
  'network',
  'clocks',
  'disks',
  'zones',
  'load',
  'mixed',
] as const;

/** For a node that stands alone, or whose going proves nothing: it may crash, and comes back with the disk that it had. */
export const COMES_BACK: readonly FaultFamily[] = FAULT_FAMILIES.filter(
  (family) => family !== 'corruption' && family !== 'permanent',
);

/** For a client that is to have come to rest before the end: it stays up, and its clock tells it when to stop. */
export const STAYS_UP: readonly FaultFamily[] = COMES_BACK.filter(
  (family) => !['clock', 'crash', 'disk', 'zone'].includes(family),
);

/**
 * Where nodes talk over connections, which queue without bound: all but narrow links. What clients who wait for nobody have sent by the
 * time such a link is wide again takes longer to arrive than the run lasts.
 */
export const OVER_CONNECTIONS: readonly FaultFamily[] = FAULT_FAMILIES.filter((family) => family !== 'bandwidth');
