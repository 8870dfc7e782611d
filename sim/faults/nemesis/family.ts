/** Families of faults: what a swarm switches on and off as a whole, and what limits speak about. */

/**
 * - `crash` a node loses its volatile state and restarts (once, in a loop, or with a torn last write)
 * - `pause` nothing runs on a node for a while
 * - `slow` a node works slowly
 * - `partition` nodes cannot reach each other: uniform, one isolated, by size, one way, partial, flapping
 * - `clog` messages are held and released: nodes one after the other, released in another order
 * - `delay` longer or uneven ways
 * - `loss`, `duplicate`, `reorder` fates of datagrams
 * - `bandwidth` narrow links
 * - `clock` offset, step, drift, freeze, lost NTP
 * - `disk` slow, full, failing fsync
 * - `zone` nodes of one place, or with one cause, fail together
 * - `load` spikes, hot keys, brown-outs
 * - `corruption` a disk that lies or rots: only where recovery is not owed
 * - `permanent` a node that never comes back: only where recovery is not owed
 */
export const FAULT_FAMILIES = [
  'crash',
  'pause',
  'slow',
  'partition',
  'clog',
  'delay',
  'loss',
  'duplicate',
  'reorder',
  'bandwidth',
  'clock',
  'disk',
  'zone',
  'load',
  'corruption',
  'permanent',
] as const;

export type FaultFamily = (typeof FAULT_FAMILIES)[number];

/** Families after which a design need not recover: drawn by unrestricted profiles only. */
export const UNRECOVERABLE: readonly FaultFamily[] = ['corruption', 'permanent'];

/** A role of so many nodes goes on without one of them. */
export const KEEPS_QUORUM_FROM = 3;
