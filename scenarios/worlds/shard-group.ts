/**
 * A sharded store while it is resharded: two servers, a map service that moves and splits ranges of keys as the clients write, and two
 * routers of which one cannot hear of it. Whether servers look at epochs differs between the scenarios.
 */
import {
  always,
  crash,
  eventually,
  exponential,
  growOnlySet,
  linearizable,
  ms,
  noAcknowledgedWriteLost,
  partition,
  s,
  shardInvariants,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  mapService,
  rangeSharding,
  shardedStore,
  shardMap,
  shardRouter,
  shardServer,
  type KeyRange,
  type KvClientState,
  type MapProtocol,
  type MapServiceState,
  type RouterProtocol,
  type RouterState,
  type ShardProtocol,
  type ShardServerState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface ShardGroup {
  readonly shards: readonly NodeRef<ShardProtocol>[];
  readonly routers: readonly NodeRef<RouterProtocol>[];
  readonly map: NodeRef<MapProtocol>;
}

export interface ShardGroupOptions {
  readonly world: WorldBuilder;
  /** Servers serve only what they own in the epoch that the request names. */
  readonly fencing: boolean;
  /** Length of the run; clients stop two seconds before it ends. */
  readonly duration: Micros;
}

const KEYS = ['ant', 'bee', 'cat', 'hen', 'owl', 'yak'];

/** Servers s1 and s2, routers r1 and r2 with two clients each, the map service m1. */
export function shardGroup({ world, fencing, duration }: ShardGroupOptions): ShardGroup {
  const shards = world.refs<ShardProtocol>('s', 2);
  const [m1] = world.refs<MapProtocol>('m', 1) as [NodeRef<MapProtocol>];
  const sharding = rangeSharding();
  const map = shardMap(sharding, [
    { id: 'a', covers: { from: '', to: 'h' }, owner: 's1' },
    { id: 'h', covers: { from: 'h' }, owner: 's2' },
  ]);
  for (const ref of shards) world.node(ref, { actor: shardServer({ sharding, map, fencing }) });
  const plan = [
    { after: ms(300), kind: 'move', shard: 'h', to: 's1' },
    { after: s(2), kind: 'split', shard: 'a', at: 'c', into: 'c' },
    { after: ms(2_100), kind: 'move', shard: 'c', to: 's2' },
    { after: ms(3_200), kind: 'move', shard: 'h', to: 's2' },
    { after: ms(4_300), kind: 'move', shard: 'h', to: 's1' },
  ] as const;
  world.node(m1, { actor: mapService({ sharding, map, servers: shards, plan }) });
  const routers = world.refs<RouterProtocol>('r', 2);
  for (const ref of routers)
    world.node<RouterState, RouterProtocol>(ref, {
      actor: shardRouter({ sharding, map, servers: shards, mapService: m1 }),
    });
  for (const [i, ref] of world.refs<Record<never, never>>('c', 4).entries()) {
    const router = routers[i % routers.length] as NodeRef<RouterProtocol>;
    const client = kvClient({
      store: shardedStore({ router, initial: [] }),
      keys: KEYS,
      sets: true,
      reads: 0.4,
      think: exponential({ mean: ms(110) }),
      from: ms(100),
      until: duration - s(2),
    });
    world.node<KvClientState, Record<never, never>>(ref, { actor: client });
  }
  return { shards, routers, map: m1 };
}

/** The first router does not hear of the map, while ranges move; and the server that splits one restarts. */
export const shardGroupFaults = ({ shards: [s1], routers: [r1], map }: ShardGroup): readonly Fault[] => [
  ...(r1 === undefined ? [] : [partition({ at: ms(1_500), for: s(3), groups: [[r1], [map]] })]),
  ...(s1 === undefined ? [] : [crash({ at: ms(3_300), for: ms(200), node: s1 })]),
];

const limits: NemesisLimits = {
  roles: { shard: COMES_BACK, map: COMES_BACK, router: COMES_BACK },
};

/** Each range is on one server and its disk: what the disk forgets, or a server that never comes back has, is not claimed. */
export const shardGroupNemesis = { profiles: ALL_THAT_HEALS, limits };

const serversOf = (view: RunView, { shards }: ShardGroup) =>
  shards.flatMap((ref) => {
    const state = view.state<ShardServerState>(ref);
    return state === undefined ? [] : [{ id: ref.id, state }];
  });

/** What is where the latest map says. */
function survivors(view: RunView, group: ShardGroup): readonly unknown[] | undefined {
  const known = view.state<MapServiceState>(group.map)?.known;
  const servers = new Map(serversOf(view, group).map(({ id, state }) => [id, state]));
  if (known === undefined || servers.size < group.shards.length) return undefined;
  const sharding = rangeSharding();
  return known.map.shards.flatMap(({ id, owner, covers }) =>
    Object.entries(servers.get(owner)?.shards[id]?.entries ?? {}).flatMap(([key, { value }]) =>
      sharding.holds(covers as KeyRange, key) ? (value ?? []) : [],
    ),
  );
}

function twoOwners(view: RunView, group: ShardGroup): true | string {
  const owners = new Map<string, string>();
  for (const { id, state } of serversOf(view, group)) {
    for (const [shard, { role }] of Object.entries(state.shards)) {
      const other = owners.get(shard);
      if (role !== 'owner') continue;
      if (other !== undefined) return `${other} and ${id} both serve shard ${shard}`;
      owners.set(shard, id);
    }
  }
  return true;
}

/** A server or a map service whose disk has failed to sync waits for a restart that nobody owes. */
function isServed(view: RunView, group: ShardGroup): boolean {
  const service = view.state<MapServiceState>(group.map);
  const servers = serversOf(view, group);
  if (service === undefined || service.failed || servers.some(({ state }) => state.failed))
    return service !== undefined;
  return service.known.map.shards.every(({ id, epoch, owner }) => {
    const held = servers.find((one) => one.id === owner)?.state.shards[id];
    return held?.role === 'owner' && held.epoch === epoch;
  });
}

export const ONE_OWNER = 'every key has one owner at most';

export function shardGroupChecks(group: ShardGroup): readonly Check[] {
  const done = (view: RunView): number => view.state<MapServiceState>(group.map)?.known.done ?? 0;
  return [
    noAcknowledgedWriteLost({ f: 'add', survivors: (view) => survivors(view, group) }),
    linearizable(growOnlySet()),
    always(ONE_OWNER, (view) => twoOwners(view, group), { roles: ['shard'] }),
    ...shardInvariants<ShardServerState>({
      roles: ['shard'],
      view: ({ epoch, shards }) => ({
        epoch,
        owns: Object.keys(shards).filter((id) => shards[id]?.role === 'owner'),
      }),
    }),
    eventually('every key has an owner that serves it', (view) => isServed(view, group), { within: s(2) }),
    sometimes('a shard has moved', (view) => done(view) > 0, { roles: ['map'] }),
    sometimes(
      'an add is acknowledged',
      (view) => view.operations.some(({ f, outcome }) => f === 'add' && outcome === 'ok'),
      { roles: ['client'] },
    ),
  ];
}
