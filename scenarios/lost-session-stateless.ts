import { count, crash, defineScenario, holds, s, span } from '../sim/index.ts';
import { webTier, webTierChecks, webTierNemesis } from './worlds/web-tier.ts';

/** The same crash, but no server remembers anything: the visitors go to the next one, which finds their sessions in the store. */
export default defineScenario({
  name: 'lost-session-stateless',
  question: 'A web server restarts: do its visitors stay logged in when all servers share a store of sessions?',
  seed: 'lost-session',
  params: {
    visitors: count(12, { min: 1, max: 200, doc: 'visitors, each with a page about every 200 ms' }),
    faultFor: span('1s', 'how long the server is down'),
  },
  duration: s(12),
  build: ({ world, params, duration }) => webTier({ world, duration, visitors: params.visitors, shared: true }),
  faults: ({ servers, params }) => [crash({ node: servers[0] ?? 'w1', at: s(4), for: params.faultFor })],
  checks: webTierChecks,
  expect: holds(),
  nemesis: webTierNemesis,
});
