import { defineScenario, s, violates } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { forgetfulAcceptorFaults, paxosGroup, paxosGroupChecks } from './worlds/paxos-group.ts';

/**
 * An acceptor that answers before it has flushed. While n3 is away, n1 and n2 choose everything; then n1 is cut off, and n2 loses power at
 * that moment. What n2 had promised and voted for was in its page cache: when it is back, it and n3 are a quorum that knows nothing
 * of what the other quorum has chosen, and choose something else in the same slots. `paxos-durable-promise` flushes first.
 */
export default defineScenario({
  name: 'paxos-lost-promise',
  question: 'What becomes of Paxos when an acceptor answers before its promises and votes are on disk?',
  duration: s(9),
  recovery: false,
  build: ({ world, duration }) => paxosGroup({ world, duration, nodes: 3, clients: 4, paxos: { sync: 'never' } }),
  faults: forgetfulAcceptorFaults,
  checks: paxosGroupChecks,
  expect: violates('promises never go back', {
    also: [
      'one value is chosen a slot',
      'linearizable register',
      'later ballots keep the chosen value',
      'only chosen values are learned',
      'nothing is accepted below a promise',
      'one value a ballot',
      'slots are applied without gaps',
    ],
  }),
  nemesis: { profiles: ALL_THAT_HEALS },
});
