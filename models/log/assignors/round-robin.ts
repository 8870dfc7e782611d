/**
 * Kafka's RoundRobinAssignor: all partitions of all topics, dealt out in turn; who does not subscribe to a topic is passed over. Even
 * to within one partition when all subscribe to the same. When a member comes or goes, most partitions change hands.
 */
import { emptyAssignment, everyPartition, sortedMembers, type Assignor } from './assignor.ts';

export const roundRobinAssignor: Assignor = {
  name: 'round-robin',
  assign(members, topics) {
    const assignment = emptyAssignment(members);
    const ring = sortedMembers(members);
    let next = 0;
    for (const { topic, partition } of everyPartition(topics)) {
      if (!ring.some((member) => member.topics.includes(topic))) continue;
      while (!ring[next % ring.length]?.topics.includes(topic)) next++;
      assignment[ring[next % ring.length]?.member as string]?.push(partition);
      next++;
    }
    return assignment;
  },
};
