import { describe, expect, test } from '@jest/globals';
import { defineActor, ms, reject, s } from '../../sim/index.ts';
import type { Context, NodeRef } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  client,
  contentRouting,
  leastConnections,
  loadBalancer,
  openLoop,
  randomBackend,
  roundRobin,
  serverNode,
} from '../../models/index.ts';
import type { BalancerPolicy, LoadBalancerOptions, LoadBalancerState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

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
    expect(() => bench({ panic: 2 })).toThrow('balancer.panic');
    expect(() => bench({ passive: { maxEjected: 1.5 } })).toThrow('balancer.passive.maxEjected');
    expect(() => bench({ passive: { successRate: { backends: 1 } } })).toThrow('balancer.passive.successRate.backends');
    expect(() => bench({ active: { interval: 0 } })).toThrow('balancer.active.interval');
    expect(() => bench({ slowStart: { minimum: 0 } })).toThrow('balancer.slowStart.minimum');
    expect(() => bench({ pools: {} })).toThrow('balancer.poolOf');
    expect(() => bench({ pools: { a: [] }, poolOf: () => 'a' })).toThrow('balancer.pools.a');
  });

  test.each([
    [{ policy: 'round-robin' }, 'balancer.policy: got "round-robin", expected a policy, such as roundRobin()'],
    [{ policy: roundRobin }, 'expected a policy, such as roundRobin()'],
    [{ keyOf: 'user' }, 'balancer.keyOf: got "user", expected a function'],
    [{ deadline: 0 }, 'balancer.deadline: got 0, expected a duration above 0'],
    [{ idempotent: 'request' }, 'balancer.idempotent: got "request", expected a list of messages'],
    [
      { weights: [1, 2, 1] },
      'balancer.weights: got [1,2,1], expected none with round-robin: smoothWeightedRoundRobin, leastConnections,',
    ],
    [
      { affinity: { kind: 'cookies' } },
      'balancer.affinity.kind: got "cookies", expected one of table, cookie; did you mean "cookie"?',
    ],
    [{ affinity: { kind: 'table' } }, 'balancer.affinity.sessionOf: got undefined, expected a function'],
  ])('refuses %j: %s', (options, message) => {
    expect(() => bench(options as never)).toThrow(message);
  });
});

/** Backends that answer at once with their names, or as told; and one-request-at-a-time access to the balancer. */
interface Echo {
  ask(payload: object): { readonly by: string; readonly cookie?: string };
  health(payload: object): true;
}

interface Probe {
  readonly world: World;
  /** What the backends with these names do: refuse, or never answer. */
  readonly faulty: Map<string, 'refuses' | 'silent'>;
  state(): LoadBalancerState<unknown>;
  /** Asks now, waits for the answer: who answered, or the code of the failure. */
  ask(payload?: object): string;
  /** Who answered so many requests, 10 ms apart. */
  answers(count: number, payload?: object): string[];
  count(name: string): number;
}

function probe(options: Partial<LoadBalancerOptions<Echo, unknown>> = {}, servers = 3): Probe {
  const world = new World({ seed: 'probe' });
  world.links({ latency: { kind: 'constant', value: 500 } });
  const faulty = new Map<string, 'refuses' | 'silent'>();
  const echo = defineActor<object, Echo>({
    role: 'server',
    init: () => ({}),
    on: { health: () => true },
    flows: {
      *ask(_payload, ctx) {
        const how = faulty.get(ctx.self.id);
        if (how === 'silent') yield* ctx.sleep('1h');
        if (how === 'refuses') throw reject('no');
        return { by: ctx.self.id };
      },
    },
  });
  const backends = Array.from({ length: servers }, (_, i) => world.node(`s${i + 1}`, { actor: echo }));
  const policy = roundRobin() as BalancerPolicy<unknown>;
  const target = world.node('lb', { actor: loadBalancer({ backends, policy, deadline: ms(20), ...options }) });
  const asker = world.node('asker', { actor: { role: 'asker', init: () => ({}) } });
  world.start();
  const ask = (payload: object = {}): string => {
    let now = world.now;
    let answer = 'nothing';
    const { ctx } = world.named(asker.id) as unknown as { ctx: Context };
    function* asking() {
      try {
        const reply = yield* ctx.call(target, 'ask', payload, { deadline: s(5) });
        answer = reply.cookie === undefined ? reply.by : `${reply.by} with ${reply.cookie}`;
      } catch (error) {
        answer = (error as { code: string }).code;
      }
    }
    ctx.spawn(asking());
    world.drain();
    while (answer === 'nothing') drive(world, (now += ms(1)));
    drive(world, (now += ms(10)));
    return answer;
  };
  return {
    world,
    faulty,
    ask,
    answers: (count, payload) => Array.from({ length: count }, () => ask(payload)),
    state: () => world.named('lb').state as LoadBalancerState<unknown>,
    count: (name) => world.metrics.counter('lb', name).value,
  };
}

