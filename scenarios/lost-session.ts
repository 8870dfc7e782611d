import { count, crash, defineScenario, s, span, violates } from '../sim/index.ts';
import { STAYS_LOGGED_IN, webTier, webTierChecks, webTierNemesis } from './worlds/web-tier.ts';

/** Sticky sessions in memory: a third of the visitors is logged out by one crash, and so is who fails over to another server while his own cannot be reached. */
export default defineScenario({
  name: 'lost-session',
  question: 'A web server restarts: do its visitors stay logged in when each server keeps the sessions of its own?',
  params: {
    visitors: count(12, { min: 1, max: 200, doc: 'visitors, each with a page about every 200 ms' }),
    faultFor: span('1s', 'how long the server is down'),
  },
  duration: s(12),
  build: ({ world, params, duration }) => webTier({ world, duration, visitors: params.visitors, shared: false }),
  faults: ({ servers, params }) => [crash({ node: servers[0] ?? 'w1', at: s(4), for: params.faultFor })],
  checks: webTierChecks,
  expect: violates(STAYS_LOGGED_IN),
  nemesis: webTierNemesis,
});
