import { count, defineScenario, holds, number, s } from '../sim/index.ts';
import { orderSaga, orderSagaChecks, orderSagaFaults, orderSagaNemesis } from './worlds/order-saga.ts';

/** The same crashes as in half-done-saga, with the same luck; the orchestrator keeps a log, and takes up every saga where it was. */
export default defineScenario({
  name: 'half-done-saga-logged',
  question: 'Does an orchestrator that keeps a log bring every order to its end?',
  params: {
    rate: number(50, { min: 1, max: 500, doc: 'orders a second' }),
    stock: count(120, { min: 0, max: 10_000, doc: 'pieces in stock' }),
  },
  seed: 'half-done-saga',
  duration: s(9),
  // The stock runs out: orders are refused from then on, whoever is up.
  recovery: false,
  build: ({ world, params, duration }) => orderSaga({ world, log: 'durable', ...params, duration }),
  faults: orderSagaFaults,
  checks: orderSagaChecks,
  expect: holds(),
  nemesis: orderSagaNemesis,
});
