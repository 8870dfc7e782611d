import { count, defineScenario, fixedBackoff, ms, s, slow, span, violates } from '../sim/index.ts';
import { dependentService, dependentServiceChecks, dependentServiceNemesis } from './worlds/dependent-service.ts';

/**
 * A metastable failure (Bronson et al., HotOS 2021). The database is slow for three seconds; its queue fills with requests whose
 * callers have given up and try again, up to five times. When it is quick again, retries alone ask for more than it can do, every
 * answer comes too late, and every late answer is retried: the outage outlives its trigger for ever.
 */
export default defineScenario({
  name: 'retry-storm',
  question: 'A dependency is slow for three seconds: does the service come back by itself when clients retry eagerly?',
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
      retry: fixedBackoff({ attempts: params.attempts, base: ms(10), cap: ms(10) }),
      sheds: false,
    }),
  faults: ({ database, params }) => [slow({ node: database, at: s(5), for: params.faultFor, factor: 10 })],
  checks: dependentServiceChecks,
  expect: violates('goodput returns'),
  nemesis: dependentServiceNemesis,
});
