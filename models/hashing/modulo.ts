/**
 * Modulo hashing: hash(key) mod N. As even as the hash, one division, and the wrong thing when N can change: a key stays where it
 * is only when both remainders agree, so going from N to N + 1 members moves N/(N+1) of all keys (of four caches, 80 % of their
 * contents). The naive counterpart of the other placements.
 *
 * Members are numbered in the order given; a new one comes last.
 */
import type { HashFunction } from './hash-function.ts';
import { murmur3 } from './murmur3.ts';
import { remaining, unweighted, weightedMembers, type Placement } from './placement.ts';

export interface ModuloOptions {
  /** In the order of their numbers. */
  readonly members: readonly string[];
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

/** Throws ConfigError. */
export function modulo({ members, hash = murmur3 }: ModuloOptions): Placement {
  weightedMembers(members, 'modulo.members');
  const at = (i: number): string => members[i % members.length] as string;
  return {
    name: 'modulo',
    members,
    owner: (key) => at(hash(key)),
    owners(key, n) {
      const first = hash(key) % members.length;
      return Array.from({ length: Math.min(n, members.length) }, (_, i) => at(first + i));
    },
    with: (member, weight = 1) => modulo({ members: [...members, unweighted(member, weight, 'modulo')], hash }),
    without: (member) => modulo({ members: remaining(members, member, 'modulo'), hash }),
  };
}
