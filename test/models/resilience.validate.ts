/** Resilience against published figures. */
import { describe, expect, test } from '@jest/globals';
import {
  constant,
  decorrelatedJitter,
  equalJitter,
  exponential,
  exponentialBackoff,
  fullJitter,
  immediateRetry,
  mixture,
  ms,
  s,
  type RetryPolicy,
} from '../../sim/index.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import { World } from '../../sim/world/world.ts';
import {
  adaptiveThrottle,
  client,
  hedge,
  openLoop,
  serverNode,
  sidecar,
  tiedRequests,
  type ServerOptions,
  type ServiceProtocol,
} from '../../models/index.ts';
import { optimisticWriters } from './optimistic-writers.ts';
import { judge, seedsFor, tell } from './oracle-table.ts';

const finish = (world: World, until: number): void =>
  void runUntil(world.queue, until, limitsFrom({ maxEvents: 1e9 }), () => world.dispatch());

describe('[S1] backoff under optimistic concurrency; 400 seeds a cell', () => {
  // The first wait of the blog's exponential curve is base · 2¹, of ours base · 2⁰.
  const doubling = { attempts: 10_000, base: ms(10), cap: s(2) };
  const policies: Readonly<Record<string, RetryPolicy>> = {
    none: immediateRetry({ attempts: 10_000 }),
    exponential: exponentialBackoff(doubling),
    equal: equalJitter(doubling),
    full: fullJitter(doubling),
    decorrelated: decorrelatedJitter({ attempts: 10_000, base: ms(5), cap: s(2) }),
  };
  const rows: readonly (readonly [number, string, number, number])[] = [
    [10, 'none', 379, 50.8],
    [10, 'exponential', 3513, 50.9],
    [10, 'equal', 723, 42.3],
    [10, 'full', 463, 39.0],
    [10, 'decorrelated', 436, 37.7],
    [20, 'none', 605, 152.8],
    [20, 'exponential', 14555, 150.8],
    [20, 'equal', 1610, 108.1],
    [20, 'full', 1000, 100.2],
    [20, 'decorrelated', 826, 100.9],
    [30, 'none', 776, 288.0],
    [30, 'exponential', 22526, 276.7],
    [30, 'equal', 2618, 182.6],
    [30, 'full', 1647, 171.7],
    [30, 'decorrelated', 1243, 180.2],
  ];
  test.each(rows)('%d clients, %s', (clients, name, time, calls) => {
    const runs = seedsFor(`s1/${clients}/${name}`, 400).map((seed) =>
      optimisticWriters(seed, clients, policies[name] as RetryPolicy),
    );
    judge([
      {
        name: `[S1] ${clients} clients, ${name}: ms`,
        published: time,
        figures: runs.map((run) => run.ms),
        tolerance: 0.04,
      },
      {
        name: `[S1] ${clients} clients, ${name}: calls`,
        published: calls,
        figures: runs.map((run) => run.calls),
        tolerance: 0.02,
      },
    ]);
  });

  test('one client: 40 ms, one call', () => {
    const runs = seedsFor('s1/1', 400).map((seed) => optimisticWriters(seed, 1, policies['full'] as RetryPolicy));
    judge([
      { name: '[S1] 1 client: ms', published: 40, figures: runs.map((run) => run.ms), tolerance: 0.04 },
      { name: '[S1] 1 client: calls', published: 1, figures: runs.map((run) => run.calls), tolerance: 0.02 },
    ]);
  });
});

describe('[S2] client-side throttling; also (4, 1.5), which is in no table', () => {
  test.each([
    [3, 2],
    [5, 2],
    [10, 2],
    [10, 1.1],
    [4, 1.5],
  ])('offered %d times the capacity, K %d', (x, multiplier) => {
    const capacity = 50;
    const figures = seedsFor(`s2/${x}/${multiplier}`, 10).map((seed) => {
      const world = new World({ seed });
      world.links({ latency: constant(0) });
      // Its queue is never empty: it takes 50 a second and refuses the rest at once.
      const target = world.node('server', serverNode({ service: constant(s(1) / capacity), queue: 100 }));
      const proxy = world.node('proxy', {
        actor: sidecar<ServiceProtocol>({
          targets: [target],
          deadline: '1h',
          policies: [adaptiveThrottle({ multiplier, window: '20s' })],
        }),
      });
      const operation = () => ({ message: 'request', payload: {} }) as const;
      const workload = openLoop({ rate: x * capacity });
      world.node('client', { actor: client({ target: proxy, workload, operation, record: false }) });
      world.start();
      finish(world, s(60));
      const count = (node: string, name: string): number => world.metrics.counter(node, name).value;
      const before = [count('proxy', 'throttle refused'), count('client', 'offered')] as const;
      finish(world, s(200));
      return (count('proxy', 'throttle refused') - before[0]) / (count('client', 'offered') - before[1]);
    });
    judge([
      {
        name: `[S2] x ${x}, K ${multiplier}: refused locally`,
        published: 1 - multiplier / x,
        figures,
        tolerance: 0.02,
      },
    ]);
  });
});

