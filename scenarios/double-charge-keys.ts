import { count, defineScenario, holds, loss, s, span } from '../sim/index.ts';
import { till, tillChecks, tillNemesis } from './worlds/till.ts';

/** The same lost replies, but every attempt of a payment has the same key, and the key is written with the charge, as one record. */
export default defineScenario({
  name: 'double-charge-keys',
  question: 'Replies are lost for three seconds: is anybody charged twice when attempts carry an idempotency key?',
  seed: 'double-charge',
  params: {
    rate: count(40, { min: 1, max: 1_000, doc: 'payments a second' }),
    faultFor: span('3s', 'how long replies are lost'),
  },
  duration: s(12),
  recovery: s(2),
  build: ({ world, params, duration }) => till({ world, duration, rate: params.rate, keys: 'durable' }),
  faults: ({ server, customers, params }) => [
    loss({ from: server, to: customers, at: s(3), for: params.faultFor, probability: 0.3 }),
  ],
  checks: tillChecks,
  expect: holds(),
  nemesis: tillNemesis,
});
