import { defineScenario, s, violates } from '../sim/index.ts';
import {
  rebalancedGroup,
  rebalancedGroupChecks,
  rebalancedGroupFaults,
  rebalancedGroupNemesis,
} from './worlds/rebalanced-group.ts';

/**
 * Consumers that commit what they have fetched before they have worked on it: at most once. One takes over the backlog of a member whose
 * session is over, commits it, and crashes in the middle: the rest of it is done by nobody.
 */
export default defineScenario({
  name: 'rebalance-lost',
  question: 'Are all messages dealt with by a group whose consumers commit before they work?',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) => rebalancedGroup({ world, duration, commit: 'before' }),
  faults: rebalancedGroupFaults,
  checks: rebalancedGroupChecks,
  expect: violates('no acknowledged message is lost', {
    also: ['nothing is committed before it is processed (billing)', 'no effect happens twice'],
  }),
  nemesis: rebalancedGroupNemesis,
});
