/**
 * Shops with a node of a multi-primary store in each, as several scenarios ask about it; only the conflict policy differs. Clients add
 * to shopping baskets and take out again, and count visitors, each at the node beside it and at no other: a removal takes out what its
 * node has seen, and another node may not have seen yet what the client has read.
 */
import {
  always,
  choice,
  clockOffset,
  converges,
  count,
  exponential,
  ms,
  partition,
  s,
  sometimes,
  span,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type Operation,
  type RunView,
  type Verdict,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  multiPrimary,
  multiPrimaryStore,
  type Change,
  type ConflictPolicy,
  type KvClientContext,
  type KvClientState,
  type MultiPrimaryOptions,
  type MultiPrimaryProtocol,
  type MultiPrimaryState,
  type StoredValue,
} from '../../models/index.ts';
import { acknowledged } from './acknowledged.ts';
import { ALL_THAT_HEALS, STAYS_UP } from './claims.ts';

export const BASKET_EDITS_SURVIVE = 'every acknowledged edit of a basket is in it';
export const VISITORS_COUNTED = 'every acknowledged visitor is counted';

export const multiPrimaryParams = {
  nodes: count(3, { min: 2, max: 7, doc: 'nodes, each with a client beside it' }),
  topology: choice<'mesh' | 'ring'>(
    'mesh',
    ['mesh', 'ring'],
    'a node sends what it accepts to all, or to the next one',
  ),
  faultFor: span('3s', 'how long the first node is cut off'),
  behind: span('1s', 'by how much its clock is behind meanwhile'),
};

export interface MultiPrimaryGroup {
  readonly nodes: readonly NodeRef<MultiPrimaryProtocol>[];
  readonly clients: readonly NodeRef[];
  readonly policyOf: (key: string) => ConflictPolicy;
}

export interface MultiPrimaryGroupOptions extends Pick<MultiPrimaryOptions, 'topology' | 'fsync'> {
  readonly world: WorldBuilder;
  /** Brings together the edits of a basket. */
  readonly baskets: ConflictPolicy;
  /** And those of the number of visitors. */
  readonly visitors: ConflictPolicy;
  readonly nodes: number;
  /** Length of the run; clients stop three seconds before it ends. */
  readonly duration: Micros;
}

const VISITORS = 'visitors';
const BASKETS = ['basket-1', 'basket-2'];

/** Nodes n1, n2, … and beside each a client of it, c1, c2, … */
export function multiPrimaryGroup(options: MultiPrimaryGroupOptions): MultiPrimaryGroup {
  const { world, baskets, visitors, nodes: size, topology = 'mesh', fsync = 'always', duration } = options;
  const policyOf = (key: string): ConflictPolicy => (key === VISITORS ? visitors : baskets);
  const nodes = world.refs<MultiPrimaryProtocol>('n', size);
  for (const node of nodes)
    world.node(node, { actor: multiPrimary({ nodes, policy: policyOf, topology, fsync, role: `shop ${node.id}` }) });
  const clients = world.refs<Record<never, never>>('c', size);
  clients.forEach((ref, i) => {
    const store = multiPrimaryStore({ nodes: nodes.slice(i, i + 1) });
    const think = exponential({ mean: ms(130) });
    const keys = [...BASKETS, VISITORS];
    const until = duration - s(3);
    const client = kvClient({ store, keys, reads: 0.25, change: nextEdit, think, from: ms(200), until });
    world.node<KvClientState, Record<never, never>>(ref, { actor: client });
  });
  return { nodes, clients, policyOf };
}

/** One more visitor, or a new thing in the basket, or something out of the basket that was read last. */
function nextEdit(key: string, value: string, known: StoredValue | null, { random }: KvClientContext): Change {
  if (key === VISITORS) return { f: 'increment', key, by: 1 };
  const removes = random.chance(0.4);
  if (!removes || typeof known !== 'object' || known === null || known.length === 0) return { f: 'add', key, value };
  return { f: 'remove', key, value: random.pick(known) };
}

