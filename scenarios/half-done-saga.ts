import { count, defineScenario, number, s, violates } from '../sim/index.ts';
import { orderSaga, orderSagaChecks, orderSagaFaults, orderSagaNemesis, SAGAS_WHOLE } from './worlds/order-saga.ts';

/**
 * An orchestrator that keeps its sagas in memory. It loses power with orders under way: customers have been charged for what nobody
 * will ever ship, or give back the money for, because nobody knows of it any more.
 */
export default defineScenario({
  name: 'half-done-saga',
  question: 'Is every order done or undone as a whole when the orchestrator loses power?',
  params: {
    rate: number(50, { min: 1, max: 500, doc: 'orders a second' }),
    stock: count(120, { min: 0, max: 10_000, doc: 'pieces in stock' }),
  },
  duration: s(9),
  // The stock runs out: orders are refused from then on, whoever is up.
  recovery: false,
  build: ({ world, params, duration }) => orderSaga({ world, log: 'none', ...params, duration }),
  faults: orderSagaFaults,
  checks: orderSagaChecks,
  expect: violates(SAGAS_WHOLE),
  nemesis: orderSagaNemesis,
});