describe('passive health', () => {
  test('ejections grow by one base time each, up to the longest, and quiet intervals take them back', () => {
    const passive = { failures: 1, ejectFor: '1s', longest: '3s', interval: '5s' } as const;
    const { faulty, state, ask, world } = probe({ passive, idempotent: ['ask'] }, 2);
    const ejection = (): number => {
      const backend = state().backends[0];
      drive(world, backend?.ejectedUntil ?? 0);
      const at = world.now;
      faulty.set('s1', 'silent');
      while ((backend?.ejectedUntil ?? 0) <= at) ask();
      faulty.delete('s1');
      return Math.round(((backend?.ejectedUntil ?? 0) - world.now) / s(1));
    };
    expect([1, 2, 3, 4].map(ejection)).toEqual([1, 2, 3, 3]);
    drive(world, world.now + s(3) + 3 * s(5));
    expect(ejection()).toBe(2);
  });

  test('no more than the share is out at a time, but one always may be', () => {
    const passive = { failures: 1, ejectFor: '10s' } as const;
    const out = (maxEjected: number): number => {
      const { faulty, state, answers, world } = probe({ passive: { ...passive, maxEjected }, idempotent: ['ask'] }, 5);
      for (const id of ['s1', 's2', 's3', 's4']) faulty.set(id, 'silent');
      answers(20);
      return state().backends.filter(({ ejectedUntil }) => ejectedUntil > world.now).length;
    };
    expect([0, 0.2, 0.4, 0.5, 0.8, 1].map(out)).toEqual([1, 1, 2, 2, 4, 4]);
  });

  test('refusals eject only when they count', () => {
    for (const refusals of [false, true]) {
      const { faulty, answers, count } = probe({ passive: { failures: 3, refusals }, attempts: 1 });
      faulty.set('s1', 'refuses');
      const failed = answers(30).filter((answer) => answer === 'no').length;
      expect([failed, count('ejected')]).toEqual(refusals ? [3, 1] : [10, 0]);
    }
  });

  test('a backend that fails half of the time, never in a row, is ejected for its success rate', () => {
    const passive = { failures: 5, refusals: true, interval: '2s', successRate: { requests: 20 } } as const;
    const { faulty, ask, count, state, world } = probe({ passive, attempts: 1 }, 6);
    let asked = 0;
    while (count('ejected') === 0 && asked < 1_000) {
      // s1 is asked by every sixth request.
      if (asked++ % 12 === 0) faulty.set('s1', 'refuses');
      else if (asked % 12 > 6) faulty.delete('s1');
      ask();
    }
    expect(count('ejected')).toBe(1);
    expect(state().backends[0]?.ejectedUntil).toBeGreaterThan(world.now);
  });
});

