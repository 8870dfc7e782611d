/** Policies among other parts: client → limiter → sidecar with every policy → balancer → cache → store, and around the calls of a server. */
import { describe, expect, test } from '@jest/globals';
import { constant, fullJitter, immediateRetry, ms, s, type NodeRef } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  bulkhead,
  circuitBreaker,
  client,
  fallback,
  hedge,
  kvOperations,
  kvStore,
  leastConnections,
  limiter,
  loadBalancer,
  openLoop,
  retryAround,
  serverNode,
  sidecar,
  timeLimit,
  tokenBucket,
  type KvProtocol,
  type Policy,
  type ServerState,
  type ServiceProtocol,
  type SidecarState,
} from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

const policies = (): Policy[] => [
  timeLimit({ after: '150ms' }),
  retryAround({ backoff: fullJitter({ attempts: 3, base: ms(5) }), budget: {} }),
  circuitBreaker({ openFor: '100ms', probes: 2 }),
  bulkhead({ limit: 50, queue: 10 }),
];

/** Each part on a node of its own, 1 ms apart; the store takes 5 ms. */
function chain(order: readonly ('limiter' | 'sidecar' | 'balancer')[], seed = 'chain', trace?: Trace): World {
  const world = new World({ seed, ...(trace === undefined ? {} : { trace }) });
  world.links({ latency: constant(ms(1)) });
  let target: NodeRef<KvProtocol> = world.node('store', {
    actor: kvStore({ service: '5ms', fsync: 'never' }),
    cpu: { servers: 4 },
  });
  for (const part of [...order].reverse()) {
    if (part === 'limiter')
      target = world.node(part, { actor: limiter({ target, policy: tokenBucket({ rate: 1_000 }) }) });
    else if (part === 'sidecar')
      target = world.node(part, { actor: sidecar<KvProtocol>({ targets: [target], policies: policies() }) });
    else
      target = world.node(part, {
        actor: loadBalancer<KvProtocol, object>({ backends: [target], policy: leastConnections() }),
      });
  }
  const actor = client({
    target,
    ...kvOperations({ keys: 5 }),
    workload: openLoop({ rate: 100, operations: 200 }),
    deadline: '400ms',
  });
  world.node('client', { actor });
  return world;
}

const ORDERS = [
  ['sidecar'],
  ['sidecar', 'limiter'],
  ['limiter', 'sidecar'],
  ['sidecar', 'balancer'],
  ['balancer', 'sidecar'],
  ['limiter', 'sidecar', 'balancer'],
  ['balancer', 'limiter', 'sidecar'],
] as const;

describe.each(ORDERS.map((order) => [['client', ...order, 'store'].join(' → '), order] as const))(
  '%s',
  (_name, order) => {
    test('latencies add up exactly, and policies add none', () => {
      const world = chain(order);
      drive(world, s(10));
      const latency = world.metrics.histogram('client', 'latency');
      expect([latency.min, latency.count]).toEqual([2 * ms(1) * (order.length + 1) + ms(5), 200]);
      expect(latency.quantile(0.5)).toBeLessThan(1.01 * latency.min);
    });

    test('under a crash of the store every operation ends once, and nothing is left behind', () => {
      const hexes = [undefined, new Trace({})].map((trace) => {
        const world = chain(order, 'crash', trace);
        drive(world, s(1));
        crash(world, world.named('store'));
        drive(world, s(1) + ms(300));
        restart(world, world.named('store'));
        drive(world, s(40));
        const count = (name: string): number => world.metrics.counter('client', name).value;
        expect(count('ok') + count('fail') + count('info')).toBe(200);
        const later = world.history.operations.filter(({ invokedAt }) => invokedAt >= s(1) + ms(600));
        expect([later.length > 20, later.filter(({ outcome }) => outcome !== 'ok')]).toEqual([true, []]);
        for (const node of world.nodes) expect([node.id, node.flows.count, node.cpu.busy]).toEqual([node.id, 0, 0]);
        expect((world.named('sidecar').state as SidecarState).inFlight).toBe(0);
        return world.digest.hex();
      });
      expect(hexes[1]).toBe(hexes[0]);
    });
  },
);

describe('around the calls of a server and of a client', () => {
  const load = (target: NodeRef<ServiceProtocol>, rest: object = {}) =>
    client<ServiceProtocol>({
      target,
      workload: openLoop({ rate: 100, operations: 300 }),
      operation: () => ({ message: 'request', payload: {} }),
      ...rest,
    });

  test('a breaker and a fallback keep the server answering while its dependency is down', () => {
    const world = new World({ seed: 'server' });
    world.links({ latency: constant(ms(1)) });
    const database = world.node('database', serverNode({ servers: 4, service: '5ms' }));
    const around = [
      fallback({ answer: () => ({ by: 'nobody' }) }),
      circuitBreaker({ openFor: '200ms', probes: 1 }),
      timeLimit({ after: '50ms' }),
    ];
    const target = world.node('server', serverNode({ servers: 4, calls: [{ target: database, policies: around }] }));
    world.node('client', { actor: load(target) });
    drive(world, s(1));
    crash(world, world.named('database'));
    drive(world, s(2));
    const { guard } = world.named('server').state as ServerState;
    expect(guard?.states[1]?.[1]).not.toMatchObject({ mode: 'closed' });
    restart(world, world.named('database'));
    drive(world, s(10));
    expect(world.metrics.counter('client', 'ok').value).toBe(300);
    expect(world.metrics.counter('server', 'database fallback').value).toBeGreaterThan(50);
    expect((world.named('server').state as ServerState).inFlight).toBe(0);
    const { marks } = world.metrics.toJSON();
    expect(marks?.find(({ scope, name }) => scope === 'server' && name === 'database breaker')?.value).toBe('closed');
  });

  test('a client that hedges and sends deadlines along is served by the other server, and the slow one is told to forget', () => {
    const world = new World({ seed: 'client' });
    world.links({ latency: constant(ms(1)) });
    const targets = ['s1', 's2'].map((name) =>
      world.node(name, serverNode({ servers: 2, service: '5ms', cancellable: true })),
    );
    const actor = client<ServiceProtocol>({
      target: targets,
      workload: openLoop({ rate: 100, operations: 300 }),
      operation: () => ({ message: 'request', payload: {} }),
      policies: [hedge({ after: '20ms', budget: { share: 1 } })],
      retry: immediateRetry({ attempts: 2 }),
      deadline: '300ms',
      overall: '500ms',
      propagates: true,
      cancels: true,
    });
    world.node('client', { actor });
    world.start();
    world.named('s1').cpu.slowdown = 40;
    drive(world, s(20));
    expect(world.metrics.counter('client', 'ok').value).toBe(300);
    expect(world.metrics.histogram('client', 'latency').quantile(0.99)).toBeLessThan(ms(60));
    expect(world.metrics.counter('s1', 'cancelled').value).toBeGreaterThan(50);
    const s1 = world.named('s1').state as ServerState;
    expect([s1.inFlight, s1.busy, s1.queue]).toEqual([0, 0, []]);
  });

  test('admission guards the server itself', () => {
    const world = new World({ seed: 'admission' });
    world.links({ latency: constant(0) });
    const target = world.node('server', serverNode({ service: '50ms', admission: [bulkhead({ limit: 2 })] }));
    world.node('client', { actor: load(target) });
    drive(world, s(20));
    expect(world.metrics.gauge('server', 'bulkhead').toJSON().max).toBe(2);
    expect(world.metrics.counter('client', 'fail').value).toBe(
      world.metrics.counter('server', 'bulkhead refused').value,
    );
  });
});
