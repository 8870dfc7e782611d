import { answeredInTime, defineScenario, holds, number, s } from '../sim/index.ts';
import { ticketChecks, ticketFaults, ticketIds, ticketNemesis } from './worlds/id-group.ts';

/** The same crash as in lone-ticket-server, with the same luck; a second server gives out even numbers, and the first one odd ones. */
export default defineScenario({
  name: 'lone-ticket-server-pair',
  question: 'Are ids to be had, and unique, while one of two ticket servers is down?',
  params: { rate: number(200, { min: 30, max: 3_000, doc: 'ids a second' }) },
  seed: 'lone-ticket-server',
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => ticketIds({ world, duration, rate: params.rate, servers: 2 }),
  faults: ticketFaults,
  checks: () => [...ticketChecks(), answeredInTime({ within: '150ms', share: 0.95 })],
  expect: holds(),
  nemesis: ticketNemesis,
});
