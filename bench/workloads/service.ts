/**
 * A service in three tiers: clients send 10,000 requests a second to a balancer in front of 20 servers (1 ms of work each, so that
 * they are busy half of the time); each request then reads a key through a cache in front of a database. 10,000 keys, Zipf 0.9, a
 * fifth of them cached: two of three reads are hits. Public models only. Counted: events, about nine a request.
 */
import { exponential, us, World } from '../../sim/index.ts';
import { cache, type CacheProtocol } from '../../models/cache/cache.ts';
import { lru } from '../../models/cache/lru.ts';
import { client } from '../../models/client/client.ts';
import { openLoop } from '../../models/client/workload.ts';
import { zipf } from '../../models/client/zipf.ts';
import { leastConnections } from '../../models/balancer/least-connections.ts';
import { loadBalancer } from '../../models/balancer/load-balancer.ts';
import { serverNode, type ServiceProtocol } from '../../models/server/server.ts';
import type { KvProtocol } from '../../models/store/kv-protocol.ts';
import { kvStore } from '../../models/store/kv-store.ts';
import { contest } from '../contest.ts';
import type { Row } from '../row.ts';
import { spreadOf } from '../statistics.ts';
import { bareLoop } from './bare.ts';
import { advance } from './drive.ts';

const RATE = 10_000;
const SERVERS = 20;
const KEYS = 10_000;
const CACHED = 2_000;
const SECOND = 1_000_000;
const SECONDS_A_TURN = 0.5;

function serviceWorld(): World {
  const world = new World({ seed: 'service' });
  world.links({ latency: exponential({ mean: us(250) }) });
  const database = world.node<never, KvProtocol>('database', {
    actor: kvStore({ fsync: 'never', service: exponential({ mean: us(200) }) }) as never,
    cpu: { servers: 4 },
  });
  const front = world.node<never, CacheProtocol>('cache', {
    actor: cache({ store: database, capacity: CACHED, policy: lru() }) as never,
  });
  const servers = world.refs<ServiceProtocol>('s', SERVERS);
  const calls = [{ target: front, message: 'get' }];
  for (const ref of servers) world.node(ref, serverNode({ service: exponential({ mean: us(1_000) }), calls }));
  const balancer = world.node<never, ServiceProtocol>('balancer', {
    actor: loadBalancer<ServiceProtocol, unknown>({ backends: servers, policy: leastConnections() }) as never,
  });
  const popularity = zipf(KEYS, 0.9);
  world.node('clients', {
    actor: client<ServiceProtocol>({
      target: balancer,
      workload: openLoop({ rate: RATE }),
      operation: (_ctx, _n, draws) => ({ message: 'request', payload: { key: `k${popularity.sample(draws)}` } }),
      record: false,
    }),
  });
  return world;
}

export const service: Row = {
  name: 'service',
  measure({ rounds, size }) {
    const world = serviceWorld();
    let handled = 0;
    const turn = (): number => {
      const events = advance(world, Math.round(SECONDS_A_TURN * size * SECOND));
      handled += events;
      return events;
    };
    const [cost = [], bare = []] = contest(rounds, [{ run: turn }, bareLoop(1_000, 200_000 * size)]);
    const eventsASecond = (handled / world.now) * SECOND;
    return [
      {
        work: 'three tiers at 10,000 requests a virtual second, per event',
        cost: spreadOf(cost),
        reference: spreadOf(bare),
        figure: spreadOf(cost.map((nanoseconds) => 1e9 / (nanoseconds * eventsASecond))),
        unit: '× real time',
        budget: { sense: 'at least', limit: 10 },
      },
    ];
  },
};
