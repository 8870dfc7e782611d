/**
 * What a member thinks of another, and which of two such opinions stands (SWIM §4.2).
 *
 * Only the member itself raises its incarnation, to refute what is said about it. Of two opinions the higher incarnation stands; of
 * one incarnation suspect stands over alive, dead over suspect, and left over all. The paper lets a death stand over any
 * incarnation, since its members never come back; here they do, and an old death must not kill a new life.
 */

/** `left`: it has said so itself. */
export type MemberStatus = 'alive' | 'suspect' | 'dead' | 'left';

export interface Opinion {
  readonly status: MemberStatus;
  readonly incarnation: number;
}

const RANK: Readonly<Record<MemberStatus, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/** Whether `now` stands over `before`. */
export const overrides = (now: Opinion, before: Opinion): boolean =>
  now.incarnation > before.incarnation ||
  (now.incarnation === before.incarnation && RANK[now.status] > RANK[before.status]);

/** Whether it may still be there: to be probed, and asked. */
export const isPresent = ({ status }: Opinion): boolean => status === 'alive' || status === 'suspect';
