/**
 * Where keys live: key ranges, and the preference list of each (Dynamo, sections 4.2, 4.3, 6.2).
 *
 * The space of keys is cut into a fixed number of equal ranges; each is placed on the ring as one, which is what Dynamo came
 * to (its strategy 3): a range is a unit to compare, to hand over and to keep a Merkle tree for. A range's preference list is
 * all members in the order in which a walk around the ring meets them, each machine once however many virtual nodes it has.
 * The first N are the owners, the next ones stand in for them. With zones (data centres) the walk passes over members of
 * zones that the list has already, until it has all zones.
 */
import { hashRing } from '../hashing/hash-ring.ts';
import { murmur3 } from '../hashing/murmur3.ts';
import type { Placement } from '../hashing/placement.ts';

/** The range that a key is in, 0…ranges − 1. */
export const rangeOf = (key: string, ranges: number): number => Math.floor((murmur3(key) / 2 ** 32) * ranges);

/** All members, in the order of preference for `key`. */
export function preferenceList(ring: Placement, key: string, zoneOf: (member: string) => string): readonly string[] {
  const list: string[] = [];
  let left = ring.owners(key, ring.members.length);
  while (left.length > 0) {
    const zones = new Set<string>();
    const passedOver: string[] = [];
    for (const member of left) {
      const zone = zoneOf(member);
      if (zones.has(zone)) passedOver.push(member);
      else list.push(member);
      zones.add(zone);
    }
    left = passedOver;
  }
  return list;
}

export interface RangePlacement {
  readonly ranges: number;
  /** By range. */
  readonly lists: readonly (readonly string[])[];
}

/** All members, in the order of preference for a key, or those of them that are to have it. */
export type ListOf = (ring: Placement, key: string) => readonly string[];

interface RangeOptions {
  readonly ranges: number;
  readonly virtualNodes: number;
}

export interface RangePlacementOptions extends RangeOptions {
  readonly zoneOf: (member: string) => string;
}

/** Preference lists of rings by their members' names (membership.ts), each computed once. */
export const rangePlacements = ({ zoneOf, ...options }: RangePlacementOptions): ((ring: string) => RangePlacement) =>
  placementsBy((ring, key) => preferenceList(ring, key, zoneOf), options);

/** Likewise, by another rule. */
export function placementsBy(listOf: ListOf, { ranges, virtualNodes }: RangeOptions): (ring: string) => RangePlacement {
  const known = new Map<string, RangePlacement>();
  return (ring) => {
    let placement = known.get(ring);
    if (placement === undefined) {
      const circle = hashRing({ members: ring.split(' '), virtualNodes });
      const lists = Array.from({ length: ranges }, (_, range) => listOf(circle, `range ${range}`));
      known.set(ring, (placement = { ranges, lists }));
    }
    return placement;
  };
}
