import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  constant,
  defineActor,
  exponentialBackoff,
  fixedBackoff,
  fullJitter,
  immediateRetry,
  ms,
  reject,
  s,
  type NodeRef,
} from '../../sim/index.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  client,
  closedLoop,
  kvOperations,
  kvStore,
  openLoop,
  retryBudget,
  type ClientOptions,
  type ClientState,
} from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

/** A service that answers each request as the script says, the last word for ever. */
type Answer = 'ok' | 'refuse' | 'silence';
interface Scripted {
  ask(payload: { readonly n: number }): { readonly n: number; readonly by: string };
}
const scripted = (answers: readonly Answer[], delay = 0) =>
  defineActor<{ asked: number }, Scripted>({
    role: 'scripted',
    init: () => ({ asked: 0 }),
    flows: {
      *ask({ n }, ctx) {
        const asked = ctx.update((state) => state.asked++);
        const answer = answers[Math.min(asked, answers.length - 1)];
        if (delay > 0) yield* ctx.sleep(delay);
        if (answer === 'silence') yield* ctx.sleep(s(1_000));
        if (answer === 'refuse') throw reject('no');
        return { n, by: ctx.self.id };
      },
    },
  });

const bench = (answers: readonly Answer[], options: Partial<ClientOptions<Scripted>> = {}, servers = 1, delay = 0) => {
  const world = new World({ seed: 'client' });
  world.links({ latency: constant(ms(1)) });
  const targets = Array.from({ length: servers }, (_, i) =>
    world.node(`s${i + 1}`, { actor: scripted(answers, delay) }),
  );
  const actor = client<Scripted>({
    target: targets,
    workload: openLoop({ gap: '10ms', operations: 1 }),
    operation: (_ctx, n) => ({ message: 'ask', payload: { n } }),
    deadline: ms(100),
    ...options,
  });
  world.node('c', { actor });
  const count = (name: string): number => world.metrics.counter('c', name).value;
  const asked = (id: string): number => (world.named(id).state as { asked: number }).asked;
  return {
    world,
    count,
    asked,
    operations: world.history.operations,
    state: () => world.named('c').state as ClientState,
  };
};

describe('outcomes', () => {
  test.each<[readonly Answer[], string, number]>([
    [['ok'], 'ok', 1],
    [['refuse'], 'fail', 3],
    [['silence'], 'info', 3],
    [['refuse', 'ok'], 'ok', 2],
    [['silence', 'ok'], 'ok', 2],
    // A refusal does not take back what an earlier attempt may have done.
    [['silence', 'refuse'], 'info', 3],
    [['refuse', 'silence', 'refuse'], 'info', 3],
  ])('answers %j end as %s after %d attempts', (answers, outcome, attempts) => {
    const { world, count, operations } = bench(answers, { retry: fixedBackoff({ attempts: 3, base: ms(10) }) });
    drive(world, s(2));
    expect(operations.map((op) => op.outcome)).toEqual([outcome]);
    expect([count('attempts'), count('retries'), count('offered'), count(outcome)]).toEqual([
      attempts,
      attempts - 1,
      1,
      1,
    ]);
  });

  test('an answer can mean a failure', () => {
    const outcome = () => ({ outcome: 'fail', output: 'not-swapped' }) as const;
    const { world, operations, count } = bench(['ok'], { outcome });
    drive(world, s(1));
    expect(operations[0]).toMatchObject({ outcome: 'fail', error: 'not-swapped' });
    expect(count('fail')).toBe(1);
  });

  test('what is not retryable is not retried', () => {
    const retry = immediateRetry({ attempts: 5, retryable: (error) => error.definite });
    const { world, count } = bench(['silence'], { retry });
    drive(world, s(2));
    expect(count('attempts')).toBe(1);
  });

  test('who answered is in the history', () => {
    const { world, operations } = bench(['ok']);
    drive(world, s(1));
    expect(operations[0]).toMatchObject({ node: 's1', output: { by: 's1' }, invokedAt: 10_000, completedAt: 12_000 });
  });
});

