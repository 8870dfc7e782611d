import { count, crash, defineScenario, ms, NO_REQUEST_LOST, s, span, violates } from '../sim/index.ts';
import { roundRobin } from '../models/index.ts';
import { availabilityChecks, balancedService, deadBalancerNemesis, type Policy } from './worlds/balanced-service.ts';

/**
 * Five servers, and one balancer in front of them, with every precaution but a second one. When it crashes, five healthy servers
 * are out of reach, and clients try again in vain: the balancer was there to have no single point of failure, and is one.
 */
export default defineScenario({
  name: 'lone-balancer',
  question: 'The only balancer crashes: what are five healthy servers worth?',
  params: {
    rate: count(150, { min: 10, max: 1_000, doc: 'requests a second, of all clients together; a server can do 500' }),
    faultFor: span('3s', 'how long the balancer is down'),
    within: span('1s', 'how long a design may take to notice'),
  },
  duration: s(10),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    balancedService({
      world,
      duration,
      rate: params.rate,
      attempts: 6,
      balancer: {
        policy: roundRobin() as Policy,
        idempotent: ['request'],
        deadline: ms(100),
        active: { interval: ms(200), timeout: ms(100), down: 2, up: 2 },
        passive: { failures: 3, ejectFor: ms(500) },
      },
    }),
  faults: ({ params }) => [crash({ node: 'lb1', at: s(3), for: params.faultFor })],
  checks: (built) => availabilityChecks(built, built.params.within),
  expect: violates(NO_REQUEST_LOST),
  nemesis: deadBalancerNemesis,
});
