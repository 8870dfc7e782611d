import { defineScenario, holds, ms, s, span } from '../sim/index.ts';
import { SESSION_PROMISES } from '../models/index.ts';
import { serversApart, sessionGroup, sessionGroupChecks, sessionNemesis } from './worlds/session-group.ts';

/**
 * The same partition as in session-goes-back, with the same luck. A session carries what it has read and written as version vectors, and a
 * server that lacks some of it sends it on (Terry et al., 1994): all four guarantees, and with them causal consistency.
 *
 * Not claimed: that a session is served while the one server that has what it has seen cannot be reached.
 */
export default defineScenario({
  name: 'session-goes-back-tokens',
  question: 'Do version vectors carried by the session keep its guarantees at any server?',
  params: { faultFor: span('2s', 'how long the servers cannot reach each other') },
  seed: 'session-goes-back',
  duration: s(8),
  recovery: s(1),
  build: ({ world, duration }) => sessionGroup({ world, duration, promises: SESSION_PROMISES }),
  faults: (group) => serversApart(group, { at: ms(1_500), for: group.params.faultFor }),
  checks: sessionGroupChecks,
  expect: holds(),
  nemesis: sessionNemesis,
});
