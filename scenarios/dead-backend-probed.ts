import { count, crash, defineScenario, holds, ms, s, span } from '../sim/index.ts';
import { roundRobin } from '../models/index.ts';
import { availabilityChecks, balancedService, deadServerNemesis, type Policy } from './worlds/balanced-service.ts';

/**
 * The same crash behind a balancer that probes its servers and takes what failed to another one: requests may be done twice, so
 * an attempt that was not answered may be repeated. A dead server costs the requests that are sent to it a hundred
 * milliseconds, and after two failed probes none is sent any more.
 */
export default defineScenario({
  name: 'dead-backend-probed',
  question: 'One of five servers crashes: does a balancer that probes and retries lose any request?',
  seed: 'dead-backend',
  params: {
    rate: count(150, { min: 10, max: 1_000, doc: 'requests a second, of all clients together; a server can do 500' }),
    faultFor: span('3s', 'how long the server is down'),
    within: span('1s', 'how long a design may take to notice'),
  },
  duration: s(10),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    balancedService({
      world,
      duration,
      rate: params.rate,
      balancer: {
        policy: roundRobin() as Policy,
        idempotent: ['request'],
        deadline: ms(100),
        active: { interval: ms(200), timeout: ms(100), down: 2, up: 2 },
        passive: { failures: 3, ejectFor: ms(500) },
      },
    }),
  faults: ({ params }) => [crash({ node: 's1', at: s(3), for: params.faultFor })],
  checks: (built) => availabilityChecks(built, built.params.within),
  expect: holds(),
  nemesis: deadServerNemesis,
});
