/**
 * Kafka's StickyAssignor (KIP-54): as even as can be, and of all that is as even, what moves few partitions.
 *
 * Everybody keeps what it has and may have; what nobody has goes to whoever has least; then partitions move one at a time from a
 * member to one that has at least two fewer, until none can. When all subscribe to the same topics that is even to within one, a
 * member that leaves moves only its own partitions, and one that comes gets no more than its share.
 *
 * Simplified: Kafka also tries to give a partition back to its owner before last.
 */
import {
  emptyAssignment,
  everyPartition,
  sortedMembers,
  type Assignment,
  type Assignor,
  type MemberSubscription,
} from './assignor.ts';

export const stickyAssignor: Assignor = {
  name: 'sticky',
  assign(members, topics) {
    const assignment = emptyAssignment(members);
    const ring = sortedMembers(members);
    const partitions = everyPartition(topics);
    const topicOf = new Map(partitions.map(({ topic, partition }) => [partition, topic]));
    const taken = new Set<string>();
    for (const { member, topics: subscribed, owned } of ring) {
      for (const partition of owned) {
        const topic = topicOf.get(partition);
        // Two members can both believe that they have it: the first one keeps it.
        if (topic === undefined || !subscribed.includes(topic) || taken.has(partition)) continue;
        taken.add(partition);
        assignment[member]?.push(partition);
      }
    }
    for (const { topic, partition } of partitions) {
      if (taken.has(partition)) continue;
      const least = leastLoaded(ring, assignment, topic);
      if (least !== undefined) assignment[least]?.push(partition);
    }
    balance(ring, assignment, topicOf);
    return assignment;
  },
};

const loadOf = (assignment: Assignment, member: string): number => assignment[member]?.length ?? 0;

/** The subscriber with the fewest partitions, the first by name of several. */
function leastLoaded(ring: readonly MemberSubscription[], assignment: Assignment, topic: string): string | undefined {
  let least: string | undefined;
  for (const { member, topics } of ring) {
    if (!topics.includes(topic)) continue;
    if (least === undefined || loadOf(assignment, member) < loadOf(assignment, least)) least = member;
  }
  return least;
}

/** Moves partitions from the fullest member that can give one away; each move makes the sum of squares smaller, so it ends. */
function balance(
  ring: readonly MemberSubscription[],
  assignment: Assignment,
  topicOf: ReadonlyMap<string, string>,
): void {
  for (;;) {
    const fullest = ring.map(({ member }) => member).toSorted((a, b) => loadOf(assignment, b) - loadOf(assignment, a));
    if (!fullest.some((from) => moveOne(from, ring, assignment, topicOf))) return;
  }
}

function moveOne(
  from: string,
  ring: readonly MemberSubscription[],
  assignment: Assignment,
  topicOf: ReadonlyMap<string, string>,
): boolean {
  const own = assignment[from] ?? [];
  // What it got last goes first.
  for (let i = own.length - 1; i >= 0; i--) {
    const partition = own[i] as string;
    const to = leastLoaded(ring, assignment, topicOf.get(partition) as string);
    if (to === undefined || own.length - loadOf(assignment, to) < 2) continue;
    own.splice(i, 1);
    assignment[to]?.push(partition);
    return true;
  }
  return false;
}
