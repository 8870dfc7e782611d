import { ANSWERED_IN_TIME, answeredInTime, defineScenario, number, s, violates } from '../sim/index.ts';
import { ticketChecks, ticketFaults, ticketIds, ticketNemesis } from './worlds/id-group.ts';

/** One ticket server gives out all ids. It never gives one out twice; and while it is down, nobody gets any. */
export default defineScenario({
  name: 'lone-ticket-server',
  question: 'Are ids to be had while the ticket server is down?',
  params: { rate: number(200, { min: 30, max: 3_000, doc: 'ids a second' }) },
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => ticketIds({ world, duration, rate: params.rate, servers: 1 }),
  faults: ticketFaults,
  checks: () => [...ticketChecks(), answeredInTime({ within: '150ms', share: 0.95 })],
  expect: violates(ANSWERED_IN_TIME),
  nemesis: ticketNemesis,
});
