import { choice, count, crash, defineScenario, holds, ms, s, span } from '../sim/index.ts';
import { roundRobin } from '../models/index.ts';
import {
  availabilityChecks,
  balancedService,
  deadBalancerNemesis,
  REDUNDANCIES,
  type Policy,
  type Redundancy,
} from './worlds/balanced-service.ts';

/**
 * The same crash with two balancers. With a shared address the second takes over when it has heard nothing for three
 * advertisements and a bit (VRRP, RFC 5798); known to the clients both, the other one is simply asked at the next attempt.
 * Either way a request that is tried again is answered.
 */
export default defineScenario({
  name: 'lone-balancer-pair',
  question: 'One of two balancers crashes: does the other one take over before clients give up?',
  seed: 'lone-balancer',
  params: {
    redundancy: choice<Redundancy>(
      'shared-address',
      REDUNDANCIES.slice(1),
      'one address that moves, or both known to clients',
    ),
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
      redundancy: params.redundancy,
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
  expect: holds(),
  nemesis: deadBalancerNemesis,
});
