import { choice, count, defineScenario, holds, ms, number, s, slow, sometimes, span } from '../sim/index.ts';
import { leastConnections, peakEwma, powerOfChoices } from '../models/index.ts';
import { balancedService, latencyChecks, slowServerNemesis, type Policy } from './worlds/balanced-service.ts';

const POLICIES = {
  'peak-ewma': () => peakEwma() as Policy,
  'least-connections': () => leastConnections() as Policy,
  'two-choices': () => powerOfChoices() as Policy,
};

/**
 * The same slow server behind a policy that looks. Peak EWMA leaves it at the first slow answer. Least connections, and the
 * best of two, need no clock: what is slow has more requests in progress and gets fewer new ones.
 */
export default defineScenario({
  name: 'gray-backend-avoided',
  question:
    'One of five servers is twenty times slower, but healthy by every probe: does a policy that looks keep answers quick?',
  seed: 'gray-backend',
  params: {
    policy: choice<keyof typeof POLICIES>(
      'peak-ewma',
      ['peak-ewma', 'least-connections', 'two-choices'],
      'how the balancer chooses',
    ),
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
        policy: POLICIES[params.policy](),
        active: { interval: '200ms', timeout: '100ms' },
        passive: { failures: 3 },
      },
    }),
  faults: ({ params }) => [slow({ node: 's1', at: s(3), for: params.faultFor, factor: params.factor })],
  // Answers need not be late. Longer than this they take once in a dozen runs without the fault, and nearly always with it.
  checks: (built) => [
    ...latencyChecks(built).filter(({ kind }) => kind !== 'sometimes'),
    sometimes(
      'an answer takes 85 ms',
      ({ metrics }) => built.clients.some(({ id }) => metrics.histogram(id, 'latency').max > ms(85)),
      { roles: ['client'] },
    ),
  ],
  expect: holds(),
  nemesis: slowServerNemesis,
});
