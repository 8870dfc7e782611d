import { count, defineScenario, holds, ms, s, slow, span } from '../sim/index.ts';
import { hedge } from '../models/index.ts';
import { replicatedService, replicatedServiceChecks, replicatedServiceNemesis } from './worlds/replicated-service.ts';

/**
 * The same slow replica behind a proxy that hedges: what has no answer after 25 ms, five times the mean, also goes to the next replica, and
 * the first answer wins. For the loser a cancellation is sent, so that the slow one's queue does not fill with what is done already.
 */
export default defineScenario({
  name: 'slow-replica-hedged',
  question: 'One replica of five is slow for five seconds: are answers still quick when late requests are hedged?',
  seed: 'slow-replica',
  params: {
    rate: count(120, { min: 1, max: 800, doc: 'requests a second' }),
    faultFor: span('5s', 'how long the replica is slow'),
  },
  duration: s(15),
  build: ({ world, params, duration }) =>
    replicatedService({
      world,
      duration,
      rate: params.rate,
      // A fifth of the requests may need it, and the usual one in a hundred.
      policies: [hedge({ after: ms(25), budget: { share: 0.3, initial: 50, most: 200 } })],
    }),
  faults: ({ replicas, params }) => [slow({ node: replicas[0] ?? 'r1', at: s(4), for: params.faultFor, factor: 30 })],
  checks: replicatedServiceChecks,
  expect: holds(),
  nemesis: replicatedServiceNemesis,
});
