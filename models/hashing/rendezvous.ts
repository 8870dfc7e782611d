/**
 * Rendezvous hashing, or highest random weight (D. G. Thaler, C. V. Ravishankar, "Using name-based mappings to increase hit
 * rates", IEEE/ACM ToN 1998): every member gets a score for the key, and the highest wins. No state but the list of members; as
 * even as chance allows; when a member goes, its keys spread evenly over the others, and nothing else moves. The price is one
 * hash a member for each key.
 *
 * With weights the score is −weight / ln(u), u the hash scaled to (0, 1): the owner is a member with probability in proportion
 * to its weight, and a changed weight moves only keys from or to that member (J. Schindler, C. Resch, "Weighted distributed
 * hash tables", 2005, logarithmic method).
 */
import { maths } from '../../sim/index.ts';
import type { HashFunction } from './hash-function.ts';
import { murmur3 } from './murmur3.ts';
import { remaining, weightedMembers, type Members, type Placement, type WeightedMember } from './placement.ts';

export interface RendezvousOptions {
  readonly members: Members;
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

/** Throws ConfigError. */
export function rendezvous({ members, hash = murmur3 }: RendezvousOptions): Placement {
  return place(weightedMembers(members, 'rendezvous.members'), hash);
}

function place(members: readonly WeightedMember[], hash: HashFunction): Placement {
  const equal = members.every(({ weight }) => weight === members[0]?.weight);
  const score = ({ id, weight }: WeightedMember, key: string): number => {
    const h = hash(`${id}/${key}`);
    // Equal weights need no logarithm: it does not change the order.
    return equal ? h : -weight / maths.ln((h + 0.5) / 2 ** 32);
  };
  return {
    name: 'rendezvous',
    members: members.map(({ id }) => id),
    owner(key) {
      let owner = '';
      let best = -Infinity;
      for (const member of members) {
        const mine = score(member, key);
        if (mine <= best) continue;
        best = mine;
        owner = member.id;
      }
      return owner;
    },
    owners: (key, n) =>
      members
        .map((member) => ({ id: member.id, score: score(member, key) }))
        // Members are in order and the sort is stable: of equal scores the first name wins, as in `owner`.
        .toSorted((a, b) => b.score - a.score)
        .slice(0, n)
        .map(({ id }) => id),
    with: (id, weight = 1) => place(weightedMembers([...members, { id, weight }], 'rendezvous.members'), hash),
    without: (id) => place(remaining(members, id, 'rendezvous'), hash),
  };
}
