import { ANSWERED_IN_TIME, count, defineScenario, number, s, slow, span, violates } from '../sim/index.ts';
import { roundRobin } from '../models/index.ts';
import { balancedService, latencyChecks, slowServerNemesis, type Policy } from './worlds/balanced-service.ts';

/**
 * A gray failure (P. Huang et al., "Gray failure: the Achilles' heel of cloud-scale systems", HotOS 2017). One of five servers
 * is twenty times slower: it answers every probe, fails no request, and round robin gives it every fifth one.
 */
export default defineScenario({
  name: 'gray-backend',
  question:
    'One of five servers is twenty times slower, but healthy by every probe: what does round robin make of that?',
  params: {
    rate: count(150, { min: 10, max: 1_000, doc: 'requests a second, of all clients together; a server can do 500' }),
    factor: number(20, { min: 2, max: 100, doc: 'how much slower' }),
    faultFor: span('4s', 'how long the server is slow'),
  },
  duration: s(11),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    balancedService({
      world,
      duration,
      rate: params.rate,
      balancer: {
        policy: roundRobin() as Policy,
        active: { interval: '200ms', timeout: '100ms' },
        passive: { failures: 3 },
      },
    }),
  faults: ({ params }) => [slow({ node: 's1', at: s(3), for: params.faultFor, factor: params.factor })],
  checks: latencyChecks,
  expect: violates(ANSWERED_IN_TIME),
  nemesis: slowServerNemesis,
});
