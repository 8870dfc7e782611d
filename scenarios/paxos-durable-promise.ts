import { defineScenario, holds, s } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { forgetfulAcceptorFaults, paxosGroup, paxosGroupChecks } from './worlds/paxos-group.ts';

/**
 * Multi-Paxos with acceptors that flush before they answer, under the faults of `paxos-lost-promise`: n2 comes back with its promises and
 * votes, and a new leader finds in them what it has to propose again.
 */
export default defineScenario({
  name: 'paxos-durable-promise',
  question:
    'Does Multi-Paxos stay linearizable, and go on, when its acceptors lose power one by one and the network splits?',
  seed: 'paxos-lost-promise',
  duration: s(9),
  recovery: s(2),
  build: ({ world, duration }) => paxosGroup({ world, duration, nodes: 3, clients: 4 }),
  faults: forgetfulAcceptorFaults,
  checks: paxosGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});
