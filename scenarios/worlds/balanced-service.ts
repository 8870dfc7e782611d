/**
 * Clients who ask a service of five servers through balancers. One server could be missing: each can do 500 requests a second and
 * is asked for 30. What differs between the scenarios is what the balancers do about a server that is dead or slow, and what
 * clients can do about a balancer that is.
 */
import { always, answeredInTime, exponential, fixedBackoff, ms, noRequestLost, s, sometimes } from '../../sim/index.ts';
import type { Actor, Check, Micros, NemesisLimits, NodeRef, RunView, WorldBuilder } from '../../sim/index.ts';
import { client, loadBalancer, openLoop, serverNode, virtualAddress } from '../../models/index.ts';
import type { BalancerPolicy, LoadBalancerOptions, LoadBalancerState, ServiceProtocol } from '../../models/index.ts';

type Options = LoadBalancerOptions<ServiceProtocol, unknown>;
export type Policy = BalancerPolicy<unknown>;

export interface BalancedService {
  readonly clients: readonly NodeRef[];
  readonly balancers: readonly NodeRef<ServiceProtocol>[];
  readonly servers: readonly NodeRef<ServiceProtocol>[];
}

export interface BalancedServiceOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  readonly balancer: Omit<Options, 'backends' | 'vrrp'>;
  /** One balancer; two that share an address; or two that clients know. Default `one`. */
  readonly redundancy?: Redundancy;
  /** Attempts of a client at one request. Default 1. */
  readonly attempts?: number;
}

export const REDUNDANCIES = ['one', 'shared-address', 'both-known'] as const;
export type Redundancy = (typeof REDUNDANCIES)[number];

const CLIENTS = 4;
const SERVERS = 5;
/** A server alone takes 8 ms on average; one answer in 250,000 takes longer than this. */
const IN_TIME = ms(100);

/** Places s1…s5, lb1 (and lb2), perhaps `address`, and c1…c4. */
export function balancedService(options: BalancedServiceOptions): BalancedService {
  const { world, duration, rate, redundancy = 'one', attempts = 1 } = options;
  const servers = world.refs<ServiceProtocol>('s', SERVERS);
  for (const ref of servers) world.node(ref, serverNode({ servers: 4, service: exponential({ mean: ms(8) }) }));
  const balancers = world.refs<ServiceProtocol>('lb', redundancy === 'one' ? 1 : 2);
  const target = redundancy === 'shared-address' ? sharedAddress(options, balancers, servers) : balancers;
  if (redundancy !== 'shared-address')
    for (const ref of balancers) world.node(ref, { actor: balancerOf(options, servers) });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  const asker = client<ServiceProtocol>({
    target,
    // Two balancers need a while to agree on who has the address.
    workload: openLoop({ rate: rate / CLIENTS, from: ms(500), until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: {} }),
    deadline: ms(400),
    ...(attempts === 1 ? {} : { retry: fixedBackoff({ attempts, base: ms(100), cap: ms(100) }) }),
  });
  for (const ref of clients) world.node(ref, { actor: asker });
  return { clients, balancers, servers };
}

const balancerOf = (
  { balancer }: BalancedServiceOptions,
  backends: Options['backends'],
  vrrp?: Options['vrrp'],
): Actor<LoadBalancerState<unknown>, ServiceProtocol> =>
  loadBalancer<ServiceProtocol, unknown>({ ...balancer, backends, ...(vrrp === undefined ? {} : { vrrp }) });

function sharedAddress(
  options: BalancedServiceOptions,
  balancers: readonly NodeRef<ServiceProtocol>[],
  servers: Options['backends'],
): NodeRef<ServiceProtocol> {
  const { world } = options;
  const address = world.node('address', { actor: virtualAddress<ServiceProtocol>() });
  for (const [i, ref] of balancers.entries()) {
    const peers = balancers.filter((other) => other !== ref);
    const vrrp = { address, peers, priority: 200 - 100 * i, interval: ms(100) };
    world.node(ref, { actor: balancerOf(options, servers, vrrp) });
  }
  return address;
}

const total = (view: RunView, nodes: readonly NodeRef[], counter: string): number =>
  nodes.reduce((sum, { id }) => sum + view.metrics.counter(id, counter).value, 0);

/**
 * A balancer never counts fewer than no requests in progress at a server, and ejects no more than half of the servers, whatever
 * they do.
 */
const bookkeeping = (balancers: readonly NodeRef[]): Check =>
  always(
    'a balancer keeps its books',
    (view) => {
      for (const { id } of balancers) {
        const state = view.state<LoadBalancerState<unknown>>(id);
        if (state === undefined) continue;
        const negative = state.backends.find(({ inFlight }) => inFlight < 0);
        if (negative !== undefined)
          return { sentence: `${id} counts ${negative.inFlight} requests in progress at ${negative.id}`, nodes: [id] };
        const out = state.backends.filter(({ ejectedUntil }) => ejectedUntil > view.now).length;
        if (out > SERVERS / 2) return { sentence: `${id} has ejected ${out} of ${SERVERS} servers`, nodes: [id] };
      }
      return true;
    },
    { roles: ['balancer'] },
  );

/** That nothing is lost beyond what finding out takes, and that there was something to find out. */
export const availabilityChecks = ({ balancers, clients }: BalancedService, within: Micros): readonly Check[] => [
  noRequestLost({ needs: ['server'], within }),
  bookkeeping(balancers),
  sometimes(
    'a request has to be tried again, or is lost',
    (view) => total(view, balancers, 'retried') + total(view, clients, 'retries') + total(view, clients, 'info') > 0,
    { roles: ['client'] },
  ),
];

/** That answers are quick although a server is not, and that one was not. */
export const latencyChecks = ({ clients, balancers }: BalancedService): readonly Check[] => [
  answeredInTime({ within: IN_TIME, share: 0.97 }),
  bookkeeping(balancers),
  sometimes(
    'an answer is late',
    ({ metrics }) => clients.some(({ id }) => metrics.histogram(id, 'latency').max > IN_TIME),
    { roles: ['client'] },
  ),
];

interface Nemesis {
  readonly profiles: readonly string[];
  readonly limits: NemesisLimits;
}

/**
 * Servers go and come back, no more than two of five at a time. Nobody else is hit: a late link or a client that sleeps is not
 * for a balancer to make good, and a balancer that goes is the next question.
 */
export const deadServerNemesis: Nemesis = {
  profiles: ['crashes', 'zones', 'mixed'],
  limits: { families: ['crash', 'pause', 'zone'], roles: { client: [], balancer: [], address: [] } },
};

/** The same, and balancers go too, one of two at a time. The address is the switch of the segment: it is always there. */
export const deadBalancerNemesis: Nemesis = {
  profiles: ['crashes', 'zones', 'mixed'],
  limits: { families: ['crash', 'pause', 'zone'], roles: { client: [], address: [] } },
};

/**
 * One of the five servers is slow, as often and for as long as may be. With two of them, one pair of candidates in ten would be
 * both, and a policy that looks at two has no good one to choose.
 */
export const slowServerNemesis: Nemesis = {
  profiles: ['crashes', 'mixed'],
  limits: { families: ['slow'], roles: { client: [], balancer: [], address: [] }, spare: ['s2', 's3', 's4', 's5'] },
};
