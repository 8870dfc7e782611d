import { defineScenario, s, span, violates } from '../sim/index.ts';
import { swimGroup, swimGroupChecks, swimGroupFaults, swimGroupNemesis } from './worlds/swim-group.ts';

/**
 * Who does not answer a ping is dead. One link that works in one direction only is enough: n1 hears nothing of n2 and declares it dead,
 * and so does everybody who hears that from n1, although all of them can talk to n2.
 */
export default defineScenario({
  name: 'false-alarm',
  question: 'Is a node that answers everybody but one taken for dead when a ping without an answer is all the proof?',
  params: {
    faultFor: span('5s', 'how long the link is broken, and messages are lost'),
  },
  duration: s(14),
  recovery: false,
  build: ({ world }) => swimGroup(world, { suspicion: 0, indirect: 0 }),
  faults: (group) => swimGroupFaults(group, group.params.faultFor),
  checks: swimGroupChecks,
  expect: violates('no live node in touch with the others is declared dead'),
  nemesis: swimGroupNemesis,
});
