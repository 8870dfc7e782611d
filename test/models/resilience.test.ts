import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, defineActor, fixedBackoff, ms, reject, s, type Flow } from '../../sim/index.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { World } from '../../sim/world/world.ts';
import {
  adaptiveThrottle,
  aimdLimit,
  bulkhead,
  circuitBreaker,
  client,
  consecutiveFailures,
  errorRate,
  fallback,
  gradientLimit,
  hedge,
  lastGoodAnswer,
  loadShedder,
  openLoop,
  rejectionProbability,
  retryAround,
  serverNode,
  sidecar,
  tiedRequests,
  timeLimit,
  type CircuitBreakerState,
  type Policy,
  type ServiceProtocol,
  type SidecarState,
} from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';

/** What the scripted callee does with a request: an answer after so many ms, or a refusal. */
interface Script {
  readonly takes?: number;
  readonly fails?: boolean;
}
interface Scripted {
  ask(payload: {
    readonly n: number;
    readonly key?: string;
    readonly priority?: number;
    readonly within?: number;
  }): string;
}

/** Requests at given instants (ms) through a sidecar to callees (1 ms away each) that do what a script says. */
function bench(
  policies: readonly Policy[],
  asks: readonly {
    readonly at: number;
    readonly n?: number;
    readonly key?: string;
    readonly priority?: number;
    readonly within?: number;
  }[],
  script: (n: number, nth: number, callee: number) => Script = () => ({}),
  options: { callees?: number; deadline?: string; until?: number } = {},
) {
  const world = new World({ seed: 'resilience' });
  world.links({ latency: constant(ms(1)) });
  const seen: string[] = [];
  const targets = Array.from({ length: options.callees ?? 1 }, (_, callee) =>
    world.node<{ calls: number }, Scripted>(`callee${callee}`, {
      actor: defineActor<{ calls: number }, Scripted>({
        role: 'callee',
        init: () => ({ calls: 0 }),
        flows: {
          *ask({ n }, ctx): Flow<string> {
            const nth = ctx.update((state) => state.calls++);
            seen.push(`${ctx.clock.monotonic / 1000} ${n}@${callee}`);
            const { takes = 10, fails = false } = script(n, nth, callee);
            yield* ctx.sleep(ms(takes));
            if (fails) throw reject('failed');
            return `answer ${n}@${callee}`;
          },
        },
      }),
    }),
  );
  const proxy = world.node('proxy', {
    actor: sidecar<Scripted>({
      targets,
      policies,
      deadline: options.deadline ?? '1s',
      propagates: true,
      keyOf: (_, payload) => (payload as { key?: string }).key ?? '',
    }),
  });
  world.node('app', {
    actor: runner(function* (ctx, log) {
      yield* ctx.all(
        asks.map(function* ({ at, n, ...rest }, i): Flow {
          yield* ctx.sleep(ms(at));
          let ended: string;
          try {
            ended = yield* ctx.call(proxy, 'ask', { n: n ?? i, ...rest }, { deadline: '1h' });
          } catch (error) {
            ended = (error as CallError).code;
          }
          log(`${i} ${ended} ${ctx.clock.monotonic / 1000}`);
        }),
      );
    }),
  });
  drive(world, s(options.until ?? 200));
  return {
    world,
    lines: world.named('app').state as string[],
    /** When (ms) the callees were asked what. */
    seen,
    count: (name: string) => world.metrics.counter('proxy', name).value,
    state: <S>(place = 0) => (world.named('proxy').state as SidecarState).policies[place] as S,
  };
}

const every = (gap: number, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ at: from + i * gap }));
const words = (lines: readonly string[]): string[] => lines.map((line) => line.split(' ').slice(1, -1).join(' '));

