/**
 * Clients who wait for 300 ms, an interface, a service for orders, and a database that is asked for half of what it can do until it becomes four times as slow.
 * What differs between the scenarios is whether the servers know how long anybody waits.
 */
import { exponential, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RunView, Verdict, WorldBuilder } from '../../sim/index.ts';
import { client, lastComeFirstServed, openLoop, serviceGraph } from '../../models/index.ts';
import type { ServiceProtocol } from '../../models/index.ts';
import { COMES_BACK } from './claims.ts';

export interface OrderChain {
  readonly clients: readonly NodeRef[];
  readonly database: NodeRef<ServiceProtocol>;
}

export interface OrderChainOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Orders a second. */
  readonly rate: number;
  /** True: every request says how much time its caller has left, and the database does the newest first. */
  readonly deadlines: boolean;
}

const CLIENTS = 3;

export function orderChain({ world, duration, rate, deadlines }: OrderChainOptions): OrderChain {
  const nodes = serviceGraph(world, {
    interface: { servers: 4, service: ms(1), calls: [{ to: 'orders', deadline: s(2) }] },
    orders: { servers: 4, service: ms(2), calls: [{ to: 'database', deadline: s(2) }] },
    database: {
      servers: 2,
      service: exponential({ mean: ms(10) }),
      ...(deadlines ? { discipline: lastComeFirstServed() } : {}),
    },
  });
  const actor = client<ServiceProtocol>({
    target: nodes.interface,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: {}, f: 'order' }),
    deadline: ms(300),
    propagates: deadlines,
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, database: nodes.database[0] as NodeRef<ServiceProtocol> };
}

export const WORK_IS_WANTED = 'work is for those who still wait';

/** Of what the database does, at most so much is for callers who have gone, as a share of all orders. */
const WASTED = 0.1;

function workIsWanted({ clients, database }: OrderChain): Check {
  const total = (view: RunView, counter: string): number =>
    clients.reduce((sum, { id }) => sum + view.metrics.counter(id, counter).value, 0);
  const verdict = (view: RunView): Verdict => {
    const base = { check: WORK_IS_WANTED, kind: 'slo' } as const;
    const orders = total(view, 'offered');
    const wasted = view.metrics.counter(database.id, 'served').value - total(view, 'ok');
    const message = `the database did ${wasted} of ${orders} orders for nobody`;
    if (wasted <= WASTED * orders) return { ...base, status: 'held', message };
    const witness = { sentence: message, at: view.end, operations: [], facts: { wasted, orders } };
    return { ...base, status: 'violated', message, witness };
  };
  return {
    name: WORK_IS_WANTED,
    kind: 'slo',
    promise: `at most ${100 * WASTED} % of the orders are worked on after their clients have given up`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

export const orderChainChecks = (built: OrderChain): readonly Check[] => [
  workIsWanted(built),
  sometimes(
    'an order comes too late',
    (view) => built.clients.some(({ id }) => view.metrics.counter(id, 'info').value > 0),
    { roles: ['client'] },
  ),
];

/**
 * What the design claims: whatever makes the database slow, stops it, or asks more of it. An answer that is lost on its way was work too.
 */
const SLOWED = COMES_BACK.filter((family) => ['slow', 'pause', 'load'].includes(family));
const limits: NemesisLimits = {
  roles: { client: ['load'], interface: [], orders: [], database: SLOWED },
  maxFaults: 1,
};

export const orderChainNemesis = { profiles: ['crashes', 'load', 'mixed'], limits };
