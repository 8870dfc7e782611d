import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, ms, s } from '../../sim/index.ts';
import { World } from '../../sim/world/world.ts';
import {
  client,
  fixedWindow,
  leakingBucket,
  limiter,
  openLoop,
  serverNode,
  slidingWindowCounter,
  slidingWindowEstimate,
  slidingWindowLog,
  tokenBucket,
} from '../../models/index.ts';
import type { LimiterOptions, LimiterPolicy, LimiterState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

/** Each policy with the most that it promises to let through in any stretch of `t` µs, both ends included. */
interface Promised {
  readonly name: string;
  readonly make: () => LimiterPolicy<unknown>;
  readonly most: (t: number) => number;
}

const promised = (name: string, make: () => object, most: (t: number) => number): Promised => ({
  name,
  make: make as () => LimiterPolicy<unknown>,
  most,
});

const bucket = (rate: number, burst: number, per: number = s(1)): Promised =>
  promised(
    `token bucket ${rate} per ${per} µs, burst ${burst}`,
    () => tokenBucket({ rate, burst, per }),
    (t) => burst + Math.floor((rate * t) / per),
  );
const leaking = (rate: number, queue: number, per: number = s(1)): Promised =>
  promised(
    `leaking bucket ${rate} per ${per} µs, queue ${queue}`,
    () => leakingBucket({ rate, queue, per }),
    (t) => Math.ceil((rate * (t + 1)) / per),
  );
const fixed = (limit: number, window: number): Promised =>
  promised(
    `fixed window ${limit} in ${window} µs`,
    () => fixedWindow({ limit, window }),
    (t) => (t === 0 ? limit : limit * (Math.floor((t - 1) / window) + 2)),
  );
const log = (limit: number, window: number): Promised =>
  promised(
    `sliding window log ${limit} in ${window} µs`,
    () => slidingWindowLog({ limit, window }),
    (t) => limit * (Math.floor(t / window) + 1),
  );
const sliding = (limit: number, window: number, rounding: 'none' | 'down'): Promised =>
  promised(
    `sliding window counter ${limit} in ${window} µs, rounding ${rounding}`,
    () => slidingWindowCounter({ limit, window, rounding }),
    // Also that of a token bucket; within one window 2 · limit − 1.
    (t) =>
      (rounding === 'down' ? 1 : 0) +
      Math.min(limit + Math.floor((limit * t) / window), t < window ? Math.max(limit, 2 * limit - 1) : Infinity),
  );

const POLICIES: readonly Promised[] = [
  bucket(100, 50),
  bucket(7, 3, ms(10)),
  bucket(1, 1, 999_983),
  leaking(10, 5),
  leaking(7, 0, ms(100)),
  leaking(3, 20, 999_983),
  fixed(10, s(1)),
  fixed(1, 99_991),
  log(10, s(1)),
  log(3, 99_991),
  sliding(10, s(1), 'none'),
  sliding(7, 300_007, 'none'),
  sliding(2, ms(50), 'down'),
  sliding(9, s(1), 'down'),
];

describe.each(POLICIES.map((policy) => [policy.name, policy] as const))(
  'the contract of limiters: %s',
  (_name, { make, most }) => {
    const gaps = fc.array(fc.nat(200_000), { minLength: 1, maxLength: 200 });

    test('lets no more through than it promises in any stretch of time', () => {
      fc.assert(
        fc.property(gaps, (steps) => {
          const policy = make();
          const state = policy.init(0);
          const admitted: number[] = [];
          let now = 0;
          for (const step of steps) {
            now += step;
            for (let i = 0; i < 3; i++) {
              const { admitted: yes, delay } = policy.admit(state, now, 1);
              if (yes) admitted.push(now + delay);
            }
          }
          const tooMany = admitted.flatMap((from, i) =>
            admitted
              .slice(i)
              .filter((to, more) => more + 1 > most(to - from))
              .map((to) => ({ from, to })),
          );
          expect(tooMany).toEqual([]);
        }),
      );
    });

    test('a refused request passes after retryAfter, and not a microsecond earlier', () => {
      fc.assert(
        fc.property(gaps, fc.integer({ min: 1, max: 3 }), (steps, cost) => {
          const policy = make();
          const state = policy.init(0);
          let now = 0;
          for (const step of steps) {
            const before = structuredClone(state);
            const { admitted, retryAfter } = policy.admit(state, (now += step), cost);
            if (admitted) continue;
            expect(state).toEqual(before);
            if (retryAfter === NEVER) continue;
            expect(policy.admit(structuredClone(state), now + retryAfter - 1, cost).admitted).toBe(false);
            expect(policy.admit(structuredClone(state), now + retryAfter, cost).admitted).toBe(true);
          }
        }),
      );
    });

    test('says how many more would pass at once', () => {
      const policy = make();
      const state = policy.init(0);
      let last = policy.limit;
      while (last > 0) {
        const { admitted, remaining } = policy.admit(state, 0, 1);
        expect([admitted, remaining]).toEqual([true, last - 1]);
        last = remaining;
      }
      expect(policy.admit(state, 0, 1).admitted).toBe(false);
    });

    test('is as good as new after resetAfter, not before, and in any case after its memory', () => {
      fc.assert(
        fc.property(gaps, fc.integer({ min: 1, max: 3 }), (steps, cost) => {
          const policy = make();
          const state = policy.init(0);
          let now = 0;
          const wrong = steps.filter((step) => {
            const { admitted, resetAfter, delay } = policy.admit(state, (now += step), cost);
            const before = resetAfter > 0 && policy.idle(state, now + resetAfter - 1);
            const after = policy.idle(state, now + resetAfter);
            return before || !after || resetAfter > policy.memory || delay > (admitted ? policy.memory : 0);
          });
          expect(wrong).toEqual([]);
        }),
      );
    });

    test('is as good as new after a long time, and can take a request dearer than its limit never', () => {
      const policy = make();
      const state = policy.init(0);
      policy.admit(state, 5, 1);
      expect(policy.idle(state, 5)).toBe(false);
      expect(policy.idle(state, NEVER)).toBe(true);
      expect(policy.admit(state, NEVER, policy.limit + 1)).toMatchObject({ admitted: false, retryAfter: NEVER });
      expect(policy.admit(state, NEVER, policy.limit).admitted).toBe(true);
    });
  },
);

/** Offers `count` requests spread evenly over [from, from + length) µs and returns how many pass. */
const offer = (policy: LimiterPolicy<unknown>, state: unknown, count: number, from: number, length: number): number => {
  let passed = 0;
  for (let i = 0; i < count; i++)
    if (policy.admit(state, from + Math.floor((i * length) / count), 1).admitted) passed++;
  return passed;
};

describe('[R1] Amazon API Gateway’s worked examples: 10,000 a second, burst 5,000', () => {
  const fresh = (): readonly [LimiterPolicy<unknown>, unknown] => {
    const policy = tokenBucket({ rate: 10_000, burst: 5_000 }) as LimiterPolicy<unknown>;
    return [policy, policy.init(0)];
  };
  /** The examples count whole milliseconds: what comes within one is taken as of its start. */
  const MS = 1;

  test('10 in each millisecond: all 10,000', () => {
    expect(offer(...fresh(), 10_000, 0, s(1))).toBe(10_000);
  });
  test('10,000 in the first millisecond: 5,000', () => {
    expect(offer(...fresh(), 10_000, 0, MS)).toBe(5_000);
  });
  test('5,000 in the first millisecond, 5,000 evenly over the other 999: all', () => {
    const [policy, state] = fresh();
    expect(offer(policy, state, 5_000, 0, MS) + offer(policy, state, 5_000, ms(1), ms(999))).toBe(10_000);
  });
  test('5,000 in the first, 5,000 in the 101st: 6,000', () => {
    const [policy, state] = fresh();
    expect(offer(policy, state, 5_000, 0, MS) + offer(policy, state, 5_000, ms(100), MS)).toBe(6_000);
  });
  test('5,000 in the first, 1,000 in the 101st, 4,000 over the other 899: all', () => {
    const [policy, state] = fresh();
    const passed = [
      offer(policy, state, 5_000, 0, MS),
      offer(policy, state, 1_000, ms(100), MS),
      offer(policy, state, 4_000, ms(101), ms(899)),
    ];
    expect(passed).toEqual([5_000, 1_000, 4_000]);
  });
});

describe('[R3] bounds', () => {
  test.each([
    [100, 50, 10, 1_050],
    [40, 5, 3, 125],
    [1_000, 1, 2, 2_001],
  ])(
    'rate %d, burst %d, %d s: at most %d, and exactly that many when asked all the time',
    (rate, burst, seconds, most) => {
      const policy = tokenBucket({ rate, burst }) as LimiterPolicy<unknown>;
      const state = policy.init(0);
      let passed = 0;
      for (let now = 0; now <= s(seconds); now += 250) while (policy.admit(state, now, 1).admitted) passed++;
      expect(passed).toBe(most);
    },
  );
});

describe('[R3] what comes at once, at the worst instants', () => {
  /** Lets through: `first` requests asked for at `at[0]`, then at each later instant as many as pass. */
  const through = (policy: object, instants: readonly number[]): number => {
    const { init, admit } = policy as LimiterPolicy<unknown>;
    const state = init(0);
    let passed = 0;
    for (const now of instants) while (admit(state, now, 1).admitted) passed++;
    return passed;
  };
  const edge = [s(1) - 1, s(1)];
  /** From just before the edge on, all the time, for a window in all. */
  const after = [s(1) - 1, ...Array.from({ length: 2_000 }, (_, i) => s(1) + i * 500), s(2) - 2];

  test.each([100, 17, 1])('a limit of %d: fixed window 2 L across an edge', (limit) => {
    expect(through(fixedWindow({ limit }), edge)).toBe(2 * limit);
  });
  test.each([100, 17, 1])('a limit of %d: sliding log L, whatever the instants', (limit) => {
    expect(through(slidingWindowLog({ limit }), edge)).toBe(limit);
    expect(through(slidingWindowLog({ limit }), after)).toBe(limit);
  });
  test.each([
    [100, 199],
    [17, 33],
    [2, 3],
  ])('a limit of %d: sliding counter %d in a window, L across the edge itself', (limit, most) => {
    expect(through(slidingWindowCounter({ limit }), edge)).toBe(limit);
    expect(through(slidingWindowCounter({ limit }), after)).toBe(most);
  });

  test('GCRA and the token bucket admit the same requests', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(400_000), { maxLength: 100 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, rate, burst) => {
          const policy = tokenBucket({ rate, burst });
          const state = policy.init(0);
          // ITU-T I.371: a theoretical arrival time, here in parts of a microsecond as many as the rate.
          let due = -burst * s(1);
          let now = 0;
          for (const step of steps) {
            const arrival = (now += step) * rate;
            const conforms = Math.max(due, arrival) - arrival <= (burst - 1) * s(1);
            if (conforms) due = Math.max(due, arrival) + s(1);
            expect(policy.admit(state, now, 1).admitted).toBe(conforms);
          }
        },
      ),
    );
  });
});