describe('panic', () => {
  test('below the threshold all are used, above it the healthy ones', () => {
    const passive = { failures: 1, ejectFor: '10s', maxEjected: 1 } as const;
    for (const [panic, used] of [
      [0.3, 1],
      [0.5, 3],
    ] as const) {
      const { faulty, answers, count } = probe({ passive, idempotent: ['ask'], panic });
      for (const id of ['s1', 's2']) faulty.set(id, 'silent');
      answers(6);
      const before = count('forwarded');
      const retried = count('retried');
      faulty.clear();
      expect(new Set(answers(9)).size).toBe(used);
      expect([count('forwarded') - before, count('retried') - retried]).toEqual([9, 0]);
      expect(count('panic') > 0).toBe(used === 3);
    }
  });
});

describe('slow start', () => {
  test('a backend that comes back gets its share step by step', () => {
    const slowStart = { window: '10s', minimum: 0.1 } as const;
    const policy = randomBackend() as BalancerPolicy<unknown>;
    const { faulty, answers, ask, state, world } = probe(
      {
        policy,
        slowStart,
        passive: { failures: 1, ejectFor: '1s' },
        idempotent: ['ask'],
      },
      2,
    );
    faulty.set('s1', 'silent');
    while (state().backends[0]?.ejectedUntil === 0) ask();
    faulty.clear();
    const back = state().backends[0]?.backAt as number;
    const shareOf = (from: number): number => {
      while (world.now < from) ask();
      return answers(150).filter((by) => by === 's1').length / 150;
    };
    // 150 requests take 2 s. Weights 0.1…0.2 to 1 give shares around 0.13, 0.33…0.41, and a half.
    const [early, middle, late] = [shareOf(back), shareOf(back + s(5)), shareOf(back + s(11))] as const;
    const error = 4 * Math.sqrt(0.25 / 150);
    expect(Math.abs(early - 0.13)).toBeLessThan(error);
    expect(Math.abs(middle - 0.375)).toBeLessThan(error);
    expect(Math.abs(late - 0.5)).toBeLessThan(error);
    expect(early).toBeLessThan(late - 0.1);
  });
});

describe('content routing', () => {
  const routes = contentRouting([
    { path: '/', pool: 'web' },
    { path: '/api', pool: 'api' },
    { path: '/api', header: { name: 'x-canary', value: 'yes' }, pool: 'canary' },
    { path: '/api/reports', pool: 'reports' },
  ]);

  test('the longest path wins, then a header, by whole elements', () => {
    const poolOf = (path?: string, headers?: Record<string, string>) =>
      routes('ask', { ...(path === undefined ? {} : { path }), ...(headers === undefined ? {} : { headers }) });
    expect([poolOf(), poolOf('/'), poolOf('/apiary'), poolOf('/api'), poolOf('/api/orders/7')]).toEqual([
      'web',
      'web',
      'web',
      'api',
      'api',
    ]);
    expect([poolOf('/api', { 'x-canary': 'yes' }), poolOf('/api', { 'x-canary': 'no' })]).toEqual(['canary', 'api']);
    expect(poolOf('/api/reports/1', { 'x-canary': 'yes' })).toBe('reports');
    expect(contentRouting([{ path: '/api', pool: 'api' }])('ask', { path: '/' })).toBeUndefined();
    expect(() => contentRouting([{ path: '/api/', pool: 'api' }])).toThrow('contentRouting[0].path');
  });

  test('a request goes to its pool only, even when all of that is down; one of no pool is refused', () => {
    const world = probe().world;
    const ref = (id: string): NodeRef<Echo> => ({ id, index: world.named(id).index });
    const pools = { api: [ref('s1')], web: [ref('s2'), ref('s3')] };
    const poolOf = contentRouting([
      { path: '/web', pool: 'web' },
      { path: '/api', pool: 'api' },
      { path: '/lost', pool: 'unknown' },
    ]);
    const { ask, answers, faulty } = probe({ pools, poolOf, idempotent: ['ask'], passive: { failures: 1 } });
    expect(new Set(answers(6, { path: '/web/a' }))).toEqual(new Set(['s2', 's3']));
    expect(new Set(answers(3, { path: '/api' }))).toEqual(new Set(['s1']));
    faulty.set('s1', 'silent');
    expect(answers(3, { path: '/api' })).toEqual(['timeout', 'timeout', 'timeout']);
    expect([ask({ path: '/lost' }), ask({ path: '/other' })]).toEqual(['no-route', 'no-route']);
  });
});

