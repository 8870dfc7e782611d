/** Service graphs against closed forms: fan-out, fork and join, availability in series and in parallel. */
import { describe, test } from '@jest/globals';
import { constant, exponential, immediateRetry, mixture, ms, s } from '../../sim/index.ts';
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import { World } from '../../sim/world/world.ts';
import { client, openLoop, retryAround, serviceGraph, type ServiceGraph } from '../../models/index.ts';
import { judge, seedsFor } from './oracle-table.ts';

const SEEDS = 10;
/** `jobs` Poisson requests to `front`, without distances. */
function load(seed: string, graph: ServiceGraph, rate: number, jobs: number): World {
  const world = new World({ seed });
  world.links({ latency: constant(0) });
  const target = serviceGraph(world, graph)['front'] ?? [];
  const operation = () => ({ message: 'request', payload: {} }) as const;
  const workload = openLoop({ rate, operations: jobs });
  world.node('client', { actor: client({ target, workload, operation, record: false, deadline: '10h' }) });
  world.start();
  const until = Math.ceil((jobs / rate) * s(1)) + s(100);
  runUntil(world.queue, until, limitsFrom({ maxEvents: 1e9 }), () => world.dispatch());
  return world;
}

const instant = { servers: 100_000, service: constant(0) } as const;

describe('[T1] one slow answer makes the request slow', () => {
  test.each([
    [0.01, 100, 0.633968, 2_000],
    [1e-4, 2_000, 0.181277, 200],
    [0.05, 20, 1 - 0.95 ** 20, 4_000],
  ])('each of %d slow, fan-out of %d', (p, n, slow, jobs) => {
    const leaf = {
      servers: 100_000,
      service: mixture([
        { weight: 1 - p, of: constant(ms(1)) },
        { weight: p, of: constant(s(1)) },
      ]),
    };
    const front = { ...instant, parallel: true, calls: [{ to: 'leaf', times: n, deadline: '10h' }] };
    const figures = seedsFor(`t1/${p}`, SEEDS).map((seed) => {
      const latency = load(seed, { front, leaf }, 100, jobs).metrics.histogram('client', 'latency');
      // Two latencies only: the mean says how many had the longer one.
      return (latency.mean - ms(1)) / (s(1) - ms(1));
    });
    judge([{ name: `[T1] P(slow), p ${p}, n ${n}`, published: slow, figures, tolerance: 0.01 }]);
  });

  test.each([3, 5, 10])('the slowest of %d exponential answers', (n) => {
    let harmonic = 0;
    for (let i = 1; i <= n; i++) harmonic += 1 / i;
    const leaf = { servers: 100_000, service: exponential({ mean: ms(100) }) };
    const front = { ...instant, parallel: true, calls: [{ to: 'leaf', times: n, deadline: '10h' }] };
    const figures = seedsFor(`t1/max/${n}`, SEEDS).map(
      (seed) => load(seed, { front, leaf }, 100, 10_000).metrics.histogram('client', 'latency').mean / ms(100),
    );
    judge([{ name: `[T1] E of the slowest of ${n}`, published: harmonic, figures, tolerance: 0.01 }]);
  });
});

describe('[T2] fork and join of two M/M/1; also at 0.6, which is in no table', () => {
  test.each([
    [0.5, 2.875, 40_000],
    [0.6, (12 - 0.6) / (8 * 0.4), 40_000],
    [0.8, 7, 60_000],
    [0.9, 13.875, 120_000],
  ])('load %d', (rho, published, jobs) => {
    const leaf = { replicas: 2, service: exponential({ mean: ms(10) }) };
    const front = { ...instant, parallel: true, calls: [{ to: 'leaf', replicas: 'each', deadline: '10h' }] } as const;
    const figures = seedsFor(`t2/${rho}`, SEEDS).map(
      (seed) => load(seed, { front, leaf }, rho * 100, jobs).metrics.histogram('client', 'latency').mean / ms(10),
    );
    judge([{ name: `[T2] fork-join ${rho} T`, published, figures, tolerance: 0.02 }]);
  });
});

describe('[K4] availability', () => {
  const unavailable = (seed: string, graph: ServiceGraph, jobs: number): number => {
    const { metrics } = load(seed, graph, 2_000, jobs);
    return metrics.counter('client', 'fail').value / metrics.counter('client', 'offered').value;
  };

  test.each([
    [30, 1e-4, 1 - 0.99700435],
    [10, 0.01, 1 - 0.99 ** 10],
  ])('%d in series, each failing with %d', (k, p, published) => {
    const graph: Record<string, ServiceGraph[string]> = {
      front: { ...instant, calls: Array.from({ length: k }, (_, i) => `s${i + 1}`) },
    };
    for (let i = 1; i <= k; i++) graph[`s${i}`] = { ...instant, errorRate: p };
    const figures = seedsFor(`k4/series/${k}`, SEEDS).map((seed) => unavailable(seed, graph, 10_000));
    judge([{ name: `[K4] ${k} × ${1 - p} in series, unavailable`, published, figures }]);
  });

  test.each([
    [2, 0.01, 1e-4],
    [3, 0.1, 1e-3],
  ])('%d in parallel, each failing with %d', (k, p, published) => {
    const policies = [retryAround({ backoff: immediateRetry({ attempts: k }) })];
    const graph = {
      front: { ...instant, calls: [{ to: 'leaf', policies }] },
      leaf: { ...instant, replicas: k, errorRate: p },
    };
    const figures = seedsFor(`k4/parallel/${k}`, SEEDS).map((seed) => unavailable(seed, graph, 60_000));
    judge([{ name: `[K4] ${k} × ${1 - p} in parallel, unavailable`, published, figures }]);
  });
});