describe('[S4] retries', () => {
  test.each([
    [3, 5, 243],
    [4, 3, 64],
    [2, 6, 64],
  ])('%d attempts in each of %d layers are %d calls at the bottom', (attempts, layers, calls) => {
    const world = new World({ seed: 's4' });
    let target = world.node('leaf', serverNode({ errorRate: 1 }));
    const retry = immediateRetry({ attempts });
    for (let layer = 1; layer < layers; layer++) {
      target = world.node(`layer${layer}`, serverNode({ calls: [{ target, retry, deadline: '1h' }] }));
    }
    const operation = () => ({ message: 'request', payload: {} }) as const;
    const workload = openLoop({ rate: 1, operations: 1 });
    world.node('client', { actor: client({ target, workload, operation, retry, deadline: '1h' }) });
    world.start();
    finish(world, s(3600));
    expect(world.metrics.counter('leaf', 'failed').value).toBe(calls);
  });

  test.each([
    [0.5, 3, 1.75, 0.875],
    [0.1, 3, 1.11, 0.999],
    [0.3, 4, (1 - 0.3 ** 4) / 0.7, 1 - 0.3 ** 4],
  ])('each attempt fails with %d, %d attempts', (p, attempts, expected, success) => {
    const runs = seedsFor(`s4/${p}`, 10).map((seed) => {
      const world = new World({ seed });
      const target = world.node('leaf', serverNode({ errorRate: p, servers: 100 }));
      const operation = () => ({ message: 'request', payload: {} }) as const;
      const workload = openLoop({ rate: 1_000, operations: 10_000 });
      const retry = immediateRetry({ attempts });
      world.node('client', { actor: client({ target, workload, operation, retry, record: false }) });
      world.start();
      finish(world, s(20));
      const count = (name: string): number => world.metrics.counter('client', name).value;
      return { attempts: count('attempts') / count('offered'), ok: count('ok') / count('offered') };
    });
    judge([
      { name: `[S4] p ${p}, n ${attempts}: attempts`, published: expected, figures: runs.map((run) => run.attempts) },
      { name: `[S4] p ${p}, n ${attempts}: success`, published: success, figures: runs.map((run) => run.ok) },
    ]);
  });
});

/** A proxy in front of servers, and a client; `jobs` requests. */
function replicated(
  seed: string,
  policies: Parameters<typeof sidecar<ServiceProtocol>>[0]['policies'],
  options: { servers: number; rate: number; jobs: number; server: ServerOptions; cancels?: boolean },
): World {
  const world = new World({ seed });
  world.links({ latency: constant(250) });
  const targets = Array.from({ length: options.servers }, (_, i) =>
    world.node(`s${i + 1}`, serverNode(options.server)),
  );
  const actor = sidecar<ServiceProtocol>({ targets, policies, deadline: '1h', cancels: options.cancels ?? false });
  const target = world.node('proxy', { actor });
  const operation = () => ({ message: 'request', payload: {} }) as const;
  const workload = openLoop({ rate: options.rate, operations: options.jobs });
  world.node('client', { actor: client({ target, workload, operation, record: false, deadline: '1h' }) });
  world.start();
  finish(world, Math.ceil((options.jobs / options.rate) * s(1)) + s(30));
  return world;
}

describe('[T4] the tail at scale, in shape', () => {
  // Slowness is a server's own and independent: one request in a hundred takes a hundred times as long.
  const server: ServerOptions = {
    servers: 50,
    service: mixture([
      { weight: 99, of: exponential({ mean: ms(5) }) },
      { weight: 1, of: constant(ms(1_800)) },
    ]),
  };
  const options = { servers: 100, rate: 500, jobs: 50_000, server };

  test('a hedge after the 95th percentile adds at most 5 % of requests and cuts the 99.9th percentile more than fivefold', () => {
    const plain = replicated('t4', [], options);
    const hedged = replicated('t4', [hedge()], options);
    const p999 = (world: World): number => world.metrics.histogram('client', 'latency').quantile(0.999);
    const added = hedged.metrics.counter('proxy', 'hedge').value / options.jobs;
    tell(
      `[T4] p99.9 ${p999(plain) / 1000} ms → ${p999(hedged) / 1000} ms, ${(100 * added).toFixed(2)} % more requests`,
    );
    expect(added).toBeLessThanOrEqual(0.05);
    expect(added).toBeGreaterThan(0.01);
    expect(p999(plain) / p999(hedged)).toBeGreaterThan(5);
    expect(hedged.metrics.counter('client', 'ok').value).toBe(options.jobs);
  });

  test('tied requests shorten the tail under load without doubling the work', () => {
    const busy = {
      servers: 10,
      rate: 700,
      jobs: 50_000,
      server: { service: exponential({ mean: ms(10) }), cancellable: true } satisfies ServerOptions,
    };
    const plain = replicated('tied', [], busy);
    const tied = replicated('tied', [tiedRequests({ delay: '1ms' })], busy);
    const p99 = (world: World): number => world.metrics.histogram('client', 'latency').quantile(0.99);
    const work = (world: World): number =>
      Array.from({ length: 10 }, (_, i) => world.metrics.gauge(`s${i + 1}`, 'cpu.busy').toJSON().mean).reduce(
        (a, b) => a + b,
      );
    tell(
      `[T4] tied: p99 ${p99(plain) / 1000} ms → ${p99(tied) / 1000} ms, work × ${(work(tied) / work(plain)).toFixed(3)}`,
    );
    expect(p99(tied)).toBeLessThan(0.63 * p99(plain));
    expect(work(tied) / work(plain)).toBeLessThan(1.05);
  });
});
