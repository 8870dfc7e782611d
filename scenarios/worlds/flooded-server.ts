/**
 * A server at 85 % of its capacity, clients who wait for half a second and never try again, and three seconds in which four times as many
 * requests come. What differs between the scenarios is whom the server serves first.
 */
import { exponential, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, RunView, WorldBuilder } from '../../sim/index.ts';
import { client, openLoop, serverNode } from '../../models/index.ts';
import type { QueueDiscipline, ServiceProtocol } from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface FloodedServer {
  readonly clients: readonly NodeRef[];
  readonly server: NodeRef<ServiceProtocol>;
}

const CLIENTS = 5;
const SERVERS = 2;

export interface FloodedServerOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Requests a second, of all clients together; the server can do 100. */
  readonly rate: number;
  /** Default: the server's own, first come first served. */
  readonly discipline?: QueueDiscipline;
}

export function floodedServer({ world, duration, rate, discipline }: FloodedServerOptions): FloodedServer {
  const service = exponential({ mean: ms(20) });
  const queue = discipline === undefined ? {} : { discipline };
  const server = world.node('server', serverNode({ servers: SERVERS, service, ...queue }));
  const actor = client<ServiceProtocol>({
    target: server,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: {} }),
    deadline: ms(500),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, server };
}

const tooLate = (view: RunView, clients: readonly NodeRef[]): boolean =>
  clients.some(({ id }) => view.metrics.counter(id, 'info').value + view.metrics.counter(id, 'fail').value > 0);

/** That goodput returns is checked by default; here, that somebody went without an answer, so that there was something to return from. */
export const floodedServerChecks = ({ clients }: FloodedServer): readonly Check[] => [
  sometimes('a client goes without an answer', (view) => tooLate(view, clients), { roles: ['client'] }),
];

/** Without its one server there is nothing to come back. */
const limits: NemesisLimits = { roles: { server: COMES_BACK } };

export const floodedServerNemesis = { profiles: ALL_THAT_HEALS, limits };
