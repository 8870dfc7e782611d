/** What limiters do besides counting: headers, graces, lines, crashes; and gateways that count together. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, constant, defineActor, ms, s, uniform } from '../../sim/index.ts';
import type { Actor, Check, Flow, NodeRef, Operation } from '../../sim/index.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  atomicIncrement,
  burstAndRate,
  centralLimiter,
  client,
  fixedWindow,
  inAnyWindow,
  leakingBucket,
  limitStore,
  limiter,
  openLoop,
  readThenWrite,
  requestsWithin,
  scripted,
  slidingWindowCounter,
  slidingWindowLog,
  syncedLimiter,
  tokenBucket,
} from '../../models/index.ts';
import type {
  Counting,
  GateOptions,
  LimiterPolicy,
  LimiterState,
  LimitStoreProtocol,
  RateLimited,
} from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';

/** Answers with when it was asked. */
interface Echo {
  ask(payload: { readonly n: number }): { readonly n: number; readonly at: number };
}

const echo = defineActor<number, Echo>({
  role: 'echo',
  init: () => 0,
  on: { ask: (_state, { n }, ctx) => ({ n, at: ctx.clock.monotonic }) },
});

type Gateway = (target: NodeRef<Echo>, options: Partial<GateOptions<Echo>>) => Actor<never, Echo>;

/** A caller that asks at given instants, a gate and an echo, a millisecond apart; what became of each question. */
function asked(gate: Gateway, instants: readonly number[], options: Partial<GateOptions<Echo>> = {}) {
  const world = new World({ seed: 'gate' });
  world.links({ latency: constant(ms(1)) });
  const target = world.node('gate', { actor: gate(world.node('echo', { actor: echo }), options) });
  const ends: (number | string)[] = instants.map(() => 'open');
  const replies: unknown[] = [];
  world.node('caller', {
    actor: runner(function* (ctx): Flow {
      const one = function* (n: number): Flow {
        yield* ctx.sleep(instants[n] as number);
        try {
          const reply = yield* ctx.call(target, 'ask', { n }, { deadline: '20s' });
          replies[n] = reply;
          ends[n] = reply.at;
        } catch (error) {
          const { code, detail } = error as { code: string; detail: unknown };
          replies[n] = detail;
          ends[n] = code;
        }
      };
      yield* ctx.all(instants.map((_, n) => one(n)));
    }),
  });
  drive(world, s(30));
  const count = (name: string): number => world.metrics.counter('gate', name).value;
  return { world, ends, replies, count };
}

const by =
  <S>(policy: LimiterPolicy<S>): Gateway =>
  (target, options) =>
    limiter({ target, policy, ...options }) as unknown as Actor<never, Echo>;
const together = (n: number): number[] => Array.from({ length: n }, () => 0);
/** From the caller through the gate to the echo. */
const WAY = ms(2);

describe('headers', () => {
  const policies = [
    tokenBucket({ rate: 2 }),
    fixedWindow({ limit: 2 }),
    slidingWindowLog({ limit: 2 }),
    slidingWindowCounter({ limit: 2 }),
    leakingBucket({ rate: 2, queue: 1 }),
  ] as readonly LimiterPolicy<unknown>[];

  test.each(policies.map((policy) => [policy.name, policy] as const))(
    '%s: limit, remaining and reset on replies, retry-after on refusals',
    (_name, policy) => {
      const { replies } = asked(by(policy), together(3), { headers: true });
      const [first, second, third] = replies as { rateLimit: object; n: number }[];
      expect([first, second].map((reply) => reply?.rateLimit)).toMatchObject([
        { limit: 2, remaining: 1 },
        { limit: 2, remaining: 0 },
      ]);
      expect(first?.n).toBe(0);
      const { limit, remaining, resetAfter, retryAfter } = third as unknown as RateLimited;
      expect([limit, remaining, retryAfter > 0, retryAfter <= resetAfter]).toEqual([2, 0, true, true]);
      // Who waits for as long passes.
      const { ends } = asked(by(policy), [0, 0, 0, retryAfter, retryAfter - 1]);
      expect(ends.map((end) => typeof end)).toEqual(['number', 'number', 'string', 'number', 'string']);
    },
  );

  test('replies pass as they are when nobody asked for headers', () => {
    expect(asked(by(tokenBucket({ rate: 1 })), [0]).replies).toEqual([{ n: 0, at: WAY }]);
  });
});

