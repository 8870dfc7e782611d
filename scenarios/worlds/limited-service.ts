/**
 * Tenants who may each make so many requests a second, gateways that limit them, and the service behind. It could do far
 * more: what is at stake is the limit. Tenants normally ask for less than that; what differs between the scenarios is how
 * gateways count.
 */
import { ms, rateLimitInvariants, s, sometimes } from '../../sim/index.ts';
import type {
  Actor,
  Check,
  Micros,
  NemesisLimits,
  NodeRef,
  RateLimitOptions,
  RunView,
  WorldBuilder,
} from '../../sim/index.ts';
import {
  centralLimiter,
  client,
  inAnyWindow,
  limitStore,
  openLoop,
  requestsWithin,
  serverNode,
  slidingWindowLog,
} from '../../models/index.ts';
import type {
  Counting,
  LimiterPolicy,
  LimiterState,
  LimitStoreProtocol,
  RequestBound,
  ServiceProtocol,
  SlidingWindowLogState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

export interface LimitedService {
  readonly clients: readonly NodeRef[];
  readonly gateways: readonly NodeRef<ServiceProtocol>[];
  /** Where the gateways count together, if they do. */
  readonly store: NodeRef<LimitStoreProtocol> | undefined;
  readonly service: NodeRef<ServiceProtocol>;
}

export interface LimitedServiceOptions<G, S> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Requests a second of each tenant. */
  readonly rate: number;
  /** Default 1. */
  readonly tenants?: number;
  /** Default 1. */
  readonly gateways?: number;
  /** Default: none. */
  readonly store?: Actor<S, LimitStoreProtocol>;
  /** What each gateway runs. */
  readonly gateway: (
    service: NodeRef<ServiceProtocol>,
    store: NodeRef<LimitStoreProtocol>,
  ) => Actor<G, ServiceProtocol>;
  /** Each tenant keeps to one gateway, which is home to as few others as can be. Default: any gateway, each time anew. */
  readonly sticky?: boolean;
}

/** Of whom a request is: what gateways count by. */
export const tenantOf = (_message: string, payload: unknown): string => (payload as { readonly key: string }).key;

/** Places `service`, perhaps `store`, the gateways g1… and a client for each tenant. */
export function limitedService<G, S = never>(options: LimitedServiceOptions<G, S>): LimitedService {
  const { world, duration, rate, tenants = 1, sticky = false } = options;
  const service = world.node('service', serverNode({ servers: 8, service: ms(2) }));
  const store = options.store === undefined ? undefined : world.node('store', { actor: options.store });
  const gateways = world.refs<ServiceProtocol>('g', options.gateways ?? 1);
  // Gateways of a world without a store do not look at it.
  const actor = options.gateway(service, store as NodeRef<LimitStoreProtocol>);
  for (const ref of gateways) world.node(ref, { actor });
  const clients = world.refs<Record<never, never>>('c', tenants);
  for (const [i, ref] of clients.entries()) {
    const key = `tenant-${ref.id}`;
    const home = gateways[i % gateways.length] as NodeRef<ServiceProtocol>;
    const tenant = client<ServiceProtocol>({
      target: sticky ? home : gateways,
      workload: openLoop({ rate, until: duration - ms(250) }),
      operation: () => ({ message: 'request', payload: { key }, key }),
      deadline: ms(250),
    });
    world.node(ref, { actor: tenant });
  }
  return { clients, gateways, store, service };
}

export interface CentralServiceOptions extends Pick<
  LimitedServiceOptions<unknown, unknown>,
  'world' | 'duration' | 'rate'
> {
  /** Requests of a tenant in any second. */
  readonly limit: number;
  readonly counting: (policy: LimiterPolicy<SlidingWindowLogState>) => Counting;
  readonly onStoreFailure?: 'open' | 'closed';
}

/** Four gateways that count in one store, whose counts are lost in a crash, and which waits then. */
export function centralService({ limit, counting, onStoreFailure, ...rest }: CentralServiceOptions): LimitedService {
  const policy = slidingWindowLog({ limit });
  const central = { counting: counting(policy), onStoreFailure: onStoreFailure ?? 'closed', keyOf: tenantOf };
  return limitedService({
    ...rest,
    gateways: 4,
    store: limitStore({ policy, afterCrash: 'wait' }),
    gateway: (target, store) => centralLimiter({ target, store, ...central }),
  });
}

/** That the limit holds, and that somebody met it, so that a run in which nobody asked for too much proves nothing. */
export const limitChecks = (limit: number, { gateways }: LimitedService): readonly Check[] => [
  limitHolds(inAnyWindow(limit, s(1)), 'the limit holds in any second'),
  sometimes('a request is refused', (view) => refused(view, gateways) > 0, { roles: ['client'] }),
];

/** The same, as a gateway that stands alone sees it: when it admits, not when the tenant is answered. */
export const gateKeeps = (bound: RateLimitOptions<LimiterState<unknown>>['bound']): readonly Check[] =>
  rateLimitInvariants<LimiterState<unknown>>({
    counts: ({ admitted }) => ({ admitted }),
    bound,
    roles: ['limiter'],
  }).filter(({ name }) => name === GATE_KEEPS);

export const GATE_KEEPS = 'no more than the limit is admitted';

export const limitHolds = (bound: RequestBound, name: string): Check => requestsWithin(bound, { name });

const refused = (view: RunView, gateways: readonly NodeRef[]): number =>
  gateways.reduce((sum, { id }) => sum + view.metrics.counter(id, 'limited').value, 0);

/**
 * Whoever is the only one comes back. A limiter's second is a second of its own clock: nobody claims that it holds while that
 * clock runs fast (a store's, where it decides). The service is not slowed: several such faults together make one request
 * last until after the end, and goodput is then not the limiter's to bring back.
 */
const ON_TIME = COMES_BACK.filter((family) => family !== 'clock');
const NOT_SLOWED = COMES_BACK.filter((family) => family !== 'slow');
const limits: NemesisLimits = { roles: { server: NOT_SLOWED, limiter: ON_TIME, 'limit-store': ON_TIME } };

export const limitNemesis = { profiles: ALL_THAT_HEALS, limits };
