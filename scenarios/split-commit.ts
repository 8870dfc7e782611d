import { defineScenario, ms, number, s, violates } from '../sim/index.ts';
import { commitGroup, splitChecks, splitFaults, splitNemesis } from './worlds/commit-group.ts';

/**
 * Three-phase commit does not block, and pays for it: when the network splits, each side takes the other for dead and ends the transactions in
 * its own way. Those that know that all have voted yes commit; those that do not abort.
 */
export default defineScenario({
  name: 'split-commit',
  question: 'Is three-phase commit still atomic when the network splits?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'three-phase', rate: params.rate, duration }),
  faults: splitFaults,
  checks: (group) => splitChecks(group, false),
  expect: violates('all decide the same', { also: ['no money is made or lost'] }),
  nemesis: splitNemesis,
});
