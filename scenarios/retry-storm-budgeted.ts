import { count, defineScenario, fullJitter, holds, ms, s, slow, span } from '../sim/index.ts';
import { dependentService, dependentServiceChecks, dependentServiceNemesis } from './worlds/dependent-service.ts';

/**
 * The same outage as in retry-storm with three precautions: retries are at most a tenth of the requests and spread by jitter,
 * queues refuse what has waited for 50 ms, and nobody works for a caller who has given up. The service is back as soon as
 * its database is.
 */
export default defineScenario({
  name: 'retry-storm-budgeted',
  question:
    'A dependency is slow for three seconds: does the service come back when retries have a budget and queues shed?',
  seed: 'retry-storm',
  params: {
    rate: count(150, { min: 1, max: 225, doc: 'requests a second; the database can do 250' }),
    attempts: count(5, { min: 1, max: 10, doc: 'attempts in all for each request' }),
    faultFor: span('3s', 'how long the database is slow'),
  },
  duration: s(18),
  build: ({ world, params, duration }) =>
    dependentService({
      world,
      rate: params.rate,
      duration,
      retry: fullJitter({ attempts: params.attempts, base: ms(20), cap: ms(500) }),
      budget: { share: 0.1 },
      sheds: true,
    }),
  faults: ({ database, params }) => [slow({ node: database, at: s(5), for: params.faultFor, factor: 10 })],
  checks: dependentServiceChecks,
  expect: holds(),
  nemesis: dependentServiceNemesis,
});
