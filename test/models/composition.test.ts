/** Parts are worth what they are worth together: every order of limiter, balancer and cache between clients and a store. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, fixedBackoff, linearizable, ms, register, s, us, type NodeRef } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  cache,
  client,
  kvOperations,
  kvStore,
  leastConnections,
  limiter,
  loadBalancer,
  lru,
  openLoop,
  serverNode,
  singleFlight,
  tokenBucket,
} from '../../models/index.ts';
import type { CacheProtocol, KvProtocol, LoadBalancerState, ServerState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { befall, incidents } from '../support/incident.ts';

type Part = 'limiter' | 'balancer' | 'cache';

const orders = (parts: readonly Part[]): Part[][] => [
  [],
  ...parts.flatMap((first) => orders(parts.filter((part) => part !== first)).map((rest) => [first, ...rest])),
];

const CHAINS = orders(['limiter', 'balancer', 'cache']);
const named = (chain: readonly Part[]): string => ['client', ...chain, 'store'].join(' → ');

interface Chain {
  readonly world: World;
  /** Names of everything behind the client, from the front. */
  readonly parts: readonly string[];
  count(name: string, node?: string): number;
}

interface ChainOptions {
  readonly seed?: string;
  readonly trace?: Trace;
  readonly gap?: string;
  readonly operations?: number;
  readonly deadline?: string;
  readonly limit?: number;
}

const FSYNC = us(2_000);
const SERVICE = ms(5);
/** Longer after the last operation than the longest deadline, the limiter's 30 s. */
const AT_REST = s(45);

/** Each part on a node of its own, 1 ms apart; the store takes 5 ms and its fsync 2 ms. */
function chainOf(order: readonly Part[], options: ChainOptions = {}): Chain {
  const { seed = 'chain', trace, gap = '100ms', operations = 100, deadline = '1s', limit = 1_000 } = options;
  const world = new World({ seed, trace });
  world.links({ latency: constant(ms(1)) });
  const parts = ['store'];
  let target: NodeRef<KvProtocol> = world.node('store', {
    actor: kvStore({ service: SERVICE }),
    disk: { fsync: constant(FSYNC) },
  });
  for (const part of [...order].reverse()) {
    if (part === 'limiter') {
      target = world.node('limiter', { actor: limiter({ target, policy: tokenBucket({ rate: limit }) }) });
    } else if (part === 'balancer') {
      target = world.node('balancer', {
        actor: loadBalancer({ backends: [target], policy: leastConnections(), passive: { ejectFor: ms(200) } }),
      });
    } else {
      target = world.node('cache', {
        actor: cache({ store: target, capacity: 3, policy: lru(), refresh: singleFlight() }),
      }) as NodeRef<CacheProtocol> as NodeRef<KvProtocol>;
    }
    parts.unshift(part);
  }
  const retry = fixedBackoff({ attempts: 3, base: ms(20), retryable: (error) => error.definite });
  const workload = openLoop({ gap, operations });
  world.node('client', {
    actor: client({ target, workload, deadline, retry, ...kvOperations({ keys: 6, readShare: 0.7 }) }),
  });
  return { world, parts, count: (name, node = 'client') => world.metrics.counter(node, name).value };
}

/** offered = ok + fail + info + open, in the counters and in the history, and one completion for each operation. */
function expectConservation({ world, count }: Chain): void {
  const { operations } = world.history;
  const ended = (outcome: string): number => operations.filter((op) => op.outcome === outcome).length;
  expect([count('ok'), count('fail')]).toEqual([ended('ok'), ended('fail')]);
  expect(count('offered')).toBe(operations.length);
  expect(ended('ok') + ended('fail') + ended('info') + ended('pending')).toBe(operations.length);
  // Operations lost with a crashed client are info in the history, and the client never counts them.
  expect(count('info')).toBeLessThanOrEqual(ended('info'));
}

/** Nothing is left of any request: no flow, no place in a queue, no worker, no count. */
function expectRest({ world }: Chain): void {
  for (const node of world.nodes) {
    expect([node.id, node.flows.count, node.cpu.busy, node.cpu.queued]).toEqual([node.id, 0, 0, 0]);
    expect([...node.signals.values()].flat()).toEqual([]);
    for (const { inFlight } of (node.state as Partial<LoadBalancerState<unknown>>).backends ?? [])
      expect(inFlight).toBe(0);
  }
}

