import { defineScenario, holds, ms, s, uniform } from '../sim/index.ts';
import { workGroup, workGroupChecks, workGroupFaults, workGroupNemesis } from './worlds/work-group.ts';

/**
 * The same work and the same faults as in worked-twice, with the same luck. Consumers extend their time while they work, so that nobody
 * else does it meanwhile; and for the one that cannot, because it stands still, the store knows each message that has had its effect.
 */
export default defineScenario({
  name: 'worked-twice-extended',
  question: 'Do extended visibility timeouts and a store that knows its messages keep work from being done twice?',
  seed: 'worked-twice',
  duration: s(16),
  recovery: s(2),
  build: ({ world, duration }) =>
    workGroup({
      world,
      duration,
      queue: { visibilityTimeout: ms(100), maxAttempts: 50 },
      consumer: { work: uniform(ms(20), ms(120)), extendEvery: ms(30), idempotent: true },
    }),
  faults: workGroupFaults,
  checks: workGroupChecks,
  expect: holds(),
  nemesis: workGroupNemesis,
});