describe('session affinity', () => {
  const sessionOf = (_message: string, payload: unknown): string => (payload as { session?: string }).session ?? '';

  test('a stick table keeps a session with its backend until that is away, and moves it for good', () => {
    const { answers, faulty, count } = probe({
      affinity: { kind: 'table', sessionOf },
      idempotent: ['ask'],
      passive: { failures: 1, ejectFor: '1s' },
    });
    const [home] = answers(1, { session: 'a' });
    expect(new Set(answers(5, { session: 'a' }))).toEqual(new Set([home]));
    expect(new Set(answers(6)).size).toBe(3);
    faulty.set(home as string, 'silent');
    const [next] = answers(1, { session: 'a' });
    expect(next).not.toBe(home);
    faulty.clear();
    answers(200);
    expect(new Set(answers(5, { session: 'a' }))).toEqual(new Set([next]));
    expect(count('rebound')).toBe(1);
  });

  test('the table forgets what is old, the longest unseen beyond its size, and everything in a crash', () => {
    const { answers, state, world, ask } = probe({ affinity: { kind: 'table', sessionOf, size: 3, expire: '2s' } });
    for (const session of ['a', 'b', 'c', 'a', 'd']) ask({ session });
    expect([...state().sessions.keys()]).toEqual(['c', 'a', 'd']);
    const [home] = answers(1, { session: 'a' });
    drive(world, world.now + s(3));
    expect(answers(1, { session: 'a' })).not.toEqual([home]);
    crash(world, world.named('lb'));
    restart(world, world.named('lb'));
    drive(world, world.now + s(1));
    expect(state().sessions.size).toBe(0);
  });

  test('a cookie keeps the session, also through a crash of the balancer', () => {
    const { ask, world, faulty } = probe({
      affinity: {
        kind: 'cookie',
        read: (_message, payload) => (payload as { cookie?: string }).cookie,
        write: (reply, cookie) => ({ ...(reply as object), cookie }),
      },
      idempotent: ['ask'],
    });
    expect(ask()).toBe('s1 with s1');
    expect(ask({ cookie: 's3' })).toBe('s3 with s3');
    crash(world, world.named('lb'));
    restart(world, world.named('lb'));
    drive(world, world.now + s(1));
    expect(ask({ cookie: 's3' })).toBe('s3 with s3');
    faulty.set('s3', 'silent');
    expect(ask({ cookie: 's3' })).toMatch(/^s[12] with s[12]$/);
  });
});

test('least connections, active and passive health, slow start and a stick table give the same run on the recorded path', () => {
  const digests = [undefined, new Trace({})].map((trace) => {
    const world = new World({ seed: 'recorded', trace });
    const backends = Array.from({ length: 4 }, (_, i) => world.node(`s${i + 1}`, serverNode({ service: '5ms' })));
    const target = world.node('lb', {
      actor: loadBalancer({
        backends,
        policy: leastConnections(),
        deadline: ms(50),
        idempotent: ['request'],
        active: { interval: '200ms', timeout: '50ms' },
        passive: { ejectFor: '300ms', successRate: { backends: 2, requests: 10 }, interval: '500ms' },
        slowStart: { window: '1s' },
        affinity: { kind: 'table', sessionOf: (_message, payload) => (payload as { key: string }).key, size: 3 },
      }),
    });
    const operation = (_ctx: unknown, n: number) => ({ message: 'request', payload: { key: `u${n % 7}` } }) as const;
    world.node('c', { actor: client({ target, workload: openLoop({ rate: 200 }), operation }) });
    drive(world, s(1));
    crash(world, world.named('s1'));
    drive(world, s(2));
    restart(world, world.named('s1'));
    drive(world, s(4));
    expect(world.metrics.counter('lb', 'ejected').value).toBeGreaterThan(0);
    return world.digest.hex();
  });
  expect(digests[1]).toBe(digests[0]);
});
