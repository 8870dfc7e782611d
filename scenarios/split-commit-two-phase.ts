import { defineScenario, holds, ms, number, s } from '../sim/index.ts';
import { commitGroup, splitChecks, splitFaults, splitNemesis } from './worlds/commit-group.ts';

/** The same partition as in split-commit, with the same luck: two-phase commit waits until the network is whole, and stays atomic. */
export default defineScenario({
  name: 'split-commit-two-phase',
  question: 'Does two-phase commit stay atomic when the network splits?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  seed: 'split-commit',
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'two-phase', rate: params.rate, duration }),
  faults: splitFaults,
  checks: (group) => splitChecks(group, true),
  expect: holds(),
  nemesis: splitNemesis,
});
