import { defineScenario, s, violates } from '../sim/index.ts';
import { capChecks, capGroup, capParams, capSplit } from './worlds/cap-group.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';

/**
 * Available under partition, with the same split and the same luck as in cap-consistent: any node answers, alone. Every request is
 * answered at once, on both sides; the sides read and overwrite different values meanwhile, which no single register could explain,
 * and agree again after the heal.
 */
export default defineScenario({
  name: 'cap-available',
  question: 'What does a store that prefers availability give its clients during a partition?',
  params: capParams,
  seed: 'cap',
  duration: s(10),
  recovery: s(1),
  build: ({ world, duration }) => capGroup({ world, duration, mode: 'available' }),
  faults: (group) => capSplit(group, { at: s(2), for: group.params.faultFor }),
  checks: capChecks,
  expect: violates('linearizable register'),
  nemesis: { profiles: ALL_THAT_HEALS },
});
