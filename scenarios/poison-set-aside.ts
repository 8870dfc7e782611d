import { defineScenario, holds, s } from '../sim/index.ts';
import { GROUPED, orderedGroupChecks, workGroup, workGroupFaults, workGroupNemesis } from './worlds/work-group.ts';

/**
 * The same poison and the same faults as in poison-blocks, with the same luck. After three deliveries a message is set aside in the
 * dead-letter queue, and its group goes on.
 */
export default defineScenario({
  name: 'poison-set-aside',
  question: 'Does a dead-letter queue keep a group going when one of its messages can never be dealt with?',
  seed: 'poison-blocks',
  duration: s(16),
  recovery: s(2),
  build: ({ world, duration }) =>
    workGroup({ world, duration, ...GROUPED, queue: { ...GROUPED.queue, maxAttempts: 3 } }),
  faults: workGroupFaults,
  checks: orderedGroupChecks,
  expect: holds(),
  nemesis: workGroupNemesis,
});
