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

export interface RangePlacementOptions {
  readonly ranges: number;
  readonly virtualNodes: number;
  readonly zoneOf: (member: string) => string;
}

/** Preference lists of rings by their members' names (membership.ts), each computed once. */
export function rangePlacements({
  ranges,
  virtualNodes,
  zoneOf,
}: RangePlacementOptions): (ring: string) => RangePlacement {
  const known = new Map<string, RangePlacement>();
  return (ring) => {
    let placement = known.get(ring);
    if (placement === undefined) {
      const circle = hashRing({ members: ring.split(' '), virtualNodes });
      const lists = Array.from({ length: ranges }, (_, range) => preferenceList(circle, `range ${range}`, zoneOf));
      known.set(ring, (placement = { ranges, lists }));
    }
    return placement;
  };
}
