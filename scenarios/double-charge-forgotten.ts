import { count, crash, defineScenario, linkDelay, ms, s, violates } from '../sim/index.ts';
import { CHARGED_ONCE, till, tillChecks, tillNemesis } from './worlds/till.ts';

/**
 * Idempotency keys in a cache beside the charges: all is well while replies are lost, until the server restarts between two attempts
 * and remembers the charge, but not its key.
 */
export default defineScenario({
  name: 'double-charge-forgotten',
  question: 'A server of payments restarts: is anybody charged twice when it keeps idempotency keys in memory only?',
  seed: 'double-charge',
  params: { rate: count(40, { min: 1, max: 1_000, doc: 'payments a second' }) },
  duration: s(12),
  recovery: s(2),
  build: ({ world, params, duration }) => till({ world, duration, rate: params.rate, keys: 'in-memory' }),
  faults: ({ server, customers }) => [
    linkDelay({ from: server, to: customers, at: s(3), for: ms(500), extra: { kind: 'constant', value: ms(300) } }),
    crash({ node: server, at: '3.45s', for: ms(100) }),
  ],
  checks: tillChecks,
  expect: violates(CHARGED_ONCE),
  nemesis: tillNemesis,
});
