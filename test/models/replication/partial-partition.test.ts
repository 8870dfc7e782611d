/** Partial partitions: clients that cannot reach a leader which still has a majority, and servers too busy for most requests. */
import { describe, expect, test } from '@jest/globals';
import {
  brownOut,
  constant,
  defineScenario,
  holds,
  linearizable,
  ms,
  partitionPartial,
  register,
  run,
  s,
  type Fault,
  type NodeRef,
  type RunResult,
  type Scenario,
  type WorldBuilder,
} from '../../../sim/index.ts';
import {
  kvClient,
  multiPaxos,
  multiPaxosStore,
  primaryReplica,
  primaryStore,
  raft,
  raftStore,
  type KvStore,
  type MultiPaxosProtocol,
  type RaftProtocol,
  type ReplicaProtocol,
} from '../../../models/index.ts';

const SERVERS = ['n1', 'n2', 'n3'];
const CUT = s(2);

/** Places the servers. */
type Place = (world: WorldBuilder) => KvStore;

const GROUPS: readonly (readonly [string, Place])[] = [
  [
    'Multi-Paxos',
    (world) => {
      const nodes = world.refs<MultiPaxosProtocol>('n', SERVERS.length);
      for (const node of nodes) world.node(node, { actor: multiPaxos({ nodes }) });
      return multiPaxosStore({ nodes });
    },
  ],
  [
    'Raft',
    (world) => {
      const nodes = world.refs<RaftProtocol>('n', SERVERS.length);
      for (const node of nodes) world.node(node, { actor: raft({ nodes }) });
      return raftStore({ nodes });
    },
  ],
  [
    'primary-replica',
    (world) => {
      const nodes = world.refs<ReplicaProtocol>('n', SERVERS.length);
      for (const node of nodes) world.node(node, { actor: primaryReplica({ nodes }) });
      return primaryStore({ nodes });
    },
  ],
];

const scenarioOf = (place: Place): Scenario =>
  defineScenario({
    name: 'partial',
    question: 'Do clients of a group get anywhere?',
    seed: 'partial',
    duration: s(8),
    build({ world, duration }) {
      world.links({ latency: constant(ms(0.5)) });
      const client = kvClient({ store: place(world), think: constant(ms(20)), from: s(1), until: duration - s(1) });
      const clients: NodeRef[] = ['c1', 'c2'].map((name) => world.node(name, { actor: client }));
      return { clients };
    },
    checks: () => [linearizable(register())],
    expect: holds(),
  });

const underFault = (place: Place, fault: Fault): RunResult =>
  run(scenarioOf(place), { seed: 'partial', faults: [fault] });

/** Operations that have begun when clients have had time to find their way, and have ended well. */
const doneLate = ({ operations }: RunResult): number =>
  operations.filter(({ invokedAt, outcome }) => invokedAt > CUT + s(2) && outcome === 'ok').length;

describe.each(GROUPS)('a %s group', (_, place) => {
  test.each(SERVERS)('serves clients that cannot reach %s, whoever leads', (server) => {
    const pairs = ['c1', 'c2'].map((client) => [server, client] as const);
    const result = underFault(place, partitionPartial({ at: CUT, pairs }));
    expect(result.status).toBe('held');
    expect(doneLate(result)).toBeGreaterThan(100);
  });

  test.each(SERVERS)('serves clients although %s refuses nine of ten requests unseen', (server) => {
    const result = underFault(place, brownOut({ at: CUT, node: server, probability: 0.9 }));
    expect(result.status).toBe('held');
    expect(doneLate(result)).toBeGreaterThan(20);
  });
});
