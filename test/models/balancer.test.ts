import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RandomStream, ms, s } from '../../sim/index.ts';
import type { NodeRef } from '../../sim/index.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { client, leastConnections, loadBalancer, openLoop, roundRobin, serverNode } from '../../models/index.ts';
import type {
  BackendView,
  BalancerPolicy,
  LoadBalancerOptions,
  LoadBalancerState,
  ServiceProtocol,
} from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

const POLICIES: readonly (() => BalancerPolicy<unknown>)[] = [
  () => roundRobin() as BalancerPolicy<unknown>,
  () => leastConnections() as BalancerPolicy<unknown>,
];

const view = (index: number, inFlight = 0, weight = 1): BackendView => ({ index, inFlight, weight });
const placing = (random: RandomStream) => ({ key: '', now: 0, random });

describe.each(POLICIES.map((make) => [make().name, make] as const))(
  'the contract of balancing policies: %s',
  (_name, make) => {
    test('picks one of the candidates, whichever they are and whatever ended before', () => {
      const candidates = fc.uniqueArray(
        fc.record({ index: fc.nat(6), inFlight: fc.nat(5), weight: fc.integer({ min: 1, max: 4 }) }),
        {
          selector: ({ index }) => index,
          minLength: 1,
        },
      );
      fc.assert(
        fc.property(fc.array(candidates, { minLength: 1, maxLength: 20 }), fc.string(), (rounds, seed) => {
          const policy = make();
          const state = policy.init(7);
          const random = new RandomStream(seed, 'policy');
          for (const round of rounds) {
            const offered = [...round].sort((a, b) => a.index - b.index);
            const chosen = policy.pick(state, offered, placing(random));
            expect(offered.map(({ index }) => index)).toContain(chosen);
            policy.ended?.(state, chosen, { ok: true, latency: 1, now: 0 });
          }
        }),
      );
    });

    test('draws nothing when there is one candidate', () => {
      const random = new RandomStream('seed', 'policy');
      make().pick(make().init(3), [view(1)], placing(random));
      expect(random.next()).toBe(new RandomStream('seed', 'policy').next());
    });

    test('uses every one of equal backends', () => {
      const policy = make();
      const state = policy.init(5);
      const random = new RandomStream('seed', 'policy');
      const used = new Set<number>();
      for (let i = 0; i < 200; i++)
        used.add(
          policy.pick(
            state,
            [0, 1, 2, 3, 4].map((index) => view(index)),
            placing(random),
          ),
        );
      expect(used.size).toBe(5);
    });

    test('its state is plain data', () => {
      expect(JSON.parse(JSON.stringify(make().init(3)))).toEqual(make().init(3));
    });
  },
);

describe('round robin', () => {
  test('gives each backend exactly one of any n consecutive requests', () => {
    const policy = roundRobin();
    const state = policy.init(4);
    const random = new RandomStream('s', 'n');
    const picks = Array.from({ length: 12 }, () =>
      policy.pick(
        state,
        [0, 1, 2, 3].map((i) => view(i)),
        placing(random),
      ),
    );
    expect(picks).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  });

  test('skips a backend that is away and goes on behind it', () => {
    const policy = roundRobin();
    const state = policy.init(3);
    const random = new RandomStream('s', 'n');
    const without1 = [view(0), view(2)];
    expect([1, 2, 3, 4].map(() => policy.pick(state, without1, placing(random)))).toEqual([0, 2, 0, 2]);
  });
});

describe('least connections', () => {
  test('breaks ties evenly', () => {
    const policy = leastConnections();
    const random = new RandomStream('ties', 'n');
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const chosen = policy.pick({}, [view(0, 2), view(1, 2), view(2, 2)], placing(random));
      counts[chosen] = (counts[chosen] as number) + 1;
    }
    // 4 standard deviations of a binomial with n = 30,000 and p = 1/3: 327
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(327);
  });

  test('counts requests in progress per weight', () => {
    const random = new RandomStream('s', 'n');
    expect(leastConnections().pick({}, [view(0, 2, 1), view(1, 5, 3), view(2, 2, 1)], placing(random))).toBe(1);
  });
});

interface Bench {
  readonly world: World;
  readonly backends: readonly NodeRef<ServiceProtocol>[];
  count(name: string, node?: string): number;
  state(): LoadBalancerState<unknown>;
}

/** A client, a balancer, and servers that take 5 ms; 100 requests a second. */
function bench(options: Partial<LoadBalancerOptions<ServiceProtocol, unknown>> = {}, servers = 3, rate = 100): Bench {
  const world = new World({ seed: 'balancer' });
  world.links({ latency: { kind: 'constant', value: 500 } });
  const backends = Array.from({ length: servers }, (_, i) =>
    world.node(`s${i + 1}`, serverNode({ service: '5ms', servers: 4 })),
  );
  const policy = roundRobin() as BalancerPolicy<unknown>;
  const target = world.node('lb', { actor: loadBalancer({ backends, policy, deadline: ms(100), ...options }) });
  const operation = () => ({ message: 'request', payload: {} }) as const;
  world.node('c', { actor: client({ target, workload: openLoop({ rate, until: '20s' }), operation, deadline: '2s' }) });
  return {
    world,
    backends,
    count: (name, node = 'c') => world.metrics.counter(node, name).value,
    state: () => world.named('lb').state as LoadBalancerState<unknown>,
  };
}

