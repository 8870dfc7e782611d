/**
 * Shopping carts in a Dynamo-style store: six nodes in three zones, three copies of a cart, shoppers who add items to the
 * same few carts. How versions are told apart, how many copies count, and what the disk does differ between the scenarios.
 */
import {
  crash,
  exponential,
  ms,
  partition,
  partitionPartial,
  s,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  dynamoNode,
  rangeOf,
  rangePlacements,
  ringOperator,
  shopper,
  type DynamoOptions,
  type DynamoProtocol,
  type RingStep,
  type Versioning,
} from '../../models/index.ts';
import { STAYS_UP } from './claims.ts';

const REPLICAS = 3;
const RANGES = 16;
const VIRTUAL_NODES = 32;
/** Far fewer than in earnest: a run is to have many flushes and merges, and crashes in the middle of them. */
const MEMORY_RECORDS = 3;
const ZONES = ['east', 'west', 'north'] as const;

export interface DynamoGroup {
  readonly nodes: readonly NodeRef<DynamoProtocol>[];
  readonly shoppers: readonly NodeRef[];
  readonly carts: readonly string[];
  readonly versioning: Versioning;
  /** The first owner of the first cart, when the run begins. */
  readonly firstOwner: string;
  /** Who is taken out of the ring: what it has on its disk is lost. */
  readonly goneForGood: string | undefined;
}

export interface DynamoGroupOptions extends Pick<DynamoOptions, 'readQuorum' | 'writeQuorum' | 'fsync'> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  readonly versioning: Versioning;
  /** Default 6. */
  readonly nodes?: number;
  /** Default 3. */
  readonly shoppers?: number;
  /** Keys of the carts. Default `cart-1` … `cart-5`. */
  readonly carts?: readonly string[];
  /** Names of the members at first. Default: all nodes. */
  readonly members?: readonly string[];
  /** Nodes that join and leave; told the first owner of the first cart. */
  readonly steps?: (firstOwner: string) => readonly RingStep[];
}

const zoneOf = (at: number): string => ZONES[at % ZONES.length] as string;

/**
 * Places nodes n1, n2, … in three zones, shoppers c1, c2, …, and an operator when nodes come or go. Shoppers stop four
 * seconds before the end.
 */
export function dynamoGroup({
  world,
  duration,
  nodes: size = 6,
  shoppers: shopping = 3,
  carts = ['cart-1', 'cart-2', 'cart-3', 'cart-4', 'cart-5'],
  steps,
  ...store
}: DynamoGroupOptions): DynamoGroup {
  const nodes = world.refs<DynamoProtocol>('n', size);
  const zones = Object.fromEntries(nodes.map(({ id }, at) => [id, zoneOf(at)]));
  const actor = dynamoNode({
    nodes,
    zones,
    replicas: REPLICAS,
    ranges: RANGES,
    virtualNodes: VIRTUAL_NODES,
    memoryRecords: MEMORY_RECORDS,
    ...store,
  });
  nodes.forEach((node, at) => world.node(node, { actor, zone: zoneOf(at) }));
  const shoppers = world.refs<Record<never, never>>('c', shopping);
  const group = { nodes, shoppers, carts, versioning: store.versioning };
  const ring = (store.members ?? Object.keys(zones)).toSorted().join(' ');
  for (const [at, node] of shoppers.entries()) {
    // Each begins at the first owner of one of the carts.
    const first = nodes.findIndex(({ id }) => id === ownersOf(carts[at % carts.length] as string, ring, group)[0]);
    const asked = [...nodes.slice(first), ...nodes.slice(0, first)];
    const client = shopper({ nodes: asked, carts, think: exponential({ mean: ms(200) }), until: duration - s(4) });
    world.node(node, { actor: client, zone: zoneOf(at) });
  }
  const firstOwner = ownersOf(carts[0] as string, ring, group)[0] as string;
  if (steps !== undefined)
    world.node('operator', {
      actor: ringOperator({ nodes: takesOrders(nodes, firstOwner, store.members), steps: steps(firstOwner) }),
    });
  return { ...group, firstOwner, goneForGood: steps === undefined ? undefined : firstOwner };
}

/** Members that stay are told who comes and who goes. */
const takesOrders = (
  nodes: readonly NodeRef<DynamoProtocol>[],
  leaving: string,
  members: readonly string[] | undefined,
): readonly NodeRef<DynamoProtocol>[] => nodes.filter(({ id }) => id !== leaving && members?.includes(id) !== false);

/** Who keeps a cart, by a ring. */
export function ownersOf(cart: string, ring: string, { nodes }: Pick<DynamoGroup, 'nodes'>): readonly string[] {
  const placement = rangePlacements({
    ranges: RANGES,
    virtualNodes: VIRTUAL_NODES,
    zoneOf: (id) => zoneOf(nodes.findIndex((node) => node.id === id)),
  });
  return placement(ring).lists[rangeOf(cart, RANGES)]?.slice(0, REPLICAS) ?? [];
}

/** The network splits, shoppers and nodes on both sides, and a node crashes meanwhile. */
export function dynamoGroupFaults({ nodes, shoppers }: DynamoGroup, window: { at: Micros; for: Micros }): Fault[] {
  const [n1, , , n4] = nodes;
  const [c1] = shoppers;
  if (n1 === undefined || n4 === undefined || c1 === undefined) return [];
  return [
    partition({ ...window, groups: [[n1, n4, c1], ['*']] }),
    crash({ node: nodes[1] as NodeRef, at: window.at + s(1), for: s(1) }),
  ];
}

/**
 * The first owner of a cart loses touch with all other nodes, though not with shoppers, and a little later it is gone for
 * good.
 */
export function nodeLost({ nodes, firstOwner }: DynamoGroup, at: Micros, apart: Micros): Fault[] {
  const others = nodes.filter(({ id }) => id !== firstOwner);
  return [
    partitionPartial({ at, for: apart, pairs: others.map(({ id }) => [firstOwner, id]) }),
    crash({ at: at + apart, node: firstOwner, stays: true }),
  ];
}

/** Of seven nodes six are members; the seventh joins in place of the first owner of a cart, who leaves for good. */
export const replacement = {
  nodes: 7,
  members: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'],
  // The seventh node comes to own the first one.
  carts: ['cart-3', 'cart-1'],
  steps: (firstOwner: string): readonly RingStep[] => [
    { at: s(5), node: firstOwner, status: 'out' },
    { at: s(5.2), node: 'n7', status: 'in' },
  ],
} as const;

export const dynamoGroupLimits: NemesisLimits = {
  // Items of a shopper whose clock stands still come to the end, when nothing has settled.
  roles: { client: STAYS_UP, operator: [] },
  quietAfter: s(6),
};

/** A cart has three owners, of seven nodes: two of them may be away at a time. */
export const replacementLimits: NemesisLimits = { ...dynamoGroupLimits, maxConcurrentDown: 2 };
