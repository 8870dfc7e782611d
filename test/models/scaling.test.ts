import { describe, expect, test } from '@jest/globals';
import { constant, ms, s } from '../../sim/index.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  autoscaledPool,
  client,
  closedLoop,
  desiredReplicas,
  kvStore,
  openLoop,
  payments,
  relativeCapacity,
  serverNode,
  visitor,
  webServer,
  type AutoscaledPoolState,
  type Payment,
  type PaymentsOptions,
  type PaymentsProtocol,
  type PaymentsState,
  type Scalability,
  type ServiceProtocol,
  type WebProtocol,
} from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';

describe('[D1] the number of replicas', () => {
  test('is what Kubernetes’ documentation says; also cells that it does not', () => {
    expect([desiredReplicas(1, 200, 100), desiredReplicas(4, 50, 100)]).toEqual([2, 2]);
    expect([desiredReplicas(3, 90, 50), desiredReplicas(10, 105, 100), desiredReplicas(10, 111, 100)]).toEqual([
      6, 10, 12,
    ]);
    expect([desiredReplicas(10, 110, 100), desiredReplicas(10, 90, 100), desiredReplicas(10, 89, 100)]).toEqual([
      10, 10, 9,
    ]);
    expect([desiredReplicas(7, 0, 1), desiredReplicas(5, 3, 2, 0.5), desiredReplicas(5, 3.1, 2, 0.5)]).toEqual([
      0, 5, 8,
    ]);
  });
});

describe('a machine with more workers', () => {
  /** Requests a second that `n` workers do when there is always one waiting, of 10 ms of work each. */
  function throughput(n: number, scalability: Scalability): number {
    const world = new World({ seed: 'usl' });
    world.links({ latency: constant(0) });
    const target = world.node('server', serverNode({ servers: n, service: constant(ms(10)), scalability }));
    const operation = () => ({ message: 'request', payload: {} }) as const;
    const workload = closedLoop({ users: n, think: constant(0) });
    world.node('users', { actor: client({ target, workload, operation, record: false }) });
    world.start();
    drive(world, s(20));
    return world.metrics.counter('server', 'served').value / 20;
  }

  test.each([
    [{ contention: 0.02 }, 'Amdahl'],
    [{ contention: 0.05, coherence: 0.002 }, 'Gunther'],
    [{}, 'no hindrance'],
  ])('does as much as the Universal Scalability Law says: %j (%s)', (scalability, _whose) => {
    for (const n of [1, 2, 4, 8, 16, 32]) {
      expect(throughput(n, scalability) / 100 / relativeCapacity(n, scalability)).toBeCloseTo(1, 1.7);
    }
  });

  test('does most with √((1 − σ) / κ) workers, and less with more', () => {
    const scalability = { contention: 0.05, coherence: 0.005 };
    const done = [10, 14, 20, 32].map((n) => throughput(n, scalability));
    expect(done[1]).toBeGreaterThan(done[0] as number);
    expect(done[2]).toBeLessThan(done[1] as number);
    expect(done[3]).toBeLessThan(done[2] as number);
  });

  test('hinders itself by a share, or says which option is none', () => {
    expect(() => serverNode({ scalability: { contention: 1.5 } })).toThrow(/scalability\.contention/);
    expect(() => relativeCapacity(2, { coherence: -1 })).toThrow(/scalability\.coherence/);
  });
});

