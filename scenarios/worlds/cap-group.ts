/**
 * One store in two modes, as the CAP theorem has it (Gilbert and Lynch, 2002): five nodes, a client beside each, two registers, and a
 * partition that leaves two nodes on one side. What differs is what a node does that cannot reach the others: refuse, or answer by itself.
 */
import {
  answeredInTime,
  converges,
  exponential,
  linearizable,
  ms,
  partition,
  quorumReplicaInvariants,
  register,
  s,
  sometimes,
  span,
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
  lwwValues,
  multiPrimary,
  multiPrimaryStore,
  quorumStore,
  registerReplica,
  type KvClientState,
  type KvStore,
  type MultiPrimaryProtocol,
  type MultiPrimaryState,
  type RegisterReplicaProtocol,
  type RegisterReplicaState,
  type Stamp,
} from '../../models/index.ts';

const EVERY_REQUEST_ANSWERED = 'every request is answered';

/** `consistent`: majorities, with write-back (CP). `available`: any node answers, alone, and the last write wins (AP). */
type CapMode = 'consistent' | 'available';

export const capParams = { faultFor: span('3s', 'how long the network is split') };

export interface CapGroup {
  readonly mode: CapMode;
  readonly nodes: readonly NodeRef[];
  readonly clients: readonly NodeRef[];
}

export interface CapGroupOptions {
  readonly world: WorldBuilder;
  readonly mode: CapMode;
  /** Length of the run; clients stop three seconds before it ends. */
  readonly duration: Micros;
}

const SIZE = 5;
/** How many of the nodes are on the smaller side. */
const CUT_OFF = 2;

/** Nodes n1 … n5 and beside each a client of it, c1 … c5. */
export function capGroup({ world, mode, duration }: CapGroupOptions): CapGroup {
  const [nodes, storeOf] = mode === 'consistent' ? majorities(world) : anyNode(world);
  const clients = world.refs<Record<never, never>>('c', SIZE);
  clients.forEach((ref, i) => {
    const think = exponential({ mean: ms(220) });
    const client = kvClient({ store: storeOf(i), keys: ['x', 'y'], think, from: ms(200), until: duration - s(3) });
    world.node<KvClientState, Record<never, never>>(ref, { actor: client });
  });
  return { mode, nodes, clients };
}

function majorities(world: WorldBuilder): [readonly NodeRef[], (place: number) => KvStore] {
  const replicas = world.refs<RegisterReplicaProtocol>('n', SIZE);
  const actor = registerReplica();
  for (const node of replicas) world.node(node, { actor });
  const store = quorumStore({ replicas, attempt: ms(80), attempts: 2 });
  return [replicas as readonly NodeRef[], () => store];
}

function anyNode(world: WorldBuilder): [readonly NodeRef[], (place: number) => KvStore] {
  const nodes = world.refs<MultiPrimaryProtocol>('n', SIZE);
  const actor = multiPrimary({ nodes, policy: lwwValues() });
  for (const node of nodes) world.node(node, { actor });
  const storeOf = (place: number): KvStore =>
    multiPrimaryStore({ nodes: [...nodes.slice(place), ...nodes.slice(0, place)], attempt: ms(80) });
  return [nodes as readonly NodeRef[], storeOf];
}

/** Two nodes with their clients, and the others with theirs. */
export const capSplit = (
  { nodes, clients }: CapGroup,
  window: { readonly at: Micros; readonly for: Micros },
): readonly Fault[] => [
  partition({
    ...window,
    groups: [
      [...nodes.slice(0, CUT_OFF), ...clients.slice(0, CUT_OFF)],
      [...nodes.slice(CUT_OFF), ...clients.slice(CUT_OFF)],
    ],
  }),
];

export function capChecks(group: CapGroup): readonly Check[] {
  const smaller = group.clients.slice(0, CUT_OFF).map(({ id }) => id);
  const split = ({ invokedAt }: Operation, { firstFaultAt = Infinity, healedAt = 0 }: RunView): boolean =>
    invokedAt >= firstFaultAt && invokedAt < healedAt;
  const onSmallerSide = (name: string, outcome: Operation['outcome']): Check =>
    sometimes(
      name,
      (view) => view.operations.some((op) => smaller.includes(op.client) && op.outcome === outcome && split(op, view)),
      { roles: ['client'] },
    );
  if (group.mode === 'available')
    return [
      linearizable(register()),
      answeredInTime({ name: EVERY_REQUEST_ANSWERED, within: ms(80), share: 1 }),
      converges({ within: s(2), states: (view) => cellsOf(view, group) }),
      onSmallerSide('the smaller side is served', 'ok'),
    ];
  return [
    linearizable(register()),
    ...quorumReplicaInvariants<RegisterReplicaState, Stamp>({
      roles: ['replica'],
      stamps: ({ synced }) => Object.entries(synced),
      compare: (a, b) => (isLater(a, b) ? 1 : isLater(b, a) ? -1 : 0),
    }),
    onSmallerSide('the smaller side is refused, and told that nothing has happened', 'fail'),
  ];
}

const cellsOf = (view: RunView, { nodes }: CapGroup): { replica: string; state: unknown }[] =>
  nodes.flatMap((node) => {
    const state = view.state<MultiPrimaryState>(node);
    return state === undefined ? [] : [{ replica: node.id, state: state.cells }];
  });
