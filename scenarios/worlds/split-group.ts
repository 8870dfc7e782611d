/** A group that keeps sets and is split, with clients on both sides; only the rule differs by which a side goes on. */
import {
  always,
  exponential,
  ms,
  noAcknowledgedWriteLost,
  partition,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type NodeView,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  clusterMember,
  kvClient,
  primaryStore,
  splitArbiter,
  type ArbiterProtocol,
  type ClusterMemberState,
  type MemberOptions,
  type MemberProtocol,
  type SplitBrainResolver,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface SplitGroup {
  readonly nodes: readonly NodeRef<MemberProtocol>[];
  readonly clients: readonly NodeRef[];
  /** Where a third place decides. */
  readonly arbiter: NodeRef<ArbiterProtocol>;
}

export interface SplitGroupOptions {
  readonly world: WorldBuilder;
  readonly nodes: number;
  readonly resolver: (nodes: readonly NodeRef[], arbiter: NodeRef<ArbiterProtocol>) => SplitBrainResolver;
  readonly reconcile?: MemberOptions['reconcile'];
  /** Length of the run; clients stop two seconds before it ends. */
  readonly duration: Micros;
}

/** Places members n1, n2, …, an arbiter, and a client beside each member. */
export function splitGroup({ world, nodes: size, resolver, reconcile, duration }: SplitGroupOptions): SplitGroup {
  const nodes = world.refs<MemberProtocol>('n', size);
  const [arbiter] = world.refs<ArbiterProtocol>('arbiter', 1) as [NodeRef<ArbiterProtocol>];
  world.node(arbiter, { actor: splitArbiter() });
  const member = clusterMember({
    nodes,
    resolver: resolver(nodes, arbiter),
    ...(reconcile === undefined ? {} : { reconcile }),
  });
  for (const node of nodes) world.node(node, { actor: member });
  const clients = world.refs<Record<never, never>>('c', size);
  clients.forEach((ref, i) => {
    // Each asks the member beside it first.
    const store = primaryStore({ nodes: [...nodes.slice(i), ...nodes.slice(0, i)], attempt: ms(250), patience: s(1) });
    const client = kvClient({
      store,
      sets: true,
      reads: 0.2,
      think: exponential({ mean: ms(80) }),
      from: ms(500),
      until: duration - s(2),
    });
    world.node(ref, { actor: client });
  });
  return { nodes, clients, arbiter };
}

/** The first two members with their clients on one side, the others and the arbiter on the other. */
export const splitGroupFaults = ({ nodes, clients, arbiter }: SplitGroup): readonly Fault[] => [
  partition({
    at: s(2),
    for: s(3),
    groups: [
      [...nodes.slice(0, 2), ...clients.slice(0, 2)],
      [...nodes.slice(2), ...clients.slice(2), arbiter],
    ],
  }),
];

/** Undefined before it has booted. */
const stateOf = ({ state }: NodeView) => state as ClusterMemberState;

/** Whether it is up and in its view, and has agreed to no other. */
function isActive({ role, state, status }: NodeView): boolean {
  if (role !== 'member' || state === undefined || status !== 'up') return false;
  const member = state as ClusterMemberState;
  return member.role === 'member' && member.attempts.length === 0;
}

/** Whether any two active members differ in their view: mostly not, and this is asked after each event. */
function viewsDiffer(view: RunView): boolean {
  let first: ClusterMemberState['view'] | undefined;
  for (const node of view.nodes) {
    if (!isActive(node)) continue;
    const own = stateOf(node).view;
    first ??= own;
    if (own.epoch !== first.epoch || own.members.length !== first.members.length) return true;
    for (let i = 0; i < own.members.length; i++) if (own.members[i] !== first.members[i]) return true;
  }
  return false;
}

/** Views whose members are all in them and active: only there an element can be acknowledged. */
function activeViews(view: RunView): readonly string[] {
  const members = view.nodes.filter(({ role, state }) => role === 'member' && state !== undefined);
  const keyOf = (node: NodeView): string => `${stateOf(node).view.epoch}: ${stateOf(node).view.members.join(' ')}`;
  const active = new Map(members.filter(isActive).map((node) => [node.id, keyOf(node)]));
  const whole = [...active].filter(([id, key]) => {
    const node = members.find((one) => one.id === id) as NodeView;
    return stateOf(node).view.members.every((name) => active.get(name) === key);
  });
  return [...new Set(whole.map(([, key]) => key))];
}

/** What the members of the latest view hold, whether they go on or not. */
function surviving(view: RunView): readonly string[] | undefined {
  const members = view.nodes.filter(
    (node) => node.role === 'member' && ['member', 'left', 'stopped'].includes(stateOf(node)?.role),
  );
  const latest = Math.max(0, ...members.map((node) => stateOf(node).view.epoch));
  const found = members.filter((node) => stateOf(node).view.epoch === latest);
  if (found.length === 0) return undefined;
  return found.flatMap((node) => Object.values(stateOf(node).sets).flatMap((set) => Object.keys(set)));
}

/** What each rule promises, and what must have happened for the run to show anything. */
export function splitGroupChecks(): readonly Check[] {
  return [
    always(
      'one side is active',
      (view) => {
        if (!viewsDiffer(view)) return true;
        const active = activeViews(view);
        return active.length < 2 || `views are active at the same time: ${active.join('; ')}`;
      },
      { roles: ['member'] },
    ),
    noAcknowledgedWriteLost({ f: 'add', survivors: surviving }),
    sometimes(
      'a view without some members',
      (view) => view.nodes.some((node) => node.role === 'member' && (stateOf(node)?.view.epoch ?? 0) > 1),
      { roles: ['member'] },
    ),
    sometimes(
      'an element is acknowledged in it',
      (view) =>
        view.now > s(3) &&
        view.operations.some(
          ({ f, outcome, invokedAt }) => f === 'add' && outcome === 'ok' && invokedAt > s(3) && invokedAt < s(5),
        ),
      { roles: ['client'] },
    ),
  ];
}

/**
 * Safety alone is claimed: a rule for splits says who stops, and a group that has shrunk stops when it loses most of what is left before the
 * others have joined again. Not claimed: records that rot and disks lost for ever, for a member that has lost everything joins again,
 * but not all at once.
 */
export const splitGroupNemesis = { profiles: ALL_THAT_HEALS, limits: { families: COMES_BACK } };
