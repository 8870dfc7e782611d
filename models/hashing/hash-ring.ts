/**
 * Consistent hashing on a ring (D. Karger et al., "Consistent hashing and random trees", STOC 1997): members and keys are
 * hashed to points on a circle, and a key belongs to the first member at or after its point. When a member comes or goes, only
 * the keys between its points and the ones before them move: K/N of K keys on average, from or to that member and no other.
 *
 * One point each would be very uneven: with N members the standard deviation of a share is as large as its mean. So each member
 * has many *virtual nodes* (Dynamo, SOSP 2007; Ketama, 2007); with v of them the deviation is √((N−1)/(N·v+1)) of the mean, 10
 * % at v = 100 (J. Lamping, E. Veach, 2014). A member of weight w has w times as many.
 *
 * Points of different members that fall together (32 bits: rare) belong to the member whose name comes first.
 */
import { ConfigError } from '../../sim/index.ts';
import type { HashFunction } from './hash-function.ts';
import { murmur3 } from './murmur3.ts';
import { remaining, weightedMembers, type Members, type Placement, type WeightedMember } from './placement.ts';

export interface HashRingOptions {
  readonly members: Members;
  /** Points of a member of weight 1, from 1 to 100,000. Default 100. */
  readonly virtualNodes?: number;
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

/** A ring; besides placing keys it knows how even it is. */
export interface HashRing extends Placement {
  /** The share of the circle that belongs to each member, 0…1; together 1. Costs a walk over all points. */
  shares(): ReadonlyMap<string, number>;
  with(member: string, weight?: number): HashRing;
  without(member: string): HashRing;
}

/** Points are sorted together with their owners: point · 2^20 + owner is exact in a double. */
const OWNERS = 2 ** 20;
const CIRCLE = 2 ** 32;

/** Throws ConfigError. */
export function hashRing(options: HashRingOptions): HashRing {
  const { virtualNodes = 100, hash = murmur3 } = options;
  if (!(Number.isInteger(virtualNodes) && virtualNodes >= 1 && virtualNodes <= 100_000))
    throw new ConfigError('hashRing.virtualNodes', virtualNodes, 'a whole number from 1 to 100,000');
  return new Ring(weightedMembers(options.members, 'hashRing.members'), virtualNodes, hash);
}

class Ring implements HashRing {
  readonly name = 'hash-ring';
  readonly members: readonly string[];
  private readonly weighted: readonly WeightedMember[];
  private readonly virtualNodes: number;
  private readonly hash: HashFunction;
  private readonly points: Float64Array;

  constructor(weighted: readonly WeightedMember[], virtualNodes: number, hash: HashFunction) {
    this.weighted = weighted;
    this.members = weighted.map(({ id }) => id);
    this.virtualNodes = virtualNodes;
    this.hash = hash;
    const counts = weighted.map(({ weight }) => Math.max(1, Math.round(virtualNodes * weight)));
    this.points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
    let next = 0;
    weighted.forEach(({ id }, owner) => {
      for (let i = 0; i < (counts[owner] as number); i++) this.points[next++] = hash(`${id}#${i}`) * OWNERS + owner;
    });
    this.points.sort();
  }

  owner(key: string): string {
    return this.ownerAt(this.first(key));
  }

  owners(key: string, n: number): readonly string[] {
    const found: string[] = [];
    const wanted = Math.min(n, this.members.length);
    // Every member has a point: one walk around the circle meets them all.
    for (let at = this.first(key); found.length < wanted; at = (at + 1) % this.points.length) {
      const member = this.ownerAt(at);
      if (!found.includes(member)) found.push(member);
    }
    return found;
  }

  with(member: string, weight = 1): HashRing {
    const weighted = weightedMembers([...this.weighted, { id: member, weight }], 'hashRing.members');
    return new Ring(weighted, this.virtualNodes, this.hash);
  }

  without(member: string): HashRing {
    return new Ring(remaining(this.weighted, member, 'hashRing'), this.virtualNodes, this.hash);
  }

  shares(): ReadonlyMap<string, number> {
    const { points } = this;
    const arcs = new Float64Array(this.members.length);
    let before = Math.floor((points[points.length - 1] as number) / OWNERS) - CIRCLE;
    for (const entry of points) {
      const point = Math.floor(entry / OWNERS);
      const owner = entry % OWNERS;
      arcs[owner] = (arcs[owner] as number) + (point - before) / CIRCLE;
      before = point;
    }
    return new Map(this.members.map((member, owner) => [member, arcs[owner] as number]));
  }

  private ownerAt(at: number): string {
    return this.members[(this.points[at] as number) % OWNERS] as string;
  }

  /** The index of the first point at or after the key's. */
  private first(key: string): number {
    const { points } = this;
    const from = this.hash(key) * OWNERS;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle] as number) < from) low = middle + 1;
      else high = middle;
    }
    return low === points.length ? 0 : low;
  }
}
