import { defineScenario, s, violates } from '../sim/index.ts';
import { GROUPED, orderedGroupChecks, workGroup, workGroupFaults, workGroupNemesis } from './worlds/work-group.ts';

/**
 * First in, first out, and no dead-letter queue: a message that can never be dealt with comes back for ever, and everything behind it in
 * its group waits.
 */
export default defineScenario({
  name: 'poison-blocks',
  question: 'Does a message that can never be dealt with hold up those behind it?',
  duration: s(16),
  recovery: false,
  build: ({ world, duration }) =>
    workGroup({ world, duration, ...GROUPED, queue: { ...GROUPED.queue, maxAttempts: Infinity } }),
  faults: workGroupFaults,
  checks: orderedGroupChecks,
  expect: violates('the queue empties'),
  nemesis: workGroupNemesis,
});
