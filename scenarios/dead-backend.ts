import { count, crash, defineScenario, NO_REQUEST_LOST, s, span, violates } from '../sim/index.ts';
import { roundRobin } from '../models/index.ts';
import { availabilityChecks, balancedService, deadServerNemesis, type Policy } from './worlds/balanced-service.ts';

/**
 * Round robin without health checks. One of five servers is dead for three seconds, and every fifth request goes to it and is
 * lost, to the end of the outage: four healthy servers do not help those who are sent to the fifth.
 */
export default defineScenario({
  name: 'dead-backend',
  question: 'One of five servers crashes: how long does a balancer without health checks go on losing requests?',
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
      balancer: { policy: roundRobin() as Policy, passive: false, attempts: 1 },
    }),
  faults: ({ params }) => [crash({ node: 's1', at: s(3), for: params.faultFor })],
  checks: (built) => availabilityChecks(built, built.params.within),
  expect: violates(NO_REQUEST_LOST),
  nemesis: deadServerNemesis,
});
