/**
 * Maglev hashing (D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer", NSDI 2016, §3.4): a table
 * of M slots, M a prime much larger than the number of members, is filled by the members in turn, each with the next free slot
 * of its own permutation. Looking up is one remainder and one load, and shares differ by at most one slot among equal weights.
 *
 * It trades a little disruption for that evenness: when a member goes, its slots are filled anew, and a few others change hands
 * too (the paper measures the fewer the larger M is). So unlike on a ring, keys that had nothing to do with the member may
 * move.
 *
 * With weights a member takes its turn in proportion to its weight, as in Envoy's Maglev.
 */
import { ConfigError } from '../../sim/index.ts';
import type { HashFunction } from './hash-function.ts';
import { murmur3 } from './murmur3.ts';
import { remaining, weightedMembers, type Members, type Placement, type WeightedMember } from './placement.ts';

export interface MaglevOptions {
  readonly members: Members;
  /** Slots: a prime above the number of members; the paper's are 65,537 and 655,373. Default 65,537. */
  readonly size?: number;
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

/** The order in which a member asks for slots: offset, offset + skip, offset + 2·skip, … modulo the size. */
export interface MaglevPermutation {
  /** 0…size−1. */
  readonly offset: number;
  /** 1…size−1. */
  readonly skip: number;
  /** Above 0; the heaviest members ask in every round. */
  readonly weight: number;
}

/** Fills the table: for each slot the index of its member. */
export function maglevTable(permutations: readonly MaglevPermutation[], size: number): Int32Array {
  const table = new Int32Array(size).fill(-1);
  const heaviest = Math.max(...permutations.map(({ weight }) => weight));
  const next = permutations.map(({ offset }) => offset);
  const owed = permutations.map(() => 0);
  for (let filled = 0; ;) {
    for (const [member, { skip, weight }] of permutations.entries()) {
      const credit = (owed[member] as number) + weight;
      // Heaviest members have a turn in each round, the others once they have saved up for one.
      owed[member] = credit >= heaviest ? credit - heaviest : credit;
      if (credit < heaviest) continue;
      let slot = next[member] as number;
      while (table[slot] !== -1) slot = (slot + skip) % size;
      table[slot] = member;
      next[member] = (slot + skip) % size;
      if (++filled === size) return table;
    }
  }
}

/** Throws ConfigError. */
export function maglev({ members, size = 65_537, hash = murmur3 }: MaglevOptions): Placement {
  const weighted = weightedMembers(members, 'maglev.members');
  if (!isPrime(size) || size <= weighted.length)
    throw new ConfigError('maglev.size', size, `a prime above the number of members, ${weighted.length}`);
  return place(weighted, size, hash);
}

function place(members: readonly WeightedMember[], size: number, hash: HashFunction): Placement {
  const permutations = members.map(({ id, weight }) => ({
    offset: hash(id, 1) % size,
    skip: (hash(id, 2) % (size - 1)) + 1,
    weight,
  }));
  const table = maglevTable(permutations, size);
  const at = (slot: number): string => (members[table[slot] as number] as WeightedMember).id;
  return {
    name: 'maglev',
    members: members.map(({ id }) => id),
    owner: (key) => at(hash(key) % size),
    owners(key, n) {
      const found: string[] = [];
      const first = hash(key) % size;
      // Once around: a member of tiny weight may have no slot at all.
      for (let i = 0; i < size && found.length < Math.min(n, members.length); i++) {
        const member = at((first + i) % size);
        if (!found.includes(member)) found.push(member);
      }
      for (const { id } of members) if (found.length < n && !found.includes(id)) found.push(id);
      return found;
    },
    with: (id, weight = 1) => maglev({ members: [...members, { id, weight }], size, hash }),
    without: (id) => place(remaining(members, id, 'maglev'), size, hash),
  };
}

function isPrime(n: number): boolean {
  if (!Number.isInteger(n) || n < 2 || n > 10_000_000) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