describe('over the limit', () => {
  test('a leaking bucket holds requests back and sends them on at its rate, in order', () => {
    const { ends } = asked(by(leakingBucket({ rate: 10, queue: 3 })), [0, 0, 0, ms(50), ms(50)]);
    expect(ends).toEqual([WAY, WAY + ms(100), WAY + ms(200), WAY + ms(300), 'rate-limited']);
  });

  test('a soft limit with a grace lets pass for so long, and grants it again after as long without excess', () => {
    const instants = [0, ms(10), ms(200), ms(310), ms(400), ms(600), ms(1_100), ms(1_390), ms(1_420)];
    const policy = slidingWindowLog({ limit: 1, window: '10s' });
    const { ends, count } = asked(by(policy), instants, { soft: '300ms' });
    // The excess begins at 10 ms, and goes on as long as no 300 ms pass without: until 600 ms. The next begins at 1,100.
    const passes = [true, true, true, false, false, false, true, true, false];
    expect(ends.map((end) => end !== 'rate-limited')).toEqual(passes);
    expect([count('admitted'), count('limited')]).toEqual([1, 8]);
  });

  test('a line keeps the order of arrival, gives way at the limit’s rate, refuses beyond its places and its patience', () => {
    const policy = slidingWindowLog({ limit: 1, window: '100ms' });
    const { ends, count, world } = asked(by(policy), [0, 1, 2, 3, 4, ms(100) + 1], {
      enqueue: { places: 3, longest: '250ms' },
    });
    const passed = [WAY, WAY + ms(100), WAY + ms(200)];
    // The fourth is first in line at 200 ms and would have to wait until 300; the fifth found no place; the last would pass at 300.
    expect(ends).toEqual([...passed, 'rate-limited', 'rate-limited', WAY + ms(300)]);
    expect([count('admitted'), count('limited'), count('enqueued')]).toEqual([4, 2, 4]);
    expect((world.named('gate').state as LimiterState<unknown>).lines.size).toBe(0);
  });

  test('whatever comes, a line passes requests in their order, each once, and nothing is left in it', () => {
    const property = fc.property(
      fc.array(fc.nat(900_000), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      (times, places) => {
        const instants = times.toSorted((a, b) => a - b);
        const policy = tokenBucket({ rate: 5, burst: 2 });
        const { ends, count, world } = asked(by(policy), instants, { enqueue: { places, longest: '700ms' } });
        const passed = ends.filter((end) => typeof end === 'number');
        expect(passed).toEqual(passed.toSorted((a, b) => a - b));
        expect(count('admitted')).toBe(passed.length);
        expect(count('limited')).toBe(ends.filter((end) => end === 'rate-limited').length);
        expect(passed.length + count('limited')).toBe(instants.length);
        for (const [n, end] of ends.entries())
          if (typeof end === 'number') expect(end - (instants[n] as number)).toBeLessThanOrEqual(WAY + ms(700));
        expect((world.named('gate').state as LimiterState<unknown>).lines.size).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 40 });
  });

  test('options that make no sense are refused by name', () => {
    const policy = tokenBucket({ rate: 1 });
    const made = (options: object) => () => limiter({ target: { id: 'x', index: 0 }, policy, ...options });
    expect(made({ enqueue: { places: 0 } })).toThrow('limiter.enqueue.places: got 0, expected a whole number');
    expect(made({ enqueue: { places: 1, longest: 'soon' } })).toThrow('limiter.enqueue.longest: got "soon"');
    expect(made({ soft: 'often' })).toThrow('limiter.soft: got "often"');
    expect(made({ soft: true, enqueue: { places: 1 } })).toThrow('limiter.enqueue: got {"places":1}, expected nothing');
    expect(made({ policy: 'tokenBucket' })).toThrow('limiter.policy: got "tokenBucket", expected one such as token');
    expect(made({ keyOf: 'user' })).toThrow('limiter.keyOf: got "user", expected a function');
    expect(made({ deadline: 0 })).toThrow('limiter.deadline: got 0, expected a duration above 0');
    expect(() => limitStore({ policy: 'tokenBucket' as never })).toThrow('limitStore.policy: got "tokenBucket"');
    expect(() =>
      centralLimiter({ target: { id: 'x', index: 0 }, store: { id: 's', index: 1 }, counting: 'scripted' as never }),
    ).toThrow('centralLimiter.counting: got "scripted"');
    expect(made({ exempt: 'health' })).toThrow('limiter.exempt: got "health", expected a list of messages');
    expect(made({ keys: 0 })).toThrow('limiter.keys: got 0');
    expect(made({ afterCrash: 'cry' })).toThrow('limiter.afterCrash: got "cry", expected "fresh" or "wait"');
    expect(() =>
      syncedLimiter({ target: { id: 'x', index: 0 }, store: { id: 's', index: 1 }, limit: 1, every: 0 }),
    ).toThrow('syncedLimiter.every: got 0, expected a duration above 0');
  });
});

test.each([
  ['fresh', 20],
  ['wait', 10],
] as const)('a crash that loses the counts, afterCrash %s: %d pass within the window', (afterCrash, most) => {
  const world = new World({ seed: 'crash' });
  world.links({ latency: constant(ms(1)) });
  const target = world.node('echo', { actor: echo });
  const gate = world.node('gate', {
    actor: limiter<Echo, unknown>({
      target,
      policy: slidingWindowLog({ limit: 10 }) as LimiterPolicy<unknown>,
      afterCrash,
    }),
  });
  const operation = () => ({ message: 'ask', payload: { n: 0 } }) as const;
  world.node('c', {
    actor: client<Echo>({ target: gate, workload: openLoop({ gap: '5ms', until: '3s' }), operation }),
  });
  drive(world, s(1) + ms(200));
  crash(world, world.named('gate'));
  drive(world, s(1) + ms(205));
  restart(world, world.named('gate'));
  drive(world, s(4));
  const passed = world.history.operations.filter(({ outcome }) => outcome === 'ok').map(({ invokedAt }) => invokedAt);
  const within = (from: number): number => passed.filter((at) => at >= from && at < from + s(1)).length;
  expect(Math.max(...passed.map(within))).toBe(most);
  expect(passed.filter((at) => at > s(1) + ms(205)).length).toBeGreaterThan(9);
});

/** Four gateways, one tenant who asks `rate` times a second for 10 s, a store within `latency`. */
function gateways(
  actor: (target: NodeRef<Echo>, store: NodeRef<LimitStoreProtocol>) => object,
  rate: number,
  latency = uniform(100, 900),
) {
  const world = new World({ seed: 'gateways' });
  world.links({ latency });
  const target = world.node('echo', { actor: echo });
  const store = world.node('store', { actor: limitStore({ policy: slidingWindowLog({ limit: 50 }) }) });
  const refs = world.refs<Echo>('g', 4);
  for (const ref of refs) world.node(ref, { actor: actor(target, store) as Actor<object, Echo> });
  const operation = (_ctx: unknown, n: number) => ({ message: 'ask', payload: { n } }) as const;
  world.node('c', { actor: client<Echo>({ target: refs, workload: openLoop({ rate, until: '10s' }), operation }) });
  const count = (name: string): number => refs.reduce((sum, { id }) => sum + world.metrics.counter(id, name).value, 0);
  const judged = (check: Check) => check.begin({ operations: world.history.operations } as never).finish();
  return { world, count, judged, ok: () => world.metrics.counter('c', 'ok').value };
}

const central =
  (counting: Counting, onStoreFailure?: 'open' | 'closed') =>
  (target: NodeRef<Echo>, store: NodeRef<LimitStoreProtocol>) =>
    centralLimiter({ target, store, counting, ...(onStoreFailure === undefined ? {} : { onStoreFailure }) });

describe('gateways that count in one store', () => {
  const anySecond = requestsWithin(inAnyWindow(50, '1s'));

  test('a script admits as one limiter would: 50 in any second, and as many as that', () => {
    const { world, judged, ok, count } = gateways(central(scripted()), 300);
    drive(world, s(12));
    expect(judged(anySecond).status).toBe('held');
    expect(ok()).toBeGreaterThan(480);
    expect(count('admitted') + count('limited')).toBe(world.history.operations.length);
  });

  test('get, then set, loses what others set meanwhile; the more so the farther the store', () => {
    const passed = [uniform(10, 20), uniform(1_000, 2_000), uniform(5_000, 10_000)].map((latency) => {
      const { world, judged, ok } = gateways(central(readThenWrite(slidingWindowLog({ limit: 50 }))), 300, latency);
      drive(world, s(12));
      return [ok(), judged(anySecond).status] as const;
    });
    expect(passed[1]?.[1]).toBe('violated');
    expect(passed[2]?.[1]).toBe('violated');
    expect(passed[1]?.[0]).toBeGreaterThan(600);
    expect(passed[2]?.[0]).toBeGreaterThan(1.2 * (passed[1]?.[0] ?? NaN));
  });

  test('an atomic increment admits exactly the limit in each window, and twice that across an edge', () => {
    const { world, judged } = gateways(central(atomicIncrement({ limit: 50 })), 300);
    drive(world, s(12));
    const ends = world.history.operations.filter(({ outcome }) => outcome === 'ok');
    // Requests that were under way at an edge may be of either window; here none is.
    for (let w = 0; w < 10; w++)
      expect(ends.filter(({ invokedAt }) => Math.floor(invokedAt / s(1)) === w).length).toBeLessThanOrEqual(51);
    expect(ends.length).toBe(500);
    expect(judged(requestsWithin(inAnyWindow(100, '1s'))).status).toBe('held');
  });

  test.each(['open', 'closed'] as const)('a store that is down: fail %s', (mode) => {
    const { world, count, judged } = gateways(central(scripted(), mode), 100);
    drive(world, s(4));
    crash(world, world.named('store'));
    drive(world, s(6));
    restart(world, world.named('store'));
    drive(world, s(7));
    const meanwhile = count(`failed-${mode}`);
    expect(meanwhile).toBeGreaterThan(150);
    drive(world, s(12));
    expect(count(`failed-${mode}`)).toBe(meanwhile);
    const failed = world.history.operations.filter(({ error }) => error === 'limiter-unavailable').length;
    expect(failed).toBe(mode === 'closed' ? meanwhile : 0);
    expect(judged(requestsWithin(inAnyWindow(50, '1s'))).status).toBe(mode === 'closed' ? 'held' : 'violated');
  });
});

describe('gateways that count for themselves', () => {
  const most = (actor: (target: NodeRef<Echo>, store: NodeRef<LimitStoreProtocol>) => object): number => {
    const { world } = gateways(actor, 400);
    drive(world, s(12));
    const ok = world.history.operations.filter(({ outcome }) => outcome === 'ok').map(({ completedAt }) => completedAt);
    return Math.max(...ok.map((at) => ok.filter((other) => Math.floor(other / s(1)) === Math.floor(at / s(1))).length));
  };

  test('each with the whole limit: four times the limit; exchanged every so often: the less, the more often', () => {
    const alone = most((target) => limiter({ target, policy: fixedWindow({ limit: 50 }) }));
    const [rarely, often, always] = ['500ms', '50ms', '5ms'].map((every) =>
      most((target, store) => syncedLimiter({ target, store, limit: 50, every })),
    ) as [number, number, number];
    expect(alone).toBeGreaterThanOrEqual(199);
    expect(rarely).toBeGreaterThan(150);
    expect(often).toBeLessThan(75);
    expect(always).toBeLessThan(56);
    expect([always >= 50, often > always, rarely > often]).toEqual([true, true, true]);
  });

  test('without the store each goes on with what it knows, and they agree again when it is back', () => {
    const { world, count } = gateways(
      (target, store) => syncedLimiter({ target, store, limit: 50, every: '50ms' }),
      400,
    );
    drive(world, s(2));
    expect(count('exchanges-failed')).toBe(0);
    const before = count('admitted');
    expect(before).toBeLessThan(2 * 75);
    crash(world, world.named('store'));
    drive(world, s(4));
    expect(count('exchanges-failed')).toBeGreaterThan(20);
    expect(count('admitted') - before).toBe(2 * 200);
    restart(world, world.named('store'));
    drive(world, s(5));
    const after = count('admitted');
    drive(world, s(8));
    expect(count('admitted') - after).toBeLessThan(3 * 75);
  });
});

describe('the check of rate bounds', () => {
  const op = (invokedAt: number, completedAt: number, rest: Partial<Operation> = {}): Operation =>
    ({
      id: invokedAt,
      key: '',
      f: 'ask',
      outcome: 'ok',
      invokedAt,
      completedAt,
      completed: completedAt,
      ...rest,
    }) as Operation;
  const judge = (check: Check, operations: readonly Operation[]) => check.begin({ operations } as never).finish();

  test('accuses when no choice of instants explains what was let through, and names the fullest stretch', () => {
    const check = requestsWithin(inAnyWindow(2, 100));
    expect(judge(check, [op(0, 10), op(20, 50), op(60, 99)])).toMatchObject({
      status: 'violated',
      message:
        '3 requests were let through between 0.0000 s and 0.0001 s; 2 are allowed in 99us (at most 2 in any 100us)',
      witness: { operations: [0, 20, 60], at: 99 },
    });
    expect(judge(check, [op(0, 10), op(20, 50), op(60, 100)]).status).toBe('held');
    expect(judge(check, [op(0, 10), op(20, 50), op(60, 99, { outcome: 'info' })]).status).toBe('held');
    expect(judge(check, [op(0, 10), op(20, 50), op(60, 99, { key: 'other' })]).status).toBe('held');
    expect(
      judge(requestsWithin(inAnyWindow(2, 100), { counts: ({ id }) => id !== 0 }), [op(0, 10), op(20, 50), op(60, 99)])
        .status,
    ).toBe('held');
  });

  test('a limiter that keeps its promise is never accused, one that breaks it is when answers take no time', () => {
    const step = fc.record({ gap: fc.nat(60), before: fc.nat(40), after: fc.nat(40) });
    const bounds = [
      {
        bound: inAnyWindow(3, 100),
        policy: () => slidingWindowLog({ limit: 3, window: 100 }) as LimiterPolicy<unknown>,
      },
      {
        bound: burstAndRate(3, 1, 20),
        policy: () => tokenBucket({ rate: 1, per: 20, burst: 3 }) as LimiterPolicy<unknown>,
      },
    ];
    for (const { bound, policy } of bounds) {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const { init, admit } = policy();
          const state = init(0);
          const honest: Operation[] = [];
          const all: Operation[] = [];
          let now = 100;
          for (const [id, { gap, before, after }] of steps.entries()) {
            now += gap;
            if (admit(state, now, 1).admitted) honest.push(op(now - before, now + after, { id }));
            all.push(op(now, now, { id }));
          }
          expect(judge(requestsWithin(bound), honest).status).toBe('held');
          const instants = all.map(({ invokedAt }) => invokedAt);
          const tooMany = instants.some((from, i) =>
            instants.slice(i).some((to, k) => to - from <= bound.longest && k + 1 > bound.most(to - from)),
          );
          expect(judge(requestsWithin(bound), all).status).toBe(tooMany ? 'violated' : 'held');
        }),
      );
    }
    expect(bounds.map(({ bound }) => bound.longest)).toEqual([99, NEVER]);
  });
});
