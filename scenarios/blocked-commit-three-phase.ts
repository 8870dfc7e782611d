import { defineScenario, holds, number, s } from '../sim/index.ts';
import { blockedChecks, blockedFaults, commitGroup, crashesOnly } from './worlds/commit-group.ts';

/**
 * The same crash as in blocked-commit; three-phase commit. Those who are up end every transaction among themselves. It is claimed
 * for crashes alone: three-phase commit takes who is silent for dead, and split-commit shows what that costs where it is wrong.
 */
export default defineScenario({
  name: 'blocked-commit-three-phase',
  question: 'Do participants that are up end their transactions while the coordinator is down?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  seed: 'blocked-commit',
  duration: s(9),
  recovery: s(1),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'three-phase', rate: params.rate, duration }),
  faults: blockedFaults,
  checks: (group) => blockedChecks(group, false),
  expect: holds(),
  nemesis: crashesOnly,
});