describe('a time limit', () => {
  test('ends the call, with all that stands inside, and sends along what is left', () => {
    const retry = retryAround({ backoff: fixedBackoff({ attempts: 9, base: ms(20) }) });
    const { lines, seen, count } = bench([timeLimit({ after: '50ms' }), retry], [{ at: 0 }], () => ({
      takes: 5,
      fails: true,
    }));
    expect(lines).toEqual(['0 failed 36']);
    expect(seen).toEqual(['2 0@0', '29 0@0']);
    expect(count('retry')).toBe(1);
  });

  test('a slow answer is a timeout at its very end', () => {
    expect(bench([timeLimit({ after: '50ms' })], [{ at: 0 }], () => ({ takes: 500 })).lines).toEqual(['0 timeout 52']);
  });
});

describe('retries around a call', () => {
  test('wait as the backoff says, go to the next target, and stop at their number', () => {
    const { lines, seen } = bench(
      [retryAround({ backoff: fixedBackoff({ attempts: 3, base: ms(5) }) })],
      [{ at: 0 }],
      () => ({ fails: true }),
      { callees: 2 },
    );
    expect(lines).toEqual(['0 failed 48']);
    expect(seen).toEqual(['2 0@0', '19 0@1', '36 0@0']);
  });

  test('are at most what the budget can pay', () => {
    const { count } = bench(
      [retryAround({ backoff: fixedBackoff({ attempts: 3, base: 0, cap: 0 }), budget: { share: 0.1, initial: 2 } })],
      every(1, 100),
      () => ({ takes: 0, fails: true }),
    );
    expect(count('retry')).toBe(12);
    expect(count('retry budget-exhausted')).toBeGreaterThan(0);
  });
});

