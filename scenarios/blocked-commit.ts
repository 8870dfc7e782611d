import { defineScenario, number, s, violates } from '../sim/index.ts';
import { blockedChecks, blockedFaults, commitGroup, crashesOnly, OUTCOME_KNOWN } from './worlds/commit-group.ts';

/**
 * Two-phase commit is atomic, and it blocks: all participants have voted yes, the coordinator is down, and nobody may decide. They
 * keep their locks until it is back, however long that takes.
 */
export default defineScenario({
  name: 'blocked-commit',
  question: 'How long do participants keep their locks when the coordinator goes down between vote and decision?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  duration: s(9),
  recovery: s(1),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'two-phase', rate: params.rate, duration }),
  faults: blockedFaults,
  checks: (group) => blockedChecks(group, true),
  expect: violates(OUTCOME_KNOWN),
  nemesis: crashesOnly,
});