describe('an autoscaled pool', () => {
  /** Requests of 100 ms each, at a rate that is 10 until 20 s, then 40, and 10 again from 60 s on. */
  const pool = () => {
    const world = new World({ seed: 'pool' });
    world.links({ latency: constant(ms(1)) });
    const replicas = world.refs<ServiceProtocol>('r', 6);
    for (const ref of replicas) world.node(ref, serverNode({ servers: 10, service: '100ms' }));
    const actor = autoscaledPool({ replicas, target: 1, every: '5s', startUp: '3s', stabilise: '20s' });
    const target = world.node('pool', { actor });
    const operation = () => ({ message: 'request', payload: {} }) as const;
    const base = openLoop({ gap: constant(ms(100)) });
    const step = openLoop({ gap: constant(33_333), from: s(20), until: s(60) });
    for (const [i, workload] of [base, step].entries())
      world.node(`c${i}`, { actor: client({ target, workload, operation }) });
    const state = (): AutoscaledPoolState => world.named('pool').state as AutoscaledPoolState;
    return { world, wanted: () => state().wanted, ready: () => world.metrics.gauge('pool', 'ready').value };
  };

  test('grows after the next look, serves with more after they have started, and shrinks when that is stable', () => {
    const { world, wanted, ready } = pool();
    const seen: Record<number, number> = {};
    for (const at of [19, 24, 26, 29, 62, 79, 86]) {
      drive(world, s(at));
      seen[at] = wanted();
    }
    expect(seen).toEqual({ 19: 1, 24: 1, 26: 5, 29: 5, 62: 5, 79: 5, 86: 2 });
    expect(ready()).toBeLessThan(6);
    expect(world.metrics.counter('c0', 'ok').value).toBeGreaterThan(850);
  });

  test('sends nothing to a replica that has not started, nor to a dead one while there are others', () => {
    const { world } = pool();
    drive(world, s(27));
    const before = world.metrics.counter('r3', 'served').value;
    expect(before).toBe(0);
    drive(world, s(40));
    crash(world, world.named('r1'));
    drive(world, s(50));
    // One request a second finds out whether it is back.
    expect(world.metrics.counter('c0', 'info').value + world.metrics.counter('c1', 'info').value).toBeLessThan(25);
    restart(world, world.named('r1'));
    drive(world, s(55));
    expect(world.metrics.counter('c1', 'ok').value).toBeGreaterThan(900);
  });

  test('options that make no sense are named', () => {
    expect(() => autoscaledPool({ replicas: [], target: 1 })).toThrow('pool.min');
    expect(() => autoscaledPool({ replicas: [{ id: 'a', index: 0 }], target: 0 })).toThrow('pool.target');
    expect(() => autoscaledPool({ replicas: [{ id: 'a', index: 0 }], target: Infinity, tolerance: 9 })).toThrow(
      'pool.target: got Infinity, expected a number above 0',
    );
    expect(() => webServer({ sessions: 'in-memori' as never })).toThrow(
      'webServer.sessions: got "in-memori", expected',
    );
  });
});

describe('payments', () => {
  /** A payment each ten seconds, or a crash and restart then, or a day of waiting; what was answered. */
  function pay(keys: NonNullable<PaymentsOptions['keys']>, steps: readonly (Payment | 'crash' | 'a day')[]) {
    const world = new World({ seed: 'pay' });
    world.links({ latency: constant(ms(1)) });
    const target = world.node<PaymentsState, PaymentsProtocol>('payments', { actor: payments({ keys }) });
    world.node('app', {
      actor: runner(function* (ctx, log) {
        for (const step of steps) {
          yield* ctx.sleep(step === 'a day' ? '25h' : '10s');
          if (typeof step === 'string') continue;
          try {
            log((yield* ctx.call(target, 'charge', step)).charge);
          } catch (error) {
            log((error as CallError).code);
          }
        }
      }),
    });
    const crashAt = steps.indexOf('crash');
    if (crashAt >= 0) {
      drive(world, s(10 * crashAt + 5));
      crash(world, world.named('payments'));
      restart(world, world.named('payments'));
    }
    drive(world, s(200_000));
    return { answers: world.named('app').state as string[], state: world.named('payments').state as PaymentsState };
  }
  const one: Payment = { order: 'o1', amount: 5, key: 'k1' };

  test('with a key take effect once, and say the same again', () => {
    expect(pay('durable', [one, one, 'crash', one]).answers).toEqual(['ch-1', 'ch-1', 'ch-1']);
    expect(pay('in-memory', [one, one, 'crash', one]).answers).toEqual(['ch-1', 'ch-1', 'ch-2']);
    expect(pay('ignored', [one, one]).state.charged.get('o1')).toBe(2);
  });

  test('a key is for one payment, and not for ever', () => {
    expect(pay('durable', [one, { ...one, amount: 6 }, { order: 'o2', amount: 5 }]).answers).toEqual([
      'ch-1',
      'key-reused',
      'ch-2',
    ]);
    expect(pay('durable', [one, 'a day', one]).answers).toEqual(['ch-1', 'ch-2']);
    expect(pay('durable', [{ ...one, amount: 0 }]).answers).toEqual(['bad-amount']);
  });
});

test('a visitor of a stateless site is known to every server, of a stateful one to his own', () => {
  const loggedOut = (shared: boolean): number => {
    const world = new World({ seed: 'web' });
    world.links({ latency: constant(ms(1)) });
    const sessions = shared ? world.node('store', { actor: kvStore() }) : undefined;
    const servers = world.refs<WebProtocol>('w', 2);
    for (const ref of servers) world.node(ref, { actor: webServer({ sessions: sessions ?? 'in-memory' }) });
    for (let i = 1; i <= 4; i++) world.node(`c${i}`, { actor: visitor({ servers, until: '10s' }) });
    drive(world, s(4));
    crash(world, world.named('w1'));
    drive(world, s(5));
    restart(world, world.named('w1'));
    drive(world, s(12));
    return [1, 2, 3, 4].reduce((sum, i) => sum + world.metrics.counter(`c${i}`, 'logged-out').value, 0);
  };
  expect([loggedOut(false), loggedOut(true)]).toEqual([2, 0]);
});
