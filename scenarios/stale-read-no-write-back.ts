import { count, defineScenario, s, span, violates } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { quorumGroup, quorumGroupChecks, quorumGroupFaults } from './worlds/quorum-group.ts';

/**
 * The same slow and cut links as in stale-read, with the same luck. Every read sees every write that was complete before it, and
 * still a write under way is seen by c2 and then not by c3: new-old inversion. Intersection alone gives a regular register.
 */
export default defineScenario({
  name: 'stale-read-no-write-back',
  question: 'Is R + W above N enough for reads that never go back in time?',
  params: {
    readQuorum: count(2, { min: 1, max: 3, doc: 'answers that a read needs, of 3 replicas' }),
    writeQuorum: count(2, { min: 1, max: 3, doc: 'acknowledgements that a write needs, of 3 replicas' }),
    faultFor: span('4s', 'how long the links are slow and cut'),
  },
  seed: 'stale-read',
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
  expect: violates('linearizable register'),
  nemesis: { profiles: ALL_THAT_HEALS },
});
