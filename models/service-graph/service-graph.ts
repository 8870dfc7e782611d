/**
 * Service graphs: a world of servers from a small description of who calls whom.
 *
 *     serviceGraph(world, {
 *       gateway: { threads: 50, calls: ['catalogue', { to: 'reviews', optional: true, deadline: '200ms' }], parallel: true },
 *       catalogue: { replicas: 3, service: '4ms', calls: ['database'] },
 *       reviews: { threads: 20, service: '10ms' },
 *       database: { servers: 8, service: exponential({ mean: '2ms' }) },
 *     });
 *
 * Each service is one or more nodes with a server (server.ts): workers, threads, queue, discipline, admission. A call is synchronous
 * (the caller waits, and holds its thread if it has threads) or asynchronous (an event; what becomes of it does not touch the
 * request), to one replica in turn, or to each of them (scatter and gather: the slowest counts). The graph has no cycles: a request
 * that comes back to where it was could wait for itself.
 *
 * What follows without any simulation: a service that needs k others, each available with probability a, is available with a^k; one
 * that can do with any of k is with 1 − (1 − a)^k. What does not follow is overload, which spreads upstream through threads that
 * wait (cascading failure), and that is what graphs are run for.
 */
import { ConfigError, nearest, oneOf } from '../../sim/index.ts';
import type { NodeRef, WorldBuilder } from '../../sim/index.ts';
import { PROPAGATIONS, type DownstreamCall, type ServerOptions } from '../server/server-options.ts';
import { serverNode } from '../server/server.ts';
import type { ServiceProtocol } from '../server/service-protocol.ts';

/** A call of one service to another. */
export interface ServiceCall extends Omit<DownstreamCall, 'target' | 'message' | 'payload'> {
  /** Name of the service called. */
  readonly to: string;
  /** One replica, in turn, or each of them. Default `one`. */
  readonly replicas?: 'one' | 'each';
  /** How many times each request makes the call, at least 1. Default 1. */
  readonly times?: number;
}

export interface Service extends Omit<ServerOptions, 'calls'> {
  /** Nodes, at least 1. One has the service's name; several have it with a number. Default 1. */
  readonly replicas?: number;
  /** Services called by each request, by name or with more to say; in that order unless `parallel`. */
  readonly calls?: readonly (string | ServiceCall)[];
}

/** Services by name. */
export type ServiceGraph = Readonly<Record<string, Service>>;

/** The nodes of each service. */
export type ServiceNodes<G extends ServiceGraph> = { readonly [name in keyof G]: readonly NodeRef<ServiceProtocol>[] };

/** Places the nodes of all services; a service's role is its name unless it says otherwise. Throws ConfigError naming the service. */
export function serviceGraph<const G extends ServiceGraph>(
  world: Pick<WorldBuilder, 'refs' | 'ref' | 'node'>,
  graph: G,
): ServiceNodes<G> {
  checkGraph(graph);
  const nodes: Record<string, readonly NodeRef<ServiceProtocol>[]> = {};
  for (const [name, { replicas = 1 }] of Object.entries(graph)) {
    nodes[name] = replicas === 1 ? [world.ref<ServiceProtocol>(name)] : world.refs<ServiceProtocol>(name, replicas);
  }
  for (const [name, { replicas: _, calls = [], ...options }] of Object.entries(graph)) {
    const made = calls.flatMap((call) => downstream(typeof call === 'string' ? { to: call } : call, nodes));
    const node = serverNode({ role: name, ...options, calls: made });
    for (const ref of nodes[name] ?? []) world.node(ref, node);
  }
  return nodes as ServiceNodes<G>;
}

function downstream(
  { to, replicas = 'one', times = 1, ...call }: ServiceCall,
  nodes: Readonly<Record<string, readonly NodeRef[]>>,
): readonly DownstreamCall[] {
  const targets = nodes[to] as readonly NodeRef[];
  const one = targets.length === 1 ? (targets[0] as NodeRef) : targets;
  const calls = replicas === 'each' ? targets.map((target) => ({ ...call, target })) : [{ ...call, target: one }];
  return Array.from({ length: times }, () => calls).flat();
}

/** Throws ConfigError: unknown services, numbers that make no sense, a cycle. */
function checkGraph(graph: ServiceGraph): void {
  const names = Object.keys(graph);
  const atLeastOne = (value: number, field: string): void => {
    if (!Number.isInteger(value) || value < 1) throw new ConfigError(field, value, 'a whole number of at least 1');
  };
  const callees = new Map<string, readonly string[]>();
  for (const [name, { replicas = 1, calls = [] }] of Object.entries(graph)) {
    atLeastOne(replicas, `services.${name}.replicas`);
    if (!Array.isArray(calls))
      throw new ConfigError(`services.${name}.calls`, calls, 'a list of names of services, or of calls');
    for (const [i, call] of (calls as NonNullable<Service['calls']>).entries()) {
      const where = `services.${name}.calls[${i}]`;
      const {
        to,
        times = 1,
        replicas: which,
        propagates,
      }: ServiceCall = typeof call === 'string' ? { to: call } : call;
      atLeastOne(times, `${where}.times`);
      if (which !== undefined) oneOf(which, ['one', 'each'], `${where}.replicas`);
      if (propagates !== undefined) oneOf(propagates, PROPAGATIONS, `${where}.propagates`);
      if (typeof to !== 'string')
        throw new ConfigError(where, call, 'the name of a service, or a call with it as `to`');
      if (names.includes(to)) continue;
      const near = nearest(to, names);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      throw new ConfigError(where, to, `the name of a service: ${names.join(', ')}${hint}`);
    }
    callees.set(
      name,
      calls.map((call) => (typeof call === 'string' ? call : call.to)),
    );
  }
  const done = new Set<string>();
  const visit = (name: string, above: readonly string[]): void => {
    if (above.includes(name)) throw new ConfigError('services', [...above, name].join(' → '), 'a graph without cycles');
    if (done.has(name)) return;
    for (const callee of callees.get(name) ?? []) visit(callee, [...above, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
}
