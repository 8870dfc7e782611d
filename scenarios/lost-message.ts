import { count, defineScenario, s, violates } from '../sim/index.ts';
import { queueGroup, queueGroupChecks, queueGroupFaults, queueGroupNemesis } from './worlds/queue-group.ts';

/**
 * A broker that answers before its journal is on disk. It is fast, and it is right until the machine loses power with messages
 * waiting: those it has acknowledged are gone, and no producer will ever publish them again.
 */
export default defineScenario({
  name: 'lost-message',
  question: 'Does a message that the broker has acknowledged survive a power failure of the broker?',
  params: {
    producers: count(2, { min: 1, max: 20, doc: 'producers, 50 messages a second each' }),
    consumers: count(2, { min: 1, max: 20, doc: 'consumers, up to 80 messages a second each' }),
  },
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) => queueGroup({ world, fsync: 'never', ...params, duration }),
  faults: queueGroupFaults,
  checks: queueGroupChecks,
  expect: violates('no acknowledged message is lost'),
  nemesis: queueGroupNemesis,
});
