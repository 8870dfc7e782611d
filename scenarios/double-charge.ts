import { count, defineScenario, loss, s, span, violates } from '../sim/index.ts';
import { CHARGED_ONCE, till, tillChecks, tillNemesis } from './worlds/till.ts';

/** A reply is lost after the charge was made; the customer tries again, as one should after a timeout, and pays twice. */
export default defineScenario({
  name: 'double-charge',
  question: 'Replies are lost for three seconds: is anybody charged twice when customers try again?',
  params: {
    rate: count(40, { min: 1, max: 1_000, doc: 'payments a second' }),
    faultFor: span('3s', 'how long replies are lost'),
  },
  duration: s(12),
  recovery: s(2),
  build: ({ world, params, duration }) => till({ world, duration, rate: params.rate, keys: 'ignored' }),
  faults: ({ server, customers, params }) => [
    loss({ from: server, to: customers, at: s(3), for: params.faultFor, probability: 0.3 }),
  ],
  checks: tillChecks,
  expect: violates(CHARGED_ONCE),
  nemesis: tillNemesis,
});
