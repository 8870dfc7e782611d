import { defineScenario, s, violates } from '../sim/index.ts';
import {
  rebalancedGroup,
  rebalancedGroupChecks,
  rebalancedGroupFaults,
  rebalancedGroupNemesis,
} from './worlds/rebalanced-group.ts';

/**
 * Consumers that commit after the work: at least once. One that stands still for longer than its session loses its partitions to another,
 * who does its messages again; and it knows nothing of that when it goes on.
 */
export default defineScenario({
  name: 'rebalance-duplicate',
  question: 'Is each message dealt with once by a group whose consumers commit after they have worked?',
  seed: 'rebalance-lost',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) => rebalancedGroup({ world, duration, commit: 'after' }),
  faults: rebalancedGroupFaults,
  checks: rebalancedGroupChecks,
  expect: violates('no effect happens twice'),
  nemesis: rebalancedGroupNemesis,
});
