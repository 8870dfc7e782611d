import { defineScenario, holds, ms, number, s } from '../sim/index.ts';
import {
  commitGroup,
  commitNemesis,
  isBlocked,
  lostDecisionChecks,
  lostDecisionFaults,
} from './worlds/commit-group.ts';

/**
 * The same crashes as in lost-decision, with the same luck; the decision is on disk before anybody is told. Every transfer is made
 * everywhere or nowhere. The price is to be seen too: while the coordinator is down, participants that have voted yes are blocked.
 */
export default defineScenario({
  name: 'lost-decision-forced',
  question: 'Does a forced decision keep two-phase commit atomic, and what becomes of the participants meanwhile?',
  params: { rate: number(40, { min: 1, max: 200, doc: 'transfers a second' }) },
  seed: 'lost-decision',
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) => commitGroup({ world, protocol: 'two-phase', rate: params.rate, duration }),
  faults: lostDecisionFaults,
  checks: (group) => [...lostDecisionChecks(group), isBlocked(group.participants)],
  expect: holds(),
  nemesis: commitNemesis,
});
