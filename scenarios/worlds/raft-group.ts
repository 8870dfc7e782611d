/** A Raft group with clients, as several scenarios ask about it; what differs is how it votes, reads, and who belongs to it. */
import {
  exponential,
  linearizable,
  logNormal,
  ms,
  raftInvariants,
  register,
  s,
  sometimes,
  type Check,
  type Micros,
  type NodeOptions,
  type NodeRef,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  raft,
  raftOperator,
  raftStore,
  raftView,
  raftVoters,
  type OperatorStep,
  type RaftOptions,
  type RaftProtocol,
  type RaftState,
} from '../../models/index.ts';

export interface RaftGroup {
  readonly nodes: readonly NodeRef<RaftProtocol>[];
  readonly clients: readonly NodeRef[];
}

export interface RaftGroupOptions {
  readonly world: WorldBuilder;
  /** Servers, members or not. */
  readonly nodes: number;
  readonly clients: number;
  /** When clients begin. Default 1 s. */
  readonly from?: Micros;
  /** How many of the clients, the first ones, only read. Default 0. */
  readonly readers?: number;
  /** Length of the run; clients stop a second before it ends. */
  readonly duration: Micros;
  readonly raft?: Omit<RaftOptions, 'nodes'>;
  readonly machine?: Omit<NodeOptions<RaftState, RaftProtocol>, 'actor'>;
  /** One way between any two nodes. Default: within a data centre. */
  readonly latency?: Micros;
  /** What an operator does meanwhile. Default: there is none. */
  readonly steps?: readonly OperatorStep[];
}

/** Places servers n1, n2, …, clients c1, c2, … that read, write, and compare and set three registers, and an operator. */
export function raftGroup({ world, nodes: size, clients: count, duration, ...rest }: RaftGroupOptions): RaftGroup {
  if (rest.latency !== undefined) world.links({ latency: logNormal({ median: rest.latency, sigma: 0.1 }) });
  const nodes = world.refs<RaftProtocol>('n', size);
  const actor = raft({ nodes, snapshotEvery: 200, keepEntries: 20, ...rest.raft });
  for (const node of nodes) world.node(node, { ...rest.machine, actor });
  const store = raftStore({ nodes });
  const keys = ['x', 'y', 'z'];
  const think = exponential({ mean: ms(120) });
  const usual = { store, keys, think, from: rest.from ?? s(1), until: duration - s(1) };
  const [client, reader] = [kvClient({ ...usual, cas: 0.2 }), kvClient({ ...usual, reads: 1 })];
  const clients = world.refs<Record<never, never>>('c', count);
  for (const [i, ref] of clients.entries()) world.node(ref, { actor: i < (rest.readers ?? 0) ? reader : client });
  if (rest.steps !== undefined) world.node('operator', { actor: raftOperator({ nodes, steps: rest.steps }) });
  return { nodes, clients };
}

/** What every such scenario promises, and what must have happened for the run to show anything. */
export function raftGroupChecks(group: RaftGroup): readonly Check[] {
  const roles = ['replica'];
  return [
    linearizable(register()),
    ...raftInvariants<RaftState>({ view: raftView, voters: raftVoters, roles }),
    sometimes(
      'a write is acknowledged',
      (view) => view.operations.some((op) => op.f === 'write' && op.outcome === 'ok'),
      { roles: ['client'] },
    ),
    sometimes('a second leader', (view) => leads(view, group, (state) => state.term > 1), { roles }),
  ];
}

/** Whether a server leads whose state is as asked for. */
export const leads = (view: RunView, { nodes }: RaftGroup, is: (state: RaftState) => boolean): boolean =>
  nodes.some((node) => {
    const state = view.state<RaftState>(node);
    return state?.role === 'leader' && is(state);
  });