describe('deadlines', () => {
  test('the overall deadline cuts attempts short and forbids waits that would pass it', () => {
    const retry = fixedBackoff({ attempts: 100, base: ms(10) });
    const { world, count, operations } = bench(['silence'], { retry, overall: ms(250) });
    drive(world, s(5));
    // Attempts at 0, 110, 220 ms; the last one has 30 ms left.
    expect(count('attempts')).toBe(3);
    expect(operations[0]?.completedAt).toBe(ms(10) + ms(250));
  });

  test('waits follow the retry policy', () => {
    const { world, operations } = bench(['refuse'], { retry: exponentialBackoff({ attempts: 4, base: ms(10) }) });
    drive(world, s(1));
    expect(operations[0]?.completedAt).toBe(ms(10) + 4 * ms(2) + ms(10 + 20 + 40));
  });
});

describe('targets', () => {
  const ten = openLoop({ gap: '10ms', operations: 10 });
  test('rotate: in turn, operation by operation', () => {
    const { world, asked } = bench(['ok'], { workload: ten }, 2);
    drive(world, s(1));
    expect([asked('s1'), asked('s2')]).toEqual([5, 5]);
  });
  test('sticky: stays with whoever answered, and leaves it when it fails', () => {
    const { world, asked } = bench(['ok'], { workload: ten, routing: 'sticky', retry: immediateRetry() }, 2);
    drive(world, ms(55));
    crash(world, world.named('s1'));
    drive(world, s(1));
    expect(asked('s2')).toBe(5);
  });
  test('a refusal can point elsewhere', () => {
    const world = new World({ seed: 'redirect' });
    const leader = world.node<{ asked: number }, Scripted>('s2', { actor: scripted(['ok']) });
    const follower = world.node<object, Scripted>('s1', {
      actor: defineActor<object, Scripted>({
        role: 'follower',
        init: () => ({}),
        on: {
          ask() {
            throw reject('not-leader', 'ask s2', { leader: 's2' });
          },
        },
      }),
    });
    const redirect = (error: { detail: unknown }): NodeRef<Scripted> | undefined =>
      (error.detail as { leader?: string }).leader === 's2' ? leader : undefined;
    const operation = (_ctx: unknown, n: number) => ({ message: 'ask', payload: { n } }) as const;
    world.node('c', {
      actor: client<Scripted>({ target: follower, workload: ten, operation, redirect, retry: immediateRetry() }),
    });
    drive(world, s(1));
    expect(world.metrics.counter('c', 'ok').value).toBe(10);
    expect(world.metrics.counter('c', 'attempts').value).toBe(20);
  });
});

