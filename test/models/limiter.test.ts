import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, ms, s } from '../../sim/index.ts';
import { World } from '../../sim/world/world.ts';
import { client, limiter, openLoop, serverNode, tokenBucket } from '../../models/index.ts';
import type { LimiterOptions, LimiterPolicy, LimiterState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

/** Each policy with the most that it promises to admit in any window of `t` µs. */
interface Promised {
  readonly name: string;
  readonly make: () => LimiterPolicy<unknown>;
  readonly most: (t: number) => number;
}

const bucket = (rate: number, burst: number, per: number = s(1)): Promised => ({
  name: `token bucket ${rate} per ${per} µs, burst ${burst}`,
  make: () => tokenBucket({ rate, burst, per }) as LimiterPolicy<unknown>,
  most: (t) => burst + Math.floor((rate * t) / per),
});

const POLICIES: readonly Promised[] = [bucket(100, 50), bucket(7, 3, ms(10)), bucket(1, 1, 999_983)];

describe.each(POLICIES.map((promised) => [promised.name, promised] as const))(
  'the contract of limiters: %s',
  (_name, { make, most }) => {
    const gaps = fc.array(fc.nat(200_000), { minLength: 1, maxLength: 200 });

    test('admits no more than it promises in any window', () => {
      fc.assert(
        fc.property(gaps, (steps) => {
          const policy = make();
          const state = policy.init(0);
          const admitted: number[] = [];
          let now = 0;
          for (const step of steps) {
            now += step;
            for (let i = 0; i < 3; i++) if (policy.admit(state, now, 1).admitted) admitted.push(now);
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
});

describe('the limiter proxy', () => {
  const bench = (options: Partial<LimiterOptions<ServiceProtocol, unknown>> = {}, rate = 100) => {
    const world = new World({ seed: 'limiter' });
    world.links({ latency: { kind: 'constant', value: 500 } });
    const service = world.node('s', serverNode({ service: '1ms' }));
    const policy = tokenBucket({ rate: 50, burst: 10 }) as LimiterPolicy<unknown>;
    const target = world.node('gate', { actor: limiter({ target: service, policy, ...options }) });
    const operation = (_ctx: unknown, n: number) => ({ message: 'request', payload: { key: `user${n % 3}` } }) as const;
    world.node('c', { actor: client({ target, workload: openLoop({ rate }), operation }) });
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
