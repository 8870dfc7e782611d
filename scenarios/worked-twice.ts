import { defineScenario, ms, s, uniform, violates } from '../sim/index.ts';
import { workGroup, workGroupChecks, workGroupFaults, workGroupNemesis } from './worlds/work-group.ts';

/**
 * A visibility timeout that is shorter than some of the work: a consumer that is not done in time has its message given to another one,
 * and both do it.
 */
export default defineScenario({
  name: 'worked-twice',
  question: 'Is each message dealt with once when some work takes longer than the visibility timeout?',
  duration: s(16),
  recovery: s(2),
  build: ({ world, duration }) =>
    workGroup({
      world,
      duration,
      queue: { visibilityTimeout: ms(100) },
      consumer: { work: uniform(ms(20), ms(120)) },
    }),
  faults: workGroupFaults,
  checks: workGroupChecks,
  expect: violates('no effect happens twice'),
  nemesis: workGroupNemesis,
});
