import { defineScenario, ms, number, s, violates } from '../sim/index.ts';
import { commitGroup, commitNemesis, lostDecisionChecks, lostDecisionFaults } from './worlds/commit-group.ts';

/**
 * Two-phase commit, and a coordinator that writes its decision but does not wait for the disk. Two of three participants hear it and
 * commit. The third was down, and when it asks, a coordinator that has lost power in the meantime knows nothing of the transaction, and presumes
 * that it was aborted: money has left one account and has arrived nowhere.
 */
export default defineScenario({
  name: 'lost-decision',
  question: 'Is a transfer made everywhere or nowhere when the coordinator loses power after the decision?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'lazy', rate: params.rate, duration }),
  faults: lostDecisionFaults,
  checks: lostDecisionChecks,
  expect: violates('all decide the same', { also: ['decisions and votes are final', 'no money is made or lost'] }),
  nemesis: commitNemesis,
});