describe('[R4] worked examples of the sliding window counter', () => {
  test.each([
    ['Cloudflare: 42 before, 18 now, 15 s into a minute', 42, 18, 15, 60, 49.5],
    ['A. Xu: 5 before, 3 now, 30 % into a minute', 5, 3, 18, 60, 6.5],
    ['none before', 0, 12, 30, 60, 12],
    ['a third into an hour', 90, 10, 1_200, 3_600, 70],
  ])('%s', (_name, previous, current, elapsed, window, estimate) => {
    expect(slidingWindowEstimate(previous, current, s(elapsed), s(window))).toBe(estimate);
  });

  test('7 a minute at 6.5: one more passes if the fraction is dropped, as in the book, and none if it counts', () => {
    const passed = (['none', 'down'] as const).map((rounding) => {
      const policy = slidingWindowCounter({ limit: 7, window: '1m', rounding });
      const state = policy.init(0);
      for (let i = 0; i < 5; i++) policy.admit(state, s(10), 1);
      for (let i = 0; i < 3; i++) expect(policy.admit(state, s(60 + 18), 1).admitted).toBe(true);
      return [policy.admit(state, s(60 + 18), 1).admitted, policy.admit(state, s(60 + 18), 1).admitted];
    });
    expect(passed).toEqual([
      [false, false],
      [true, false],
    ]);
  });
});

