import { defineScenario, holds, s } from '../sim/index.ts';
import { capChecks, capGroup, capParams, capSplit } from './worlds/cap-group.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';

/**
 * Consistent under partition: every operation needs a majority. The smaller side cannot have one, and says so: its clients learn
 * that nothing has happened. What is answered is linearizable, and the larger side never notices.
 */
export default defineScenario({
  name: 'cap-consistent',
  question: 'What does a store that prefers consistency do on the smaller side of a partition?',
  params: capParams,
  seed: 'cap',
  duration: s(10),
  recovery: s(1),
  build: ({ world, duration }) => capGroup({ world, duration, mode: 'consistent' }),
  faults: (group) => capSplit(group, { at: s(2), for: group.params.faultFor }),
  checks: capChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});
