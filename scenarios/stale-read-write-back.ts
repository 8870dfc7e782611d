import { count, defineScenario, s, span, holds } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { quorumGroup, quorumGroupChecks, quorumGroupFaults } from './worlds/quorum-group.ts';

/**
 * The same slow and cut links as in stale-read, with the same luck. Majorities meet, and a read makes sure that a majority holds
 * what it returns, so that no later read can return less (ABD).
 */
export default defineScenario({
  name: 'stale-read-write-back',
  question: 'Is a register on majorities linearizable when reads write back what they return?',
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
      readRepair: 'write-back',
      readQuorum: params.readQuorum,
      writeQuorum: params.writeQuorum,
    }),
  faults: (group) => quorumGroupFaults(group, { at: s(3), for: group.params.faultFor }),
  checks: quorumGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});