describe('the open loop', () => {
  test('does not wait for answers', () => {
    const { world, asked } = bench(['silence'], {
      workload: openLoop({ gap: '10ms', operations: 50 }),
      deadline: s(10),
    });
    drive(world, s(1));
    expect(asked('s1')).toBe(50);
  });

  test('Poisson arrivals come at the rate asked for, with exponential gaps', () => {
    const { world, operations } = bench(['ok'], { workload: openLoop({ rate: 333 }) });
    drive(world, s(20));
    const gaps = operations.map((op, i) => op.invokedAt - (operations[i - 1]?.invokedAt ?? 0));
    const mean = gaps.reduce((sum, g) => sum + g, 0) / gaps.length;
    const square = gaps.reduce((sum, g) => sum + g * g, 0) / gaps.length;
    // Standard error of the mean of n exponentials: mean/√n, n ≈ 6,700.
    expect(Math.abs(mean / (1e6 / 333) - 1)).toBeLessThan(4 / Math.sqrt(gaps.length));
    expect(square / (mean * mean)).toBeCloseTo(2, 0);
  });

  test('a gap that is no whole number of microseconds does not drift', () => {
    const { world, operations } = bench(['ok'], {
      workload: openLoop({ gap: { kind: 'uniform', min: 1_000, max: 1_001 } }),
    });
    drive(world, s(3));
    expect(Math.abs(operations.length - s(3) / 1_000.5)).toBeLessThan(3);
  });

  test('with few connections latency counts from the intended arrival', () => {
    const workload = openLoop({ gap: '10ms', operations: 10, concurrency: 1 });
    const { world, count } = bench(['ok'], { workload, deadline: s(1) }, 1, ms(28));
    drive(world, s(2));
    const latency = world.metrics.histogram('c', 'latency');
    // Each takes 30 ms and they come every 10: the last one waits for nine others and itself, 300 − 90 ms.
    expect([latency.min, latency.max, count('ok')]).toEqual([30_000, 210_000, 10]);
  });

  test('a paused client catches up, and its users have waited', () => {
    const { world, operations } = bench(['ok'], { workload: openLoop({ gap: '10ms', operations: 20 }) });
    drive(world, ms(55));
    pause(world, world.named('c'), { count: 0 });
    drive(world, ms(155));
    resume(world, world.named('c'));
    drive(world, s(1));
    expect(operations.length).toBe(20);
    expect(world.metrics.histogram('c', 'latency').max).toBe(ms(155 - 60 + 2));
  });

  test('from and until bound it', () => {
    const { world, operations } = bench(['ok'], { workload: openLoop({ gap: '10ms', from: '100ms', until: '200ms' }) });
    drive(world, s(1));
    expect(operations.map((op) => op.invokedAt / 1_000)).toEqual([110, 120, 130, 140, 150, 160, 170, 180, 190]);
  });

  test('a traffic spike shortens the gaps', () => {
    const { world, operations } = bench(['ok'], { workload: openLoop({ gap: '10ms' }) });
    drive(world, s(1));
    const effect = { count: 0 };
    world.named('c').load.spikes.push({ factor: 4, effect });
    drive(world, s(2));
    expect(operations.filter((op) => op.invokedAt > s(1)).length).toBeGreaterThan(390);
    expect(effect.count).toBeGreaterThan(390);
  });

  test('operations of one session never overlap', () => {
    const { world, operations } = bench(
      ['ok', 'silence', 'refuse', 'ok'],
      { workload: openLoop({ rate: 200 }) },
      1,
      ms(20),
    );
    drive(world, s(5));
    const busyUntil = new Map<string, number>();
    for (const op of operations) {
      expect(busyUntil.get(op.client) ?? 0).toBeLessThanOrEqual(op.invokedAt);
      busyUntil.set(op.client, op.completedAt);
    }
    expect(busyUntil.size).toBeGreaterThan(3);
  });
});

describe('the closed loop', () => {
  test('each user has one operation in progress, and thinks between two', () => {
    const { world, asked, operations } = bench(['ok'], { workload: closedLoop({ users: 3, think: '8ms' }) });
    drive(world, ms(99));
    expect(asked('s1')).toBe(30); // every 10 ms each
    expect(new Set(operations.map((op) => op.client))).toEqual(new Set(['c', 'c/1', 'c/2']));
  });

  test('asks for less when the service is slow, as the response time law says: X = N / (R + Z)', () => {
    const { world, count } = bench(['ok'], { workload: closedLoop({ users: 5, think: '70ms' }) }, 1, ms(28));
    drive(world, s(10));
    expect(Math.abs(count('ok') - (5 * 10_000) / 100)).toBeLessThanOrEqual(5);
  });

  test('the users share the number of operations', () => {
    const { world, count } = bench(['ok'], { workload: closedLoop({ users: 4, operations: 10 }) });
    drive(world, s(1));
    expect(count('ok')).toBe(10);
  });
});

describe('crash and restart', () => {
  test.each([
    ['open', openLoop({ gap: '10ms' })],
    ['closed', closedLoop({ users: 2, think: '8ms' })],
  ])(
    'a client with an %s loop loses its operations as info and begins anew, with numbers never used before',
    (_kind, workload) => {
      const { world, operations, count } = bench(['ok'], { workload }, 1, ms(3));
      drive(world, ms(134));
      crash(world, world.named('c'));
      drive(world, s(1));
      expect(operations.filter((op) => op.outcome === 'pending')).toEqual([]);
      const before = operations.length;
      restart(world, world.named('c'));
      drive(world, s(2));
      expect(operations.length).toBeGreaterThan(before + 50);
      const numbers = operations.filter((op) => op.outcome === 'ok').map((op) => (op.output as { n: number }).n);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(count('ok')).toBe(numbers.length);
    },
  );
});