describe('the load balancer', () => {
  test('adds two hops and nothing else to the latency', () => {
    const { world } = bench();
    drive(world, s(2));
    const latency = world.metrics.histogram('c', 'latency');
    expect([latency.min, latency.max]).toEqual([7_000, 7_000]);
  });

  test('loses no request while one backend is healthy, when messages are idempotent', () => {
    const { world, count } = bench({ idempotent: ['request'] });
    drive(world, s(5));
    for (const id of ['s1', 's2']) crash(world, world.named(id));
    drive(world, s(25));
    expect([count('fail'), count('info')]).toEqual([0, 0]);
    expect(count('ok')).toBe(count('offered'));
    expect(count('ejected', 'lb')).toBeGreaterThan(1);
  });

  test('passes a timeout on when the message may have taken effect, and ejects the backend', () => {
    const { world, count } = bench();
    drive(world, s(5));
    crash(world, world.named('s1'));
    drive(world, s(25));
    // Ejected after 3 timeouts, then for 5 s, 10 s, ...: all but a few requests go to the other two.
    expect(count('info')).toBeGreaterThanOrEqual(3);
    expect(count('info')).toBeLessThan(25);
    expect(count('fail')).toBe(0);
    expect(count('ok') + count('info')).toBe(count('offered'));
  });

  test('repeats a definite refusal on another backend', () => {
    const world = new World({ seed: 'refusals' });
    const refusing = world.node('s1', serverNode({ errorRate: 1 }));
    const healthy = world.node('s2', serverNode());
    const target = world.node('lb', { actor: loadBalancer({ backends: [refusing, healthy], policy: roundRobin() }) });
    const operation = () => ({ message: 'request', payload: {} }) as const;
    world.node('c', { actor: client({ target, workload: openLoop({ rate: 100, operations: 200 }), operation }) });
    drive(world, s(10));
    expect(world.metrics.counter('c', 'ok').value).toBe(200);
    expect(world.metrics.counter('lb', 'ejected').value).toBe(0);
  });

  test('takes a backend back after its ejection', () => {
    const { world, state } = bench({ idempotent: ['request'] });
    drive(world, s(2));
    crash(world, world.named('s1'));
    drive(world, s(4));
    expect(state().backends[0]?.ejectedUntil).toBeGreaterThan(s(4));
    const before = world.metrics.counter('s1', 'served').value;
    restart(world, world.named('s1'));
    drive(world, s(15));
    expect(world.metrics.counter('s1', 'served').value).toBeGreaterThan(before + 100);
  });

  test('finds a dead backend by probes within (k−1)·interval + timeout … k·interval + timeout', () => {
    // Law L7: interval 1 s, 2 failures, timeout 400 ms; the crash at 40 phases of the interval.
    const found: number[] = [];
    for (let phase = 0; phase < 40; phase++) {
      const { world, state } = bench(
        { passive: false, active: { interval: '1s', timeout: '400ms', down: 2, up: 1 } },
        2,
        0.001,
      );
      const at = s(3) + phase * ms(25) + ms(10);
      drive(world, at);
      crash(world, world.named('s1'));
      let until = at;
      while (state().backends[0]?.up === true) drive(world, (until += ms(5)));
      found.push((until - at) / 1_000);
    }
    expect(Math.min(...found)).toBeGreaterThanOrEqual(1_400);
    expect(Math.max(...found)).toBeLessThanOrEqual(2_400 + 5);
    const mean = found.reduce((sum, x) => sum + x, 0) / found.length;
    expect(Math.abs(mean - 1_900)).toBeLessThan(19);
  });

  test('uses a backend again when its probes succeed, and all of them when none is left', () => {
    const active = { interval: ms(200), timeout: ms(50), down: 2, up: 2 };
    const { world, state, count } = bench({ active, passive: false, idempotent: ['request'] });
    drive(world, s(2));
    for (const id of ['s1', 's2', 's3']) crash(world, world.named(id));
    drive(world, s(4));
    expect(state().backends.map(({ up }) => up)).toEqual([false, false, false]);
    expect(count('panic', 'lb')).toBeGreaterThan(0);
    restart(world, world.named('s2'));
    drive(world, s(6));
    expect(state().backends.map(({ up }) => up)).toEqual([false, true, false]);
    const failed = count('info');
    drive(world, s(8));
    expect(count('info')).toBe(failed);
  });

  test('probes go on after the balancer has crashed and come back', () => {
    const { world, count } = bench({ active: { interval: ms(200) } });
    drive(world, s(2));
    crash(world, world.named('lb'));
    drive(world, s(3));
    const before = count('probes', 'lb');
    restart(world, world.named('lb'));
    drive(world, s(5));
    expect(count('probes', 'lb')).toBe(before + 3 * 9); // booted at 3.1 s, then every 200 ms; the last answers are due after 5 s
    drive(world, s(25));
    expect(count('ok') + count('fail') + count('info')).toBe(count('offered'));
  });

  test('says what is wrong with its options', () => {
    expect(() => loadBalancer({ backends: [], policy: roundRobin() })).toThrow(
      'balancer.backends: got [], expected at least one backend',
    );
    expect(() => bench({ weights: [1, 0, 1] })).toThrow(/balancer.weights.*3 numbers above 0/);
    expect(() => bench({ attempts: 0 })).toThrow('balancer.attempts');
  });
});