test('a leaking bucket sends a burst on one by one, at its rate', () => {
  const policy = leakingBucket({ rate: 10, queue: 4 });
  const state = policy.init(0);
  const delays = Array.from({ length: 6 }, () => policy.admit(state, s(1), 1)).map((a) => (a.admitted ? a.delay : -1));
  expect(delays).toEqual([0, ms(100), ms(200), ms(300), ms(400), -1]);
  // Half a request has leaked by then: the next finds a place when it has leaked wholly.
  expect(policy.admit(state, s(1) + ms(50), 1)).toMatchObject({ admitted: false, retryAfter: ms(50) });
  expect(policy.admit(state, s(1) + ms(100), 1)).toMatchObject({ admitted: true, delay: ms(400) });
});

test('a token bucket does not drift: a billion requests’ worth of odd gaps later the count is exact', () => {
  const policy = tokenBucket({ rate: 3, per: '1s', burst: 2 });
  const state = policy.init(0);
  let passed = 0;
  for (let now = 0; now < s(100_000); now += 333_331) if (policy.admit(state, now, 1).admitted) passed++;
  // Asked slightly more often than it drips: all but (offered − 2 − 300,000) pass.
  expect(passed).toBe(300_001);
});

test('an option that makes no sense is refused by name', () => {
  expect(() => tokenBucket({ rate: 0.5 })).toThrow('tokenBucket.rate: got 0.5, expected a whole number of tokens');
  expect(() => tokenBucket({ rate: 1, burst: 0 })).toThrow('tokenBucket.burst');
  expect(() => tokenBucket({ rate: 1, per: 0 })).toThrow('tokenBucket.per');
  expect(() => leakingBucket({ rate: 0 })).toThrow('leakingBucket.rate: got 0, expected a whole number of requests');
  expect(() => leakingBucket({ rate: 1, queue: -1 })).toThrow('leakingBucket.queue: got -1');
  expect(() => fixedWindow({ limit: 1.5 })).toThrow(
    'fixedWindow.limit: got 1.5, expected a whole number of requests from 1',
  );
  expect(() => slidingWindowLog({ limit: 1, window: 0 })).toThrow('slidingWindowLog.window: got 0');
  expect(() => slidingWindowCounter({ limit: 1, rounding: 'up' as never })).toThrow(
    'slidingWindowCounter.rounding: got "up", expected one of none, down',
  );
  expect(() => slidingWindowCounter({ limit: 1, window: '1 day' })).toThrow('slidingWindowCounter.window: got "1 day"');
});

