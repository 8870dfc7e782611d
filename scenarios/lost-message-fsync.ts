import { choice, count, defineScenario, holds, s } from '../sim/index.ts';
import { queueGroup, queueGroupChecks, queueGroupFaults, queueGroupNemesis } from './worlds/queue-group.ts';

/** The same power failure as in lost-message, with the same luck; the broker answers when its journal is on disk. */
export default defineScenario({
  name: 'lost-message-fsync',
  question: 'Does a broker that syncs before it answers keep every acknowledged message through a power failure?',
  params: {
    producers: count(2, { min: 1, max: 20, doc: 'producers, 50 messages a second each' }),
    consumers: count(2, { min: 1, max: 20, doc: 'consumers, up to 80 messages a second each' }),
    fsync: choice<'always' | 'group'>('always', ['always', 'group'], 'flush for each message, or for several at once'),
  },
  seed: 'lost-message',
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) => queueGroup({ world, ...params, duration }),
  faults: queueGroupFaults,
  checks: queueGroupChecks,
  expect: holds(),
  nemesis: queueGroupNemesis,
});