describe('a circuit breaker', () => {
  const breaker = (options: Parameters<typeof circuitBreaker>[0] = {}) =>
    circuitBreaker({ trip: consecutiveFailures({ failures: 3 }), openFor: '100ms', probes: 2, ...options } as never);

  test('opens after failures in a row, refuses, probes, and closes when the probes succeed', () => {
    // Fails before 200 ms: requests come every 20 ms and take 5.
    const { lines, seen, world, count } = bench([breaker()], every(20, 22), (n) => ({ takes: 5, fails: n * 20 < 200 }));
    const outcome = words(lines);
    expect(outcome.slice(0, 3)).toEqual(['failed', 'failed', 'failed']);
    expect(outcome.slice(3, 8)).toEqual(Array(5).fill('breaker-open'));
    // 49 + 100 ms: the first request after that is a probe, fails, and opens it again.
    expect(outcome[8]).toBe('failed');
    expect(outcome.slice(9, 14)).toEqual(Array(5).fill('breaker-open'));
    expect(outcome.slice(14)).toEqual(Array.from({ length: 8 }, (_, i) => `answer ${i + 14}@0`));
    expect(seen.length).toBe(3 + 1 + 8);
    expect([count('breaker opened'), count('breaker refused')]).toEqual([2, 10]);
    const { marks } = world.metrics.toJSON();
    expect(marks?.find(({ name }) => name === 'breaker')?.changes.map(([, mode]) => mode)).toEqual([
      'closed',
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
    ]);
  });

  test('half-open lets only so many probes through, and waits for them', () => {
    const { lines } = bench(
      [breaker()],
      [{ at: 0 }, { at: 1 }, { at: 2 }, { at: 150 }, { at: 151 }, { at: 152 }, { at: 230 }],
      (n) => (n < 3 ? { takes: 5, fails: true } : { takes: 50 }),
    );
    expect(lines).toEqual([
      '0 failed 9',
      '1 failed 10',
      '2 failed 11',
      '5 breaker-open 154',
      '3 answer 3@0 204',
      '4 answer 4@0 205',
      '6 answer 6@0 284',
    ]);
  });

  test('does not judge what began before it last changed', () => {
    // The slow failures of the first requests end while it is half-open.
    const { state } = bench(
      [breaker()],
      [{ at: 0, n: 100 }, { at: 0, n: 100 }, { at: 1 }, { at: 2 }, { at: 3 }, { at: 150 }, { at: 151 }],
      (n) => (n === 100 ? { takes: 147, fails: true } : n < 5 ? { takes: 1, fails: true } : { takes: 20 }),
    );
    expect(state<CircuitBreakerState<unknown>>().mode).toBe('closed');
  });

  test('by error rate: opens at the share of failures in the last calls, not before the minimum', () => {
    const trip = errorRate({ size: 10, minimumCalls: 6, failureRate: 0.5 });
    const failing = (pattern: string) =>
      words(
        bench([breaker({ trip } as never)], every(20, pattern.length), (n) => ({ takes: 5, fails: pattern[n] === 'x' }))
          .lines,
      );
    expect(failing('xxx..x.').map((outcome) => outcome === 'breaker-open')).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(failing('x.x.x..').includes('breaker-open')).toBe(true);
    expect(failing('x.....x.x....x..x..x').includes('breaker-open')).toBe(false);
  });

  test('by error rate in time: what is older than the window does not count', () => {
    const trip = errorRate({ window: 'time', size: 2, minimumCalls: 4, failureRate: 0.5 });
    const at = [0, 100, 200, 4000, 4100, 4200, 4300, 4400];
    const asks = at.map((instant) => ({ at: instant }));
    const { lines } = bench([breaker({ trip } as never)], asks, (n) => ({
      takes: 5,
      fails: n < 3 || n === 6 || n === 5,
    }));
    expect(words(lines)).toEqual([
      'failed',
      'failed',
      'failed',
      'answer 3@0',
      'answer 4@0',
      'failed',
      'failed',
      'breaker-open',
    ]);
  });

  test('slow calls count when the rule says so', () => {
    const trip = errorRate({ size: 4, minimumCalls: 4, slowRate: 0.5, slowAfter: '30ms' });
    const { lines } = bench([breaker({ trip } as never)], every(100, 5), (n) => ({ takes: n < 2 ? 5 : 50 }));
    expect(words(lines)).toEqual(['answer 0@0', 'answer 1@0', 'answer 2@0', 'answer 3@0', 'breaker-open']);
  });

  test('the sliding counts are those of the obvious reckoning', () => {
    const calls = fc.array(fc.record({ gap: fc.nat(3_000), ok: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(
        calls,
        fc.constantFrom('count' as const, 'time' as const),
        fc.integer({ min: 1, max: 8 }),
        (endings, window, size) => {
          const rule = errorRate({ window, size, minimumCalls: 1, failureRate: 0.5 });
          const state = rule.init();
          const past: { at: number; ok: boolean }[] = [];
          let at = 0;
          for (const { gap, ok } of endings) {
            at += ms(gap);
            past.push({ at, ok });
            const slot = Math.floor(at / s(1));
            const kept =
              window === 'count' ? past.slice(-size) : past.filter((one) => Math.floor(one.at / s(1)) > slot - size);
            const failed = kept.filter((one) => !one.ok).length;
            expect(rule.opens(state, { ok, latency: 0, now: at })).toBe(failed >= kept.length / 2);
          }
        },
      ),
    );
  });
});

describe('a bulkhead', () => {
  test('lets so many in, queues so many, in order, and refuses the rest', () => {
    const { lines } = bench([bulkhead({ limit: 2, queue: 1 })], every(0, 5));
    expect(lines).toEqual([
      '3 bulkhead-full 2',
      '4 bulkhead-full 2',
      '0 answer 0@0 14',
      '1 answer 1@0 14',
      '2 answer 2@0 26',
    ]);
  });

  test('nobody waits for longer than maxWait or the caller’s own time', () => {
    const { lines } = bench(
      [bulkhead({ limit: 1, queue: 9, maxWait: '15ms' })],
      [{ at: 0 }, { at: 0 }, { at: 0 }, { at: 0, within: ms(5) }],
      () => ({ takes: 10 }),
    );
    expect(lines).toEqual(['3 bulkhead-full 7', '0 answer 0@0 14', '2 bulkhead-full 17', '1 answer 1@0 26']);
  });

  test('an adaptive limit falls when calls fail and rises while it is used', () => {
    const limit = aimdLimit({ initial: 20, backoff: 0.5 });
    const failing = bench([bulkhead({ limit })], every(1, 50), () => ({ fails: true }));
    expect(failing.state<{ limit: { limit: number } }>().limit.limit).toBe(1);
    const state = limit.init();
    for (let i = 0; i < 10; i++) limit.ended(state, { ok: true, latency: ms(1), now: 0 }, 20);
    expect(limit.current(state)).toBe(30);
    limit.ended(state, { ok: true, latency: ms(1), now: 0 }, 3);
    expect(limit.current(state)).toBe(30);
  });

  test('the gradient limit shrinks when latency rises and grows back', () => {
    const limit = gradientLimit({ initial: 50, longWindow: 100 });
    const state = limit.init();
    for (let i = 0; i < 50; i++) limit.ended(state, { ok: true, latency: ms(10), now: 0 }, 200);
    const calm = limit.current(state);
    expect(calm).toBeGreaterThan(50);
    for (let i = 0; i < 20; i++) limit.ended(state, { ok: true, latency: ms(100), now: 0 }, 200);
    expect(limit.current(state)).toBeLessThan(calm / 2);
  });
});

test('a shedder lets the important in until the very last place', () => {
  const asks = [0, 1, 1, 1, 0, 0, 2, 0].map((priority) => ({ at: 0, priority }));
  const { lines } = bench([loadShedder({ limit: 4, shares: [1, 0.5, 0.25] })], asks);
  expect(lines.filter((line) => line.includes('shed')).map((line) => Number(line[0]))).toEqual([2, 3, 6, 7]);
});

describe('[S2] client-side throttling', () => {
  test('the published example: ten requests, none accepted', () => {
    expect(rejectionProbability(10, 0, 2)).toBeCloseTo(10 / 11, 10);
    expect(rejectionProbability(10, 5, 2)).toBe(0);
  });

  test('is nothing while all is well, and lets up when the callee does', () => {
    expect(bench([adaptiveThrottle({ window: '10s' })], every(10, 300)).count('throttle refused')).toBe(0);
    const policies = [adaptiveThrottle({ window: '2s', maxRejection: 0.8 })];
    const { lines } = bench(policies, every(10, 3_000), (n) => ({ takes: 1, fails: n < 1_000 }));
    const byOrder = words([...lines].sort((a, b) => parseInt(a, 10) - parseInt(b, 10)));
    const throttled = (from: number, to: number): number =>
      byOrder.slice(from, to).filter((word) => word === 'throttled').length;
    expect(throttled(200, 1_000) / 800).toBeCloseTo(0.8, 1);
    expect(throttled(2_500, 3_000)).toBe(0);
  });
});

describe('a hedge', () => {
  test('goes to the next target when the answer takes long, and the first answer wins', () => {
    const { lines, seen, count } = bench(
      [hedge({ after: '20ms' })],
      [{ at: 0 }, { at: 200 }],
      (n, _, callee) => ({ takes: n === 0 && callee === 0 ? 100 : 10 }),
      { callees: 2 },
    );
    expect(lines).toEqual(['0 answer 0@1 34', '1 answer 1@1 214']);
    expect(seen).toEqual(['2 0@0', '22 0@1', '202 1@1']);
    expect([count('hedge'), count('hedge won')]).toEqual([1, 1]);
  });

  test('a failure is hedged at once, and only both failing is a failure', () => {
    const { lines } = bench(
      [hedge({ after: '1s' })],
      [{ at: 0 }, { at: 100 }],
      (n, _, callee) => ({ fails: n === 1 || callee === 0 }),
      { callees: 2 },
    );
    expect(lines).toEqual(['0 answer 0@1 26', '1 all-failed 126']);
  });

  test('without budget there is none, and the first failure is the failure', () => {
    const { lines, count } = bench([hedge({ after: '5ms', budget: { share: 0, initial: 0 } })], every(50, 3), () => ({
      fails: true,
    }));
    expect(words(lines)).toEqual(['failed', 'failed', 'failed']);
    expect(count('hedge')).toBe(0);
  });

  test('what a loser holds is given back', () => {
    const { lines, state } = bench(
      [hedge({ after: '5ms' }), bulkhead({ limit: 2 })],
      every(100, 4),
      (_n, _nth, callee) => ({ takes: callee === 0 ? 5_000 : 1 }),
      { callees: 2, deadline: '30s', until: 300 },
    );
    expect(lines.length).toBe(4);
    expect(state<{ inFlight: number }>(1).inFlight).toBe(0);
  });
});

test('tied requests are begun by one server, and the other forgets them', () => {
  const world = new World({ seed: 'tied' });
  world.links({ latency: constant(100) });
  const targets = ['s1', 's2'].map((name) =>
    world.node(name, serverNode({ service: { kind: 'exponential', mean: ms(10) }, cancellable: true })),
  );
  const proxy = world.node('proxy', {
    actor: sidecar<ServiceProtocol>({ targets, policies: [tiedRequests({ delay: '1ms' })], deadline: '10s' }),
  });
  const operation = () => ({ message: 'request', payload: {} }) as const;
  world.node('client', {
    actor: client({ target: proxy, operation, workload: openLoop({ rate: 150, until: '5s' }), deadline: '20s' }),
  });
  drive(world, s(40));
  const count = (node: string, name: string): number => world.metrics.counter(node, name).value;
  expect(count('client', 'ok')).toBe(count('client', 'offered'));
  const work = (count('s1', 'served') + count('s2', 'served')) / count('client', 'offered');
  expect(work).toBeLessThan(1.02);
  expect(count('s1', 'cancelled') + count('s2', 'cancelled')).toBeGreaterThan(100);
});

describe('fallbacks', () => {
  test('answer something lesser instead of failing', () => {
    const { lines, count } = bench([fallback({ answer: () => 'nothing new' })], every(50, 2), (n) => ({
      fails: n === 1,
    }));
    expect(words(lines)).toEqual(['answer 0@0', 'nothing new']);
    expect(count('fallback')).toBe(1);
  });

  test('the last good answer to the same key, while it is not too old', () => {
    const asks = [
      { at: 0, key: 'a' },
      { at: 50, key: 'a' },
      { at: 100, key: 'b' },
      { at: 700, key: 'a' },
    ];
    const { lines } = bench([lastGoodAnswer({ maxAge: '500ms' })], asks, (n) => ({ fails: n > 0 }));
    expect(words(lines)).toEqual(['answer 0@0', 'answer 0@0', 'failed', 'failed']);
  });
});

test('options that make no sense are named', () => {
  expect(() => circuitBreaker({ probes: 0 })).toThrow('breaker.probes: got 0');
  expect(() => bulkhead({ limit: 0 })).toThrow('limit: got 0');
  expect(() => errorRate({ failureRate: 0 })).toThrow('breaker.failureRate');
  expect(() => hedge({ after: { quantile: 1 } })).toThrow('hedge.after.quantile');
  expect(() => hedge({ after: {} as never })).toThrow('hedge.after.quantile: got undefined, expected a share above 0');
  expect(() => hedge({ learnFrom: 0 })).toThrow('hedge.learnFrom: got 0, expected a whole number of at least 1');
  expect(() => errorRate({ window: 'tim' as never })).toThrow('breaker.window: got "tim", expected one of count, time');
  expect(() => circuitBreaker({ trip: 'errorRate' as never })).toThrow(
    'breaker.trip: got "errorRate", expected a rule',
  );
  expect(() => bulkhead({ limit: '5' as never })).toThrow('bulkhead.limit: got "5", expected a whole number');
  expect(() => retryAround({} as never)).toThrow('retry.backoff: got undefined, expected a retry policy');
  expect(() => adaptiveThrottle({ multiplier: 0.5 })).toThrow('throttle.multiplier');
  expect(() => loadShedder({ limit: 5, shares: [0.5, 1] })).toThrow('shedder.shares');
  expect(() => sidecar({ targets: [], policies: [] })).toThrow('sidecar.targets');
  expect(() => bench([bulkhead(), bulkhead()], [])).toThrow('sidecar.policies[1].name');
});
