/**
 * What a Dynamo-style store promises about carts: no acknowledged add is lost, copies converge, and a put is acknowledged
 * when it is on two disks.
 *
 * A random schedule may keep some nodes paused, down, or apart from the others to the end. So copies are compared among
 * owners that can talk to each other, and what is on the disk of a node that is down counts as kept; but not what was on that
 * of a node which has been replaced.
 */
import {
  converges,
  noAcknowledgedWriteLost,
  quorumReplicaInvariants,
  s,
  sometimes,
  type Check,
  type Operation,
  type RunView,
} from '../../sim/index.ts';
import { cartOf, dynamoEntries, type DynamoState, type ShopperState } from '../../models/index.ts';
import { ownersOf, type DynamoGroup } from './dynamo-group.ts';
import { durableCells, restartFindsTheDisk } from './kept-on-disk.ts';

/** Without a fault and without an add, everything has reached everybody by then. */
const SETTLED = s(3);

/** Disks that a put must be on when it is acknowledged: then one node may be lost for ever, whatever the store's own W is. */
const COPIES = 2;

/** What a put that has just ended was: its shopper has begun no other one. */
function written({ id, client }: Operation, view: RunView): { key: string; stamp: unknown } | undefined {
  const latest = view.state<ShopperState>(client)?.latest;
  return latest?.operation === id ? { key: latest.key, stamp: latest.version } : undefined;
}

function onEnoughDisks(group: DynamoGroup): readonly Check[] {
  const { versioning } = group;
  const all = quorumReplicaInvariants<DynamoState, unknown>({
    roles: ['replica'],
    clients: ['client'],
    stamps: (state) => durableCells(state, versioning),
    compare(a, b) {
      const order = a === b ? 'equal' : versioning.compare(a, b);
      return order === 'equal' ? 0 : order === 'after' ? 1 : -1;
    },
    w: COPIES,
    written,
  });
  // What a node holds for others goes back when it has handed it over.
  return all.filter(({ name }) => name === 'acknowledged writes are on W replicas');
}

type Running = ReadonlyMap<string, DynamoState>;

const running = (view: RunView, { nodes }: DynamoGroup): Running =>
  new Map(
    nodes.flatMap(({ id }) => {
      const state = view.state<DynamoState>(id);
      return state === undefined || state.broken || view.node(id).status !== 'up' ? [] : [[id, state] as const];
    }),
  );

/** The ring that most nodes believe in. */
function ringOfMost(nodes: Running): string {
  const votes = new Map<string, number>();
  for (const { ring } of nodes.values()) votes.set(ring, (votes.get(ring) ?? 0) + 1);
  return [...votes].reduce((most, vote) => (vote[1] > most[1] ? vote : most), ['', 0])[0];
}

/** Whether each of them has reached the other when it last tried. */
const inContact = (a: string, b: string, nodes: Running): boolean =>
  [nodes.get(a)?.suspected[b], nodes.get(b)?.suspected[a]].every((suspected) => suspected === undefined) &&
  nodes.has(a) &&
  nodes.has(b);

/** Owners of a cart that can talk to each other, directly or by way of another one: the most that there are. */
function ownersInContact(cart: string, nodes: Running, group: DynamoGroup): readonly string[] {
  const ring = ringOfMost(nodes);
  // Who is kept apart to the end may not have heard of a change of the ring.
  const owners = ownersOf(cart, ring, group).filter((id) => nodes.get(id)?.ring === ring);
  let most: readonly string[] = [];
  for (const owner of owners) {
    const found = [owner];
    for (const known of found)
      found.push(...owners.filter((other) => !found.includes(other) && inContact(known, other, nodes)));
    if (found.length > most.length) most = found;
  }
  return most;
}

/** What each node has on its disk, as of its last flush. */
type Disks = ReadonlyMap<
  string,
  { readonly boot: number; readonly synced: number; readonly cells: ReadonlyMap<string, unknown> }
>;

/** The cells that count as kept at the end. */
function* keptCells(view: RunView, disks: Disks, group: DynamoGroup): Iterable<unknown> {
  const nodes = running(view, group);
  const ring = ringOfMost(nodes);
  for (const [id, state] of nodes) {
    const { hints } = state;
    const cells = dynamoEntries(state);
    const isStuck = (to: readonly string[]): boolean => to.some((owner) => !inContact(id, owner, nodes));
    for (const cart of group.carts) {
      const owners = ownersOf(cart, ring, group);
      // What should have been handed over, and could have been, does not count.
      if (owners.includes(id) || isStuck(owners)) yield cells.get(cart)?.cell;
      for (const owner in hints) if (isStuck([owner])) yield hints[owner]?.[cart]?.cell;
    }
  }
  for (const [id, { cells }] of disks) if (!nodes.has(id) && id !== group.goneForGood) yield* cells.values();
}

function noAcknowledgedAddLost(group: DynamoGroup): Check {
  const checkOf = (disks: Disks): Check =>
    noAcknowledgedWriteLost({
      f: 'add',
      name: 'no acknowledged add is lost',
      *survivors(view) {
        for (const cell of keptCells(view, disks, group))
          if (cell !== undefined) yield* cartOf(group.versioning.read(cell).values);
      },
    });
  return {
    ...checkOf(new Map()),
    watches: () => group.nodes.map(({ id }) => id),
    begin(view) {
      const disks = new Map<string, Disks extends ReadonlyMap<string, infer D> ? D : never>();
      return {
        ...checkOf(disks).begin(view),
        handled({ id, state }) {
          const { boot = 0, synced = 0 } = (state ?? {}) as Partial<DynamoState>;
          const known = disks.get(id);
          if (synced === 0 || (known?.boot === boot && known.synced === synced)) return;
          disks.set(id, { boot, synced, cells: durableCells(state as DynamoState, group.versioning) });
        },
      };
    },
  };
}

export function dynamoGroupChecks(group: DynamoGroup): readonly Check[] {
  const { carts, versioning } = group;
  return [
    noAcknowledgedAddLost(group),
    ...carts.map((cart) =>
      converges({
        name: `the copies of ${cart} converge`,
        within: SETTLED,
        states(view) {
          const nodes = running(view, group);
          const copies = ownersInContact(cart, nodes, group).map((replica) => {
            const state = nodes.get(replica);
            const cell = (state && dynamoEntries(state).get(cart)?.cell) ?? versioning.empty;
            return { replica, state: cartOf(versioning.read(cell).values) };
          });
          // When all owners are away to the end there is nothing to compare.
          return copies.length > 0 ? copies : [{ replica: 'nobody', state: null }];
        },
      }),
    ),
    ...onEnoughDisks(group),
    restartFindsTheDisk(group.nodes, versioning),
    sometimes('an add is acknowledged', (view) => view.operations.some(({ outcome }) => outcome === 'ok'), {
      roles: ['client'],
    }),
  ];
}

/** Whether the node that joins has a cart. */
export const takenOver = (view: RunView, { carts }: DynamoGroup): boolean => {
  const state = view.state<DynamoState>('n7');
  return state !== undefined && carts.some((cart) => dynamoEntries(state).has(cart));
};
