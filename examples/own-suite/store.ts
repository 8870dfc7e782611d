/** A design of your own as a scenario: one register on three replicas, read and written by quorum. */
import {
  defineScenario,
  exponential,
  holds,
  linearizable,
  ms,
  register,
  s,
  violates,
  type Expectation,
  type Scenario,
} from 'orrery';
import { kvClient, quorumStore, registerReplica, type RegisterReplicaProtocol } from 'orrery/models';

interface Design {
  readonly name: string;
  readonly question: string;
  /** Replicas, of three, that an operation waits for. */
  readonly quorum: number;
  readonly expect: Expectation;
}

const storeScenario = ({ name, question, quorum, expect }: Design): Scenario =>
  defineScenario({
    name,
    question,
    duration: s(3),
    recovery: s(1),
    build({ world }) {
      const replicas = world.refs<RegisterReplicaProtocol>('n', 3);
      for (const replica of replicas) world.node(replica, { actor: registerReplica() });
      const store = quorumStore({ replicas, readQuorum: quorum, writeQuorum: quorum });
      const actor = kvClient({ store, think: exponential({ mean: ms(40) }) });
      for (const client of world.refs<Record<never, never>>('c', 3)) world.node(client, { actor });
      return { replicas };
    },
    checks: () => [linearizable(register())],
    nemesis: { profiles: ['crashes', 'partitions', 'network', 'clocks', 'disks', 'mixed'] },
    expect,
  });

export const store = storeScenario({
  name: 'majority-store',
  question: 'Is a register on majorities linearizable, whatever breaks?',
  quorum: 2,
  expect: holds(),
});

export const hastyStore = storeScenario({
  name: 'hasty-store',
  question: 'Is a register linearizable when one answer is enough?',
  quorum: 1,
  expect: violates('linearizable register'),
});

export default [store, hastyStore];
