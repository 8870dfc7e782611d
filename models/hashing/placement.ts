/**
 * The contract of placements: which member a key belongs to.
 *
 * A placement is a pure value: equal members (and weights), wherever they came from and in whatever order, place every key
 * alike, so that clients agree without talking to each other. It never changes; `with` and `without` give another one. What
 * tells placements apart is how many keys move between the two: the fewer the better is a cache that stays warm, a store that
 * copies little.
 */
import { ConfigError } from '../../sim/index.ts';

export interface Placement {
  readonly name: string;
  /** At least one. In ascending order, unless their order is what placement goes by (jump, modulo). */
  readonly members: readonly string[];
  /** The member that `key` belongs to. */
  owner(key: string): string;
  /**
   * `n` different members for `key` (all of them when there are fewer), the owner first: for replicas, or whom to ask when it
   * is away.
   */
  owners(key: string, n: number): readonly string[];
  /**
   * With one more member. `weight` is its capacity relative to the others, above 0, default 1; placements that know no weights
   * refuse another. Throws ConfigError, also when the member is there already.
   */
  with(member: string, weight?: number): Placement;
  /** Without it. Throws ConfigError when it is not there, or the only one. */
  without(member: string): Placement;
}

/** A member and its capacity relative to the others, above 0. */
export interface WeightedMember {
  readonly id: string;
  readonly weight: number;
}

/** Members of weight 1 by name, or with their weights. */
export type Members = readonly (string | WeightedMember)[];

/** Checks members and sorts them by name. Throws ConfigError. */
export function weightedMembers(members: Members, field: string): readonly WeightedMember[] {
  const weighted = members.map((member) => (typeof member === 'string' ? { id: member, weight: 1 } : member));
  if (weighted.length === 0 || new Set(weighted.map(({ id }) => id)).size < weighted.length)
    throw new ConfigError(field, members, 'at least one member, each once');
  for (const { id, weight } of weighted) {
    if (!(weight > 0 && weight <= 1_000_000))
      throw new ConfigError(`${field}: weight of ${id}`, weight, 'a number above 0, at most 1,000,000');
  }
  return weighted.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Refuses a weight where there are none. */
export function unweighted(member: string, weight: number, field: string): string {
  if (weight !== 1)
    throw new ConfigError(`${field}: weight of ${member}`, weight, '1: this placement knows no weights');
  return member;
}

/** `members` without one of them. Throws ConfigError. */
export function remaining<M extends string | WeightedMember>(
  members: readonly M[],
  id: string,
  field: string,
): readonly M[] {
  const left = members.filter((member) => (typeof member === 'string' ? member : member.id) !== id);
  if (left.length === members.length || left.length === 0) {
    const names = members.map((member) => (typeof member === 'string' ? member : member.id));
    throw new ConfigError(`${field}: without`, id, `one of several members, of ${names.join(', ')}`);
  }
  return left;
}
