import { defineScenario, holds, s } from '../sim/index.ts';
import {
  rebalancedGroup,
  rebalancedGroupChecks,
  rebalancedGroupFaults,
  rebalancedGroupNemesis,
} from './worlds/rebalanced-group.ts';

/**
 * The same faults as in rebalance-lost, with the same luck. Consumers commit after the work, and the store knows each message that has had
 * its effect: what is done again has no effect again, whoever does it.
 */
export default defineScenario({
  name: 'rebalance-idempotent',
  question: 'Does each message have its effect once when commits follow the work and the store knows what it has?',
  seed: 'rebalance-lost',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) => rebalancedGroup({ world, duration, commit: 'after', idempotent: true }),
  faults: rebalancedGroupFaults,
  checks: rebalancedGroupChecks,
  expect: holds(),
  nemesis: rebalancedGroupNemesis,
});