/** Clients whose clocks stand still would go on to the very end, when nothing has come to rest. */
export const multiPrimaryNemesis = {
  profiles: ALL_THAT_HEALS,
  limits: { roles: { client: STAYS_UP } },
} as const;

/** The first node and its client are cut off, and the node's clock is behind. */
export const cutOffAndBehind = (
  { nodes, clients }: MultiPrimaryGroup,
  window: { readonly at: Micros; readonly for: Micros },
  behind: Micros,
): readonly Fault[] => [
  partition({
    ...window,
    groups: [
      [...nodes.slice(0, 1), ...clients.slice(0, 1)],
      [...nodes.slice(1), ...clients.slice(1)],
    ],
  }),
  ...(behind === 0 ? [] : [clockOffset({ ...window, node: nodes[0] as NodeRef, by: -behind })]),
];

type State = MultiPrimaryState;

function states(view: RunView, { nodes }: MultiPrimaryGroup): { readonly replica: string; readonly state: State }[] {
  return nodes.flatMap((node) => {
    const state = view.state<State>(node);
    return state === undefined ? [] : [{ replica: node.id, state }];
  });
}

const returned = (view: RunView, node: NodeRef): boolean => (view.state<State>(node)?.returned ?? 0) > 0;

export function multiPrimaryGroupChecks(group: MultiPrimaryGroup): readonly Check[] {
  const valueOf = ({ cells }: State, key: string): StoredValue | null => {
    const policy = group.policyOf(key);
    return policy.value(cells[key]?.state ?? policy.empty()).value;
  };
  const elements = (state: State): readonly unknown[] => BASKETS.flatMap((key) => valueOf(state, key) ?? []);
  return [
    converges({
      within: s(2),
      states: (view) => states(view, group).map(({ replica, state }) => ({ replica, state: state.cells })),
    }),
    converges({
      name: BASKET_EDITS_SURVIVE,
      within: s(2),
      states: (view) =>
        states(view, group)
          .slice(0, 1)
          .map(({ replica, state }) => ({ replica, state: elements(state) })),
      elements: { of: (state) => state as unknown[] },
    }),
    visitorsCounted((view) => {
      const [first] = states(view, group);
      return first === undefined ? undefined : Number(valueOf(first.state, VISITORS) ?? 0);
    }),
    always('no change comes round to its origin', (view) => !group.nodes.some((node) => returned(view, node)), {
      roles: group.nodes.map(({ id }) => `shop ${id}`),
    }),
    sometimes('something is put into a basket', (view) => acknowledged(view, 'add'), { roles: ['client'] }),
    sometimes('something is taken out of a basket', (view) => acknowledged(view, 'remove'), { roles: ['client'] }),
    sometimes('a visitor is counted', (view) => acknowledged(view, 'increment'), { roles: ['client'] }),
  ];
}

/** The number at the end is what was acknowledged, and of what is indeterminate any part. */
const visitorsCounted = (total: (view: RunView) => number | undefined): Check => ({
  name: VISITORS_COUNTED,
  kind: 'history',
  promise: 'the number of visitors is all that were acknowledged, and perhaps some of unknown outcome',
  begin: (view) => ({
    finish(): Verdict {
      const base = { check: VISITORS_COUNTED, kind: 'history' } as const;
      const found = total(view);
      if (found === undefined) return { ...base, status: 'undecided', message: 'no node was left to say the number' };
      const counts = view.operations.filter(({ f }) => f === 'increment');
      const number = (counted: (op: Operation) => boolean): number => counts.filter(counted).length;
      const sure = number(({ outcome }) => outcome === 'ok');
      const unknown = number(({ outcome }) => outcome === 'info' || outcome === 'pending');
      const message = `${found} counted; ${sure} acknowledged, ${unknown} of unknown outcome`;
      if (found >= sure && found <= sure + unknown) return { ...base, status: 'held', message };
      const witness = { sentence: message, at: view.end, operations: [], facts: { found, sure, unknown } };
      return { ...base, status: 'violated', message, witness };
    },
  }),
});
