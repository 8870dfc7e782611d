/**
 * Consistent hashing with bounded loads (V. Mirrokni, M. Thorup, M. Zadimoghaddam, SODA 2018): no member may have more than c
 * times its fair share; a key whose owner is full goes to the next member that is not, in the order of the placement. c is the
 * balance between evenness (1: as even as can be) and affinity (∞: the placement alone); the paper shows that a member that comes
 * or goes moves O(1/ε²) keys for each of its own, c = 1 + ε, which does not depend on how many members there are.
 * (There, some capacities are rounded up and others down; here all are rounded up, so when c·K/N passes a whole number every
 * capacity grows by one at once, and more keys move.)
 *
 * Vimeo and HAProxy (`hash-balance-factor`) use it with the requests in progress as the load. Over a ring the next member is the
 * next point clockwise, as in the paper; any other placement with an order of preference does as well.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Placement } from './placement.ts';

/** Checks c. Throws ConfigError. */
export function balanceFactor(factor: number, field: string): number {
  if (factor > 1 && factor < Infinity) return factor;
  throw new ConfigError(field, factor, 'a number above 1');
}

/**
 * What a member may carry at most when `total` is to be carried, with this one: ⌈c · total · share⌉, `share` its part of the
 * weights, 1/n for equal ones. Since the capacities add up to more than the total there is always room.
 */
export const boundedCapacity = (total: number, share: number, factor: number): number =>
  // 3 · 1.1 is a little more than 3.3: without the correction a bound that is a whole number could be missed by one.
  Math.ceil(factor * total * share - 1e-9);

/** Which member each of a set of keys belongs to when none may have more than ⌈c · keys / members⌉: keys in the given order. */
export function boundedAssignment(
  placement: Placement,
  keys: readonly string[],
  factor: number,
): ReadonlyMap<string, string> {
  const { members } = placement;
  const capacity = boundedCapacity(keys.length, 1 / members.length, balanceFactor(factor, 'boundedAssignment: factor'));
  const loads = new Map(members.map((member) => [member, 0]));
  const assignment = new Map<string, string>();
  for (const key of keys) {
    const member = firstWithRoom(placement, key, (one) => (loads.get(one) as number) < capacity);
    loads.set(member, (loads.get(member) as number) + 1);
    assignment.set(key, member);
  }
  return assignment;
}

/** The first member in the key's order of preference that has room; its owner when none has. */
export function firstWithRoom(placement: Placement, key: string, hasRoom: (member: string) => boolean): string {
  const owner = placement.owner(key);
  if (hasRoom(owner)) return owner;
  // Mostly the second or third has: all of them are asked for only when not.
  for (const n of [4, placement.members.length]) {
    const found = placement.owners(key, n).find(hasRoom);
    if (found !== undefined) return found;
  }
  return owner;
}
