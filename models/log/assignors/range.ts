/**
 * Kafka's RangeAssignor: of each topic, every subscriber gets a run of neighbouring partitions, the first ones one more when it does
 * not come out even. Partitions of the same number of several topics land on one member, and so does the surplus of each topic:
 * with many topics the first members have up to one partition a topic more than the last.
 */
import { partitionsOf } from '../cluster-metadata.ts';
import { emptyAssignment, sortedMembers, sortedTopics, type Assignor } from './assignor.ts';

export const rangeAssignor: Assignor = {
  name: 'range',
  assign(members, topics) {
    const assignment = emptyAssignment(members);
    for (const [topic, count] of sortedTopics(topics)) {
      const subscribers = sortedMembers(members).filter((member) => member.topics.includes(topic));
      const partitions = partitionsOf(topic, count);
      subscribers.forEach(({ member }, i) => {
        const from = Math.floor(count / subscribers.length) * i + Math.min(i, count % subscribers.length);
        const length = Math.floor(count / subscribers.length) + (i < count % subscribers.length ? 1 : 0);
        assignment[member]?.push(...partitions.slice(from, from + length));
      });
    }
    return assignment;
  },
};