describe.each(CHAINS.map((order) => [named(order), order] as const))('%s', (_name, order) => {
  test('latencies add up exactly', () => {
    const chain = chainOf(order);
    drive(chain.world, s(15));
    const hops = 2 * ms(1);
    const toStore = hops * chain.parts.length + SERVICE;
    const toCache = hops * (order.indexOf('cache') + 1);
    const seen = new Map<number, number>();
    for (const op of chain.world.history.operations) {
      const latency = op.completedAt - op.invokedAt;
      if (op.f === 'write') expect(latency).toBe(toStore + FSYNC);
      else seen.set(latency, (seen.get(latency) ?? 0) + 1);
    }
    const hits = order.includes('cache') ? chain.count('hits', 'cache') : 0;
    expect(seen.get(toCache) ?? 0).toBe(hits);
    expect([...seen.values()].reduce((sum, n) => sum + n, 0)).toBe((seen.get(toStore) ?? 0) + hits);
    expect(hits > 0).toBe(order.includes('cache'));
    expect(chain.count('ok')).toBe(100);
    expectConservation(chain);
    expectRest(chain);
  });

  test('a slow store slows everything that reaches it, and a crash of any part is seen and got over', () => {
    const chain = chainOf(order, { operations: 600, gap: '10ms', deadline: '200ms' });
    const { world } = chain;
    drive(world, ms(500));
    world.named('store').cpu.slowdown = 4;
    drive(world, s(1));
    world.named('store').cpu.slowdown = 1;
    expect(world.metrics.histogram('client', 'latency').max).toBeGreaterThanOrEqual(
      2 * ms(1) * chain.parts.length + 4 * SERVICE,
    );
    for (const [i, part] of chain.parts.entries()) {
      const at = s(1) + i * ms(800);
      drive(world, at + ms(5));
      const lost = chain.count('info');
      crash(world, world.named(part));
      expect([world.named(part).flows.count, world.named(part).cpu.busy]).toEqual([0, 0]);
      drive(world, at + ms(300));
      restart(world, world.named(part));
      drive(world, at + ms(700));
      expect(chain.count('info')).toBeGreaterThan(lost);
      const served = chain.count('ok');
      drive(world, at + ms(800));
      expect(chain.count('ok')).toBeGreaterThan(served);
      expectConservation(chain);
    }
    drive(world, AT_REST);
    expectConservation(chain);
    expectRest(chain);
  });

  test('under crashes, pauses and overload every operation completes once and nothing is left behind', () => {
    fc.assert(
      fc.property(incidents(order.length + 2, 900), fc.string({ minLength: 1 }), (befalling, seed) => {
        const hexes = [undefined, new Trace({})].map((trace) => {
          const chain = chainOf(order, {
            seed,
            gap: '8ms',
            operations: 120,
            deadline: '100ms',
            limit: 90,
            ...(trace === undefined ? {} : { trace }),
          });
          const { world } = chain;
          for (const incident of befalling)
            befall(world, world.named(['client', ...chain.parts][incident.which] as string), incident);
          drive(world, AT_REST);
          expectConservation(chain);
          expect(world.history.operations.filter((op) => op.outcome === 'pending')).toEqual([]);
          expectRest(chain);
          return world.digest.hex();
        });
        expect(hexes[1]).toBe(hexes[0]);
      }),
      { numRuns: 3 },
    );
  });

  test('the store stays linearizable behind it', () => {
    const chain = chainOf(order, { operations: 300, gap: '4ms' });
    drive(chain.world, s(5));
    const view = { operations: chain.world.history.operations, end: s(5), now: s(5), nodes: [] } as never;
    const { status, message } = linearizable(register()).begin(view).finish();
    expect([status, status === 'held' ? '' : message]).toEqual(['held', '']);
  });
});

describe('in front of servers', () => {
  const service = (front: readonly ('limiter' | 'balancer')[], servers: number) => {
    const world = new World({ seed: 'service' });
    world.links({ latency: constant(ms(1)) });
    const backends = Array.from({ length: servers }, (_, i) =>
      world.node(`s${i + 1}`, serverNode({ service: SERVICE, maxQueueTime: '50ms' })),
    );
    let target = backends[0] as NodeRef<ServiceProtocol>;
    for (const part of [...front].reverse()) {
      target =
        part === 'balancer'
          ? world.node('balancer', {
              actor: loadBalancer<ServiceProtocol, object>({
                backends,
                policy: leastConnections(),
                idempotent: ['request'],
                deadline: ms(100),
              }),
            })
          : world.node('limiter', { actor: limiter({ target, policy: tokenBucket({ rate: 300 }) }) });
    }
    const operation = () => ({ message: 'request', payload: {} }) as const;
    const workload = openLoop({ rate: 250, until: '8s' });
    world.node('client', {
      actor: client({ target, workload, operation, deadline: '1s', retry: fixedBackoff({ attempts: 2, base: ms(5) }) }),
    });
    return { world, count: (name: string, node = 'client'): number => world.metrics.counter(node, name).value };
  };

  test('a crashed backend is masked by the balancer, and seen without it', () => {
    const outcomes = (['balancer', undefined] as const).map((part) => {
      const { world, count } = service(part === undefined ? ['limiter'] : ['limiter', part], 3);
      drive(world, s(2));
      crash(world, world.named('s1'));
      drive(world, s(10));
      return [count('info') + count('fail'), count('offered') - count('ok')];
    });
    expect(outcomes[0]).toEqual([0, 0]);
    expect((outcomes[1] as number[])[0]).toBeGreaterThan(1_000);
  });

  test('a server that sheds is relieved by the balancer: what one refuses another takes', () => {
    const { world, count } = service(['balancer'], 2);
    world.start();
    world.named('s1').cpu.slowdown = 20;
    drive(world, s(10));
    expect(count('shed', 's1')).toBeGreaterThan(0);
    expect(count('retried', 'balancer')).toBeGreaterThan(0);
    const s1 = world.named('s1').state as ServerState;
    expect([s1.busy, s1.inFlight, s1.queue]).toEqual([0, 0, []]);
    expect(count('ok') + count('fail') + count('info')).toBe(count('offered'));
  });

  test('requests past a limit are refused before they cost anything, and retries count against it', () => {
    const { world, count } = service(['limiter', 'balancer'], 3);
    world.start();
    world.named('client').load.spikes.push({ factor: 4, effect: { count: 0 } });
    drive(world, s(10));
    expect(count('limited', 'limiter')).toBeGreaterThan(count('fail'));
    expect(count('admitted', 'limiter')).toBeLessThanOrEqual(300 + 300 * 10);
    expect(count('ok') + count('fail') + count('info')).toBe(count('offered'));
  });
});
