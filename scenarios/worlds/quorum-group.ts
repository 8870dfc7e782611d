/**
 * A register on quorums with one writer and two readers, as several scenarios ask about it; only N, R, W and read repair differ.
 *
 * The faults make new-old inversion certain to show, if the design allows it: what c1 writes reaches n1 at once and the others much
 * later, c2 reads by way of n1, c3 cannot.
 */
import {
  exponential,
  linearizable,
  linkDelay,
  register,
  partitionPartial,
  quorumIntersection,
  quorumReplicaInvariants,
  s,
  sometimes,
  ms,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type Operation,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  isLater,
  kvClient,
  quorumStore,
  registerReplica,
  type KvClientState,
  type QuorumStoreOptions,
  type RegisterReplicaProtocol,
  type RegisterReplicaState,
  type Stamp,
} from '../../models/index.ts';

export interface QuorumGroup {
  readonly replicas: readonly NodeRef<RegisterReplicaProtocol>[];
  /** c1 writes, c2 and c3 read. */
  readonly clients: readonly NodeRef[];
  readonly writeQuorum: number;
}

export interface QuorumGroupOptions extends Pick<QuorumStoreOptions, 'readQuorum' | 'writeQuorum' | 'readRepair'> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
}

/** Places replicas n1 … n3 and the clients. */
export function quorumGroup({ world, duration, ...quorums }: QuorumGroupOptions): QuorumGroup {
  const replicas = world.refs<RegisterReplicaProtocol>('n', 3);
  const replica = registerReplica();
  for (const node of replicas) world.node(node, { actor: replica });
  const store = quorumStore({ replicas, ...quorums });
  const until = duration - s(1);
  const think = exponential({ mean: ms(60) });
  const writer = kvClient({ store, reads: 0, think, until });
  const reader = kvClient({ store, reads: 1, think, until });
  const clients = [world.node<KvClientState, Record<never, never>>('c1', { actor: writer })];
  for (const name of ['c2', 'c3'])
    clients.push(world.node<KvClientState, Record<never, never>>(name, { actor: reader }));
  return { replicas, clients, writeQuorum: quorums.writeQuorum ?? 2 };
}

export function quorumGroupFaults(
  { replicas: [n1, n2, n3], clients: [c1, c2, c3] }: QuorumGroup,
  window: { at: Micros; for: Micros },
): Fault[] {
  if (
    n1 === undefined ||
    n2 === undefined ||
    n3 === undefined ||
    c1 === undefined ||
    c2 === undefined ||
    c3 === undefined
  )
    return [];
  return [
    linkDelay({ ...window, from: c1, to: [n2, n3], extra: ms(100) }),
    partitionPartial({
      ...window,
      pairs: [
        [c2, n3],
        [c3, n1],
      ],
    }),
  ];
}

/** The stamp of a write that has just ended: its client has begun no other one. */
function written({ f, key = '', client }: Operation, view: RunView): { key: string; stamp: Stamp } | undefined {
  const state = view.state<KvClientState>(client);
  return f !== 'write' || state === undefined
    ? undefined
    : { key, stamp: { counter: state.counter, writer: state.session } };
}

export function quorumGroupChecks({ clients, writeQuorum }: QuorumGroup): readonly Check[] {
  const done = (view: RunView, f: string): boolean => view.operations.some((op) => op.f === f && op.outcome === 'ok');
  return [
    linearizable(register()),
    quorumIntersection({
      quorums: (view) => clients.flatMap((client) => view.state<KvClientState>(client)?.quorums ?? []),
    }),
    ...quorumReplicaInvariants<RegisterReplicaState, Stamp>({
      roles: ['replica'],
      clients: ['client'],
      stamps: ({ synced }) => Object.entries(synced),
      compare: (a, b) => (isLater(a, b) ? 1 : isLater(b, a) ? -1 : 0),
      w: writeQuorum,
      written,
    }),
    sometimes('a write is acknowledged', (view) => done(view, 'write'), { roles: ['client'] }),
    sometimes('a read is answered', (view) => done(view, 'read'), { roles: ['client'] }),
  ];
}
