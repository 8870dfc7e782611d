/**
 * Who is in the ring, as each node believes (Dynamo, section 4.8): an operator tells one node that another joins or leaves
 * for good, the change is written down, and every second or so each node reconciles its membership history with that of a
 * peer picked at random. Later changes of a member supersede earlier ones; two that were made without knowing of each other
 * are decided alike everywhere. An outage is no change of membership: who cannot be reached just now is each node's own
 * matter (reachability.ts).
 */
export type MemberStatus = 'in' | 'out';

export interface Member {
  readonly status: MemberStatus;
  /** Changes of this member so far. */
  readonly version: number;
}

/** By node. */
export type Members = Readonly<Record<string, Member>>;

export const initialMembers = (nodes: readonly string[]): Members =>
  Object.fromEntries(nodes.map((node) => [node, { status: 'in' as const, version: 1 }]));

/** After an operator's change; the same when that is how it stands already. */
export function changed(members: Members, node: string, status: MemberStatus): Members {
  const known = members[node];
  if (known?.status === status) return members;
  return { ...members, [node]: { status, version: (known?.version ?? 0) + 1 } };
}

/** What two histories say together; the first one itself when the second says nothing new. */
export function reconciled(mine: Members, theirs: Members): Members {
  const newer = Object.entries(theirs).filter(([node, member]) => supersedes(member, mine[node]));
  if (newer.length === 0) return mine;
  return { ...mine, ...Object.fromEntries(newer.map(([node, { status, version }]) => [node, { status, version }])) };
}

const supersedes = (a: Member, b: Member | undefined): boolean =>
  b === undefined || a.version > b.version || (a.version === b.version && a.status > b.status);

/** The ring's members, in ascending order, as one text: rings are equal when it is. */
export const ringOf = (members: Members): string =>
  Object.keys(members)
    .filter((node) => members[node]?.status === 'in')
    .toSorted()
    .join(' ');
