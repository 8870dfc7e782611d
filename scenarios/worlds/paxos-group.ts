/** A Multi-Paxos group with clients, as several scenarios ask about it; what differs is what its acceptors write down. */
import {
  crash,
  exponential,
  linearizable,
  ms,
  partition,
  paxosInvariants,
  register,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  multiPaxos,
  multiPaxosStore,
  multiPaxosView,
  type MultiPaxosOptions,
  type MultiPaxosProtocol,
  type MultiPaxosState,
} from '../../models/index.ts';

export interface PaxosGroup {
  readonly nodes: readonly NodeRef<MultiPaxosProtocol>[];
  readonly clients: readonly NodeRef[];
  /** Acceptors that choose a value. */
  readonly quorum: number;
  /** Acceptors whose promises a proposer needs. */
  readonly prepareQuorum: number;
}

export interface PaxosGroupOptions {
  readonly world: WorldBuilder;
  readonly nodes: number;
  readonly clients: number;
  /** Length of the run; clients begin at half a second, and stop half a second before it ends. */
  readonly duration: Micros;
  readonly paxos?: Omit<MultiPaxosOptions, 'nodes'>;
}

/** Places servers n1, n2, …, and clients c1, c2, … that read, write, and compare and set three registers. */
export function paxosGroup({ world, nodes: size, clients: count, duration, paxos }: PaxosGroupOptions): PaxosGroup {
  const nodes = world.refs<MultiPaxosProtocol>('n', size);
  const actor = multiPaxos({ nodes, snapshotEvery: 40, keepSlots: 10, ...paxos });
  for (const node of nodes) world.node(node, { actor });
  const client = kvClient({
    store: multiPaxosStore({ nodes }),
    keys: ['x', 'y', 'z'],
    cas: 0.2,
    think: exponential({ mean: ms(80) }),
    from: s(0.5),
    until: duration - s(0.5),
  });
  const clients = world.refs<Record<never, never>>('c', count);
  for (const ref of clients) world.node(ref, { actor: client });
  const majority = Math.floor(size / 2) + 1;
  return { nodes, clients, quorum: paxos?.acceptQuorum ?? majority, prepareQuorum: paxos?.prepareQuorum ?? majority };
}

/** What every such scenario promises, and what must have happened for the run to show anything. */
export function paxosGroupChecks({ nodes, quorum, prepareQuorum }: PaxosGroup): readonly Check[] {
  const roles = ['replica'];
  return [
    linearizable(register()),
    ...paxosInvariants<MultiPaxosState>({ view: multiPaxosView, roles, quorum, prepareQuorum }),
    sometimes(
      'a write is acknowledged',
      (view) => view.operations.some((op) => op.f === 'write' && op.outcome === 'ok'),
      { roles: ['client'] },
    ),
    sometimes(
      'a leader goes on where another has stopped',
      (view) =>
        nodes.some((node) => {
          const state = view.state<MultiPaxosState>(node);
          return state?.role === 'leader' && state.barrier > 0;
        }),
      { roles },
    ),
  ];
}

/**
 * The third server is away, so that the other two choose everything; then one of these is cut off, and at that moment the other one
 * loses power. When it is back, it alone stands between what was chosen and what the third would choose instead.
 */
export function forgetfulAcceptorFaults({ nodes: [n1, n2, n3], clients }: PaxosGroup): Fault[] {
  if (n1 === undefined || n2 === undefined || n3 === undefined) return [];
  return [
    partition({ at: s(1.5), for: s(2), groups: [[n3], [n1, n2, ...clients]] }),
    partition({ at: s(3.5), for: s(2), groups: [[n1], [n2, n3, ...clients]] }),
    crash({ node: n2, at: s(3.5), for: ms(300) }),
  ];
}