describe('the retry budget', () => {
  test('retries are at most the initial tokens plus the share of the requests', () => {
    const options = {
      retry: immediateRetry({ attempts: 10 }),
      budget: { share: 0.1, initial: 5 },
      workload: openLoop({ gap: '10ms', operations: 1_000 }),
    };
    const { world, count } = bench(['refuse'], options);
    drive(world, s(20));
    expect(count('retries')).toBe(5 + 100);
    expect(count('budget-exhausted')).toBeGreaterThan(0);
  });

  test('holds for any order of requests and retries', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 500 }),
        fc.integer({ min: 0, max: 1_000 }),
        fc.nat(20),
        (acts, thousandths, initial) => {
          const budget = retryBudget({ share: thousandths / 1_000, initial, most: 20 });
          let level = budget.initial;
          let requests = 0;
          let retries = 0;
          for (const isRetry of acts) {
            if (!isRetry) {
              requests++;
              level = budget.deposit(level);
            } else {
              const left = budget.withdraw(level);
              if (left === undefined) continue;
              retries++;
              level = left;
            }
          }
          expect(retries * 1_000).toBeLessThanOrEqual(initial * 1_000 + requests * thousandths);
        },
      ),
    );
  });

  test('[S4] attempts and success without a budget: (1 − pⁿ) / (1 − p) and 1 − pⁿ', () => {
    for (const [p, n, attempts, success] of [
      [0.5, 3, 1.75, 0.875],
      [0.1, 3, 1.11, 0.999],
      [0.3, 4, 1.417, 0.9919],
    ] as const) {
      const world = new World({ seed: `s4/${p}/${n}` });
      const flaky = defineActor<object, Scripted>({
        role: 'flaky',
        init: () => ({}),
        on: {
          ask(_state, payload, ctx) {
            if (ctx.random.chance(p)) throw reject('no');
            return { n: payload.n, by: 's' };
          },
        },
      });
      const target = world.node('s', { actor: flaky });
      const operation = (_ctx: unknown, i: number) => ({ message: 'ask', payload: { n: i } }) as const;
      const workload = openLoop({ rate: 1_000, operations: 4_000 });
      world.node('c', {
        actor: client<Scripted>({
          target,
          workload,
          operation,
          record: false,
          retry: fullJitter({ attempts: n, base: ms(1) }),
        }),
      });
      drive(world, s(20));
      const count = (name: string): number => world.metrics.counter('c', name).value;
      expect(Math.abs(count('attempts') / 4_000 - attempts)).toBeLessThan((4 * attempts) / Math.sqrt(4_000));
      expect(Math.abs(count('ok') / 4_000 - success)).toBeLessThan(4 * Math.sqrt((success * (1 - success)) / 4_000));
    }
  });
});

