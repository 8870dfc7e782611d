import { count, defineScenario, s, span, violates } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { quorumGroup, quorumGroupChecks, quorumGroupFaults } from './worlds/quorum-group.ts';

/**
 * One answer is enough to read and one acknowledgement to write: quorums need not meet, and a read that asks a replica which the
 * last write has not reached yet returns an old value.
 */
export default defineScenario({
  name: 'stale-read',
  question: 'Can a read miss a write that was complete before it, when R + W is not above N?',
  params: {
    readQuorum: count(1, { min: 1, max: 3, doc: 'answers that a read needs, of 3 replicas' }),
    writeQuorum: count(1, { min: 1, max: 3, doc: 'acknowledgements that a write needs, of 3 replicas' }),
    faultFor: span('4s', 'how long the links are slow and cut'),
  },
  duration: s(12),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    quorumGroup({
      world,
      duration,
      readRepair: 'none',
      readQuorum: params.readQuorum,
      writeQuorum: params.writeQuorum,
    }),
  faults: (group) => quorumGroupFaults(group, { at: s(3), for: group.params.faultFor }),
  checks: quorumGroupChecks,
  expect: violates(['linearizable register', 'quorums intersect']),
  nemesis: { profiles: ALL_THAT_HEALS },
});
