/**
 * A shop: every page needs the catalogue, half of them also show reviews, and reviews come from two services further back. Every server
 * has a thread for each request in progress, and holds it while it waits. What differs between the scenarios is what the shop does
 * while reviews do not come.
 */
import { answeredInTime, exponential, ms, s, sometimes } from '../../sim/index.ts';
import type { Check, Micros, NemesisLimits, NodeRef, WorldBuilder } from '../../sim/index.ts';
import { client, openLoop, serviceGraph } from '../../models/index.ts';
import type { ServerState, ServiceCall, ServiceProtocol } from '../../models/index.ts';

export interface Shop {
  readonly clients: readonly NodeRef[];
  readonly shop: NodeRef<ServiceProtocol>;
  /** At the far end of what is not essential. */
  readonly ratings: NodeRef<ServiceProtocol>;
}

export interface ShopOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Pages a second. */
  readonly rate: number;
  /** How the shop asks for reviews. */
  readonly reviews: Omit<ServiceCall, 'to' | 'share'>;
}

const CLIENTS = 3;
const THREADS = 20;
const PATIENCE = s(1);

export function shopGraph({ world, duration, rate, reviews }: ShopOptions): Shop {
  const nodes = serviceGraph(world, {
    shop: {
      servers: 4,
      threads: THREADS,
      service: ms(1),
      calls: ['catalogue', { ...reviews, to: 'reviews', share: 0.5 }],
    },
    catalogue: { servers: 4, threads: THREADS, service: exponential({ mean: ms(4) }) },
    reviews: { servers: 4, threads: THREADS, service: ms(2), calls: [{ to: 'ratings', deadline: s(10) }] },
    ratings: { servers: 4, threads: 8, service: exponential({ mean: ms(10) }) },
  });
  const [shop, ratings] = [nodes.shop[0], nodes.ratings[0]] as [NodeRef<ServiceProtocol>, NodeRef<ServiceProtocol>];
  const actor = client<ServiceProtocol>({
    target: shop,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
    operation: () => ({ message: 'request', payload: {}, f: 'page' }),
    deadline: PATIENCE,
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, shop, ratings };
}

export const PAGES_COME = 'pages come in time';

/** Pages come, with reviews or without; and reviews were asked for, so that the run says something. */
export const shopChecks = ({ ratings }: Shop): readonly Check[] => [
  answeredInTime({ name: PAGES_COME, share: 0.95, within: PATIENCE }),
  sometimes('every thread of ratings is taken', (view) => (view.state<ServerState>(ratings)?.busy ?? 0) >= 8, {
    roles: ['ratings'],
  }),
];

/** What the design claims: whatever happens to reviews and ratings. All else is as essential as it ever was. */
const limits: NemesisLimits = { roles: { client: [], shop: [], catalogue: [] } };

export const shopNemesis = {
  profiles: ['crashes', 'partitions', 'network', 'clocks', 'load', 'mixed'],
  limits,
};