describe('operations on a store', () => {
  const kvBench = (options: Parameters<typeof kvOperations>[0]) => {
    const world = new World({ seed: 'kv' });
    const target = world.node('store', { actor: kvStore() });
    world.node('c', { actor: client({ target, workload: openLoop({ rate: 500 }), ...kvOperations(options) }) });
    drive(world, s(4));
    return { world, operations: world.history.operations };
  };

  test('shares and keys are as asked, written values unique', () => {
    const { operations } = kvBench({ keys: 4, readShare: 0.3, casShare: 0.2 });
    const share = (f: string): number => operations.filter((op) => op.f === f).length / operations.length;
    const tolerance = 4 * Math.sqrt(0.25 / operations.length);
    expect(Math.abs(share('read') - 0.3)).toBeLessThan(tolerance);
    expect(Math.abs(share('cas') - 0.2)).toBeLessThan(tolerance);
    expect(new Set(operations.map((op) => op.key))).toEqual(new Set(['k1', 'k2', 'k3', 'k4']));
    const written = operations.flatMap((op) =>
      op.f === 'write' ? [op.input] : op.f === 'cas' ? [(op.input as string[])[1]] : [],
    );
    expect(new Set(written).size).toBe(written.length);
    expect(operations.some((op) => op.f === 'cas' && op.outcome === 'ok')).toBe(true);
  });

  test('a read gives the value, null for an absent key', () => {
    const { operations } = kvBench({ readShare: 0.9 });
    const reads = operations.filter((op) => op.f === 'read' && op.outcome === 'ok').map((op) => op.output);
    expect(reads[0]).toBeNull();
    expect(String(reads.at(-1))).toMatch(/^c-\d+$/);
  });

  test('a hot key draws its share', () => {
    const world = new World({ seed: 'hot' });
    const target = world.node('store', { actor: kvStore() });
    world.node('c', { actor: client({ target, workload: openLoop({ rate: 500 }), ...kvOperations({ keys: 100 }) }) });
    world.start();
    world.named('c').load.hotKeys.push({ key: 'k7', share: 0.5, random: world.random('hot'), effect: { count: 0 } });
    drive(world, s(4));
    const { operations } = world.history;
    expect(operations.filter((op) => op.key === 'k7').length / operations.length).toBeGreaterThan(0.45);
  });

  test('wrong options are named', () => {
    expect(() => kvOperations({ readShare: 0.8, casShare: 0.3 })).toThrow(/kvOperations.casShare: got 0.3/);
    expect(() => kvOperations({ keys: ['a', 'a'] })).toThrow('kvOperations.keys');
    expect(() => openLoop({})).toThrow('either rate (operations a second) or gap');
    expect(() => closedLoop({ users: 0 })).toThrow('workload.users');
    expect(() => retryBudget({ share: 1.5 })).toThrow('budget.share');
  });

  const made = (options: object) => () =>
    client({
      target: { id: 's', index: 0 },
      workload: openLoop({ rate: 1 }),
      operation: () => ({ message: 'request', payload: {} }) as never,
      ...options,
    });

  test.each([
    ['client.target: got [], expected a node, or a list of at least one', made({ target: [] })],
    ['client.target: got "s", expected a node', made({ target: 's' })],
    ['client.workload: got {"rate":1}, expected openLoop(…) or closedLoop(…)', made({ workload: { rate: 1 } })],
    ['kvOperations.keys: got "ab", expected at least one name', () => kvOperations({ keys: 'ab' as never })],
    ['client.routing: got "stiky", expected one of rotate, random, sticky; did you mean', made({ routing: 'stiky' })],
    ['client.operation: got undefined, expected a function that', made({ operation: undefined })],
    ['client.retry: got 3, expected a retry policy', made({ retry: 3 })],
    ['client.policies: got "bulkhead", expected a list of policies', made({ policies: 'bulkhead' })],
    ['client.policies[0]: got "bulkhead", expected a policy, such as bulkhead()', made({ policies: ['bulkhead'] })],
    ['workload.rate: got {}, expected a number of operations a second', () => openLoop({ rate: {} as never })],
    ['workload.arrivals: got "bursts", expected a process', () => openLoop({ arrivals: 'bursts' as never })],
    ['client.deadline: got 0, expected a duration above 0', made({ deadline: 0 })],
    ['client.overall: got 0, expected a duration above 0', made({ overall: 0 })],
    ['workload.until: got "1s", expected an instant after from', () => openLoop({ rate: 1, from: '5s', until: '1s' })],
    ['workload.until: got "5s", expected an instant after from', () => closedLoop({ from: '5s', until: '5s' })],
    ['workload.rate: got "9", expected a number of operations a second', () => openLoop({ rate: '9' as never })],
    ['retry.base: got Infinity, expected a duration', () => fixedBackoff({ base: Infinity })],
    ['retry.base: got 1.5, expected a duration', () => fixedBackoff({ base: 1.5 })],
    ['retry.cap: got 1000, expected a duration of at least base (50000)', () => fixedBackoff({ cap: '1ms' })],
  ])('an option that makes no sense is refused: %s', (message, make) => {
    expect(make).toThrow(message);
  });

  test('a backoff takes durations as text', () => {
    expect(fixedBackoff({ base: '100ms' }).delay(1, 0, {} as never)).toBe(ms(100));
  });
});
