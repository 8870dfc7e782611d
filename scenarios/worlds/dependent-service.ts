/**
 * Clients in front of a service that needs a database, and a database that becomes slow for a while. Load is well below capacity:
 * the database can do 250 requests a second and is asked for 150. What differs between the scenarios is how clients retry and
 * whether anybody ever refuses anything.
 */
import { always, exponential, goodputReturns, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RetryPolicy, RunView, WorldBuilder } from '../../sim/index.ts';
import { client, openLoop, serverNode } from '../../models/index.ts';
import type { RetryBudgetOptions, ServiceProtocol } from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface DependentService {
  readonly clients: readonly NodeRef[];
  readonly service: NodeRef<ServiceProtocol>;
  readonly database: NodeRef<ServiceProtocol>;
  readonly budget: RetryBudgetOptions | undefined;
}

export interface DependentServiceOptions {
  readonly world: WorldBuilder;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  readonly duration: Micros;
  /** How clients retry. */
  readonly retry: RetryPolicy;
  readonly budget?: RetryBudgetOptions;
  /** True: nobody queues for longer than 50 ms or works for callers who have given up. */
  readonly sheds: boolean;
}

const CLIENTS = 10;
const PATIENCE = ms(250);

export function dependentService({
  world,
  rate,
  duration,
  retry,
  budget,
  sheds,
}: DependentServiceOptions): DependentService {
  const shedding = sheds ? { maxQueueTime: ms(50) } : {};
  const database = world.node(
    'database',
    serverNode({ role: 'database', servers: 2, service: exponential({ mean: ms(8) }), ...shedding }),
  );
  const calls = [{ target: database, deadline: PATIENCE }];
  const service = world.node(
    'service',
    serverNode({ role: 'service', servers: 4, service: ms(1), calls, ...shedding }),
  );
  const actor = client<ServiceProtocol>({
    target: service,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: sheds ? { within: PATIENCE } : {} }),
    deadline: PATIENCE,
    retry,
    ...(budget === undefined ? {} : { budget }),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, service, database, budget };
}

const total = (view: RunView, clients: readonly NodeRef[], counter: string): number =>
  clients.reduce((sum, { id }) => sum + view.metrics.counter(id, counter).value, 0);

/** No client retries more often than its budget allows: what it began with, and a share of its requests. */
function retriesArePaid(clients: readonly NodeRef[], { share = 0.1, initial = 10 }: RetryBudgetOptions): Check {
  return always(
    'retries stay within their budget',
    ({ metrics }) => {
      for (const { id } of clients) {
        const retries = metrics.counter(id, 'retries').value;
        const offered = metrics.counter(id, 'offered').value;
        if (retries > initial + share * offered)
          return { sentence: `${id} has retried ${retries} times with ${offered} requests`, nodes: [id] };
      }
      return true;
    },
    // Each request that matters comes by there: often enough to look.
    { roles: ['database'] },
  );
}

/** That the service comes back, and that the fault bites, so that a run which nothing disturbed proves nothing. */
export const dependentServiceChecks = ({ clients, budget }: DependentService): readonly Check[] => [
  goodputReturns({ within: s(5) }),
  ...(budget === undefined ? [] : [retriesArePaid(clients, budget)]),
  sometimes('an operation is retried', (view) => total(view, clients, 'retries') > 0, { roles: ['client'] }),
];

/** Without its one service or its one database there is nothing to come back. */
const limits: NemesisLimits = { roles: { service: COMES_BACK, database: COMES_BACK } };

export const dependentServiceNemesis = { profiles: ALL_THAT_HEALS, limits };