describe('the limiter proxy', () => {
  const bench = (options: Partial<LimiterOptions<ServiceProtocol, unknown>> = {}, rate = 100) => {
    const world = new World({ seed: 'limiter' });
    world.links({ latency: { kind: 'constant', value: 500 } });
    const service = world.node('s', serverNode({ service: '1ms' }));
    const policy = tokenBucket({ rate: 50, burst: 10 }) as LimiterPolicy<unknown>;
    const target = world.node('gate', { actor: limiter({ target: service, policy, ...options }) });
    const operation = (_ctx: unknown, n: number) => ({ message: 'request', payload: { key: `user${n % 3}` } }) as const;
    world.node('c', { actor: client({ target, workload: openLoop({ rate, until: s(10) - ms(10) }), operation }) });
    const count = (node: string, name: string): number => world.metrics.counter(node, name).value;
    return { world, count, state: () => world.named('gate').state as LimiterState<unknown> };
  };

  test('refuses definitely with the time to wait, and what it refuses never reaches the service', () => {
    const { world, count } = bench();
    drive(world, s(10));
    expect(count('gate', 'admitted')).toBeLessThanOrEqual(10 + 50 * 10);
    expect(count('gate', 'admitted')).toBeGreaterThan(480);
    expect(count('s', 'served')).toBe(count('gate', 'admitted'));
    expect(count('c', 'fail')).toBe(count('gate', 'limited'));
    expect(world.history.operations.find((op) => op.outcome === 'fail')?.error).toBe('rate-limited');
  });

  test('counts each key alone', () => {
    const { world, count } = bench({ keyOf: (_message, payload) => (payload as { key: string }).key });
    drive(world, s(10));
    expect(count('gate', 'limited')).toBe(0); // 33 a second each, 50 allowed
  });

  test('soft: counts what is over the limit and lets it pass', () => {
    const { world, count } = bench({ soft: true });
    drive(world, s(10));
    expect(count('gate', 'limited')).toBeGreaterThan(400);
    expect(count('c', 'fail')).toBe(0);
  });

  test('forgets keys that are as good as new', () => {
    let n = 0;
    const { world, state } = bench({ keys: 10, keyOf: () => `k${n++}` });
    drive(world, s(10));
    expect(state().counts.size).toBeLessThan(60);
  });

  test('a step of the wall clock changes nothing', () => {
    const plain = bench();
    const stepped = bench();
    drive(stepped.world, s(2));
    stepped.world.named('gate').clock.step(s(-100));
    for (const { world } of [plain, stepped]) drive(world, s(10));
    expect(stepped.count('gate', 'admitted')).toBe(plain.count('gate', 'admitted'));
  });
});
