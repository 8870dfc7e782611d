/** How the partitions of topics are shared out among the members of a group (Kafka: partition.assignment.strategy). */
import { partitionsOf } from '../cluster-metadata.ts';

export interface MemberSubscription {
  readonly member: string;
  readonly topics: readonly string[];
  /** The partitions that it has now. */
  readonly owned: readonly string[];
}

/** Partitions by member. */
export type Assignment = Record<string, string[]>;

export interface Assignor {
  readonly name: string;
  /**
   * Each partition of a topic that somebody subscribes to goes to exactly one of its subscribers. `topics`: how many partitions
   * each topic has. The order of `members` does not matter.
   */
  assign(members: readonly MemberSubscription[], topics: Readonly<Record<string, number>>): Assignment;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By name, so that everybody works out the same. */
export const sortedMembers = (members: readonly MemberSubscription[]): readonly MemberSubscription[] =>
  members.toSorted((a, b) => byText(a.member, b.member));

export const sortedTopics = (topics: Readonly<Record<string, number>>): readonly (readonly [string, number])[] =>
  Object.entries(topics).toSorted(([a], [b]) => byText(a, b));

/** Every partition with its topic, by topic and number. */
export const everyPartition = (
  topics: Readonly<Record<string, number>>,
): readonly { readonly topic: string; readonly partition: string }[] =>
  sortedTopics(topics).flatMap(([topic, count]) =>
    partitionsOf(topic, count).map((partition) => ({ topic, partition })),
  );

export const emptyAssignment = (members: readonly MemberSubscription[]): Assignment =>
  Object.fromEntries(sortedMembers(members).map(({ member }) => [member, []]));
