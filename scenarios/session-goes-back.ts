import { defineScenario, ms, s, span, violates } from '../sim/index.ts';
import { serversApart, sessionGroup, sessionGroupChecks, sessionNemesis } from './worlds/session-group.ts';

/**
 * Sessions that ask any server and remember nothing. While the servers are apart a client does not find what it has just written,
 * and what it has read is gone at the next server.
 */
export default defineScenario({
  name: 'session-goes-back',
  question: 'Does a session that moves between servers see its own writes, and time go forward?',
  params: { faultFor: span('2s', 'how long the servers cannot reach each other') },
  duration: s(8),
  recovery: s(1),
  build: ({ world, duration }) => sessionGroup({ world, duration, promises: [] }),
  faults: (group) => serversApart(group, { at: ms(1_500), for: group.params.faultFor }),
  checks: sessionGroupChecks,
  expect: violates(['read your writes', 'monotonic reads', 'causally consistent'], {
    also: ['monotonic writes', 'writes follow reads'],
  }),
  nemesis: sessionNemesis,
});
