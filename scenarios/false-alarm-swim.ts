import { count, defineScenario, holds, s, span } from '../sim/index.ts';
import { swimGroup, swimGroupChecks, swimGroupFaults, swimGroupNemesis } from './worlds/swim-group.ts';

/**
 * The same faults with the same luck. Others are asked to ping whom one cannot reach, who is suspected has time to refute it, and
 * another's word for a death is no more than a reason to suspect. The crash of n4 is known by everybody all the same.
 */
export default defineScenario({
  name: 'false-alarm-swim',
  question: 'Does SWIM keep a node that one member cannot reach, and still find every crash?',
  seed: 'false-alarm',
  params: {
    suspicion: count(8, { min: 6, max: 50, doc: 'protocol periods that a suspect has to refute' }),
    indirect: count(3, { min: 1, max: 5, doc: 'others who are asked to try as well' }),
    faultFor: span('5s', 'how long the link is broken, and messages are lost'),
  },
  duration: s(14),
  recovery: false,
  build: ({ world, params: { suspicion, indirect } }) => swimGroup(world, { suspicion, indirect, trustDeaths: false }),
  faults: (group) => swimGroupFaults(group, group.params.faultFor),
  checks: swimGroupChecks,
  expect: holds(),
  nemesis: swimGroupNemesis,
});
