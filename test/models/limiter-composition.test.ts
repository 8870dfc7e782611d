/** Every limiter in front of every kind of backend: latencies add up, each request completes once, nothing is left behind. */
import { describe, expect, test } from '@jest/globals';
import { linearizable, ms, register, s } from '../../sim/index.ts';
import { inAnyWindow, requestsWithin } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { AT_REST, FSYNC, PAIRS, SERVICE, chainOf, expectOneCompletionEach } from './limited-chain.ts';

describe.each(PAIRS)('$name', ({ limiting, backend }) => {
  test('latencies add up exactly', () => {
    const chain = chainOf(limiting, backend);
    drive(chain.world, s(10));
    const hops = 2 * ms(1);
    const before = hops * (limiting.trips ?? 0);
    const toStore = before + hops * chain.parts.length + SERVICE;
    const toCache = before + hops * (chain.parts.indexOf('cache') + 1);
    const cached = backend.parts.includes('cache');
    for (const { f, completedAt, invokedAt } of chain.world.history.operations) {
      const latency = completedAt - invokedAt;
      if (f === 'write') expect(latency).toBe(toStore + FSYNC);
      else if (!cached || latency !== toCache) expect(latency).toBe(toStore);
    }
    expect(chain.count('ok')).toBe(40);
    expect(chain.count('admitted', 'limiter')).toBe(40);
    expect(chain.world.history.operations.some((op) => op.completedAt - op.invokedAt === toCache)).toBe(cached);
    expectOneCompletionEach(chain, true);
  });

  test('over its limit it refuses, holds the limit, and nothing refused goes further', () => {
    const chain = chainOf(limiting, backend, { gap: '4ms', operations: 250, limit: 30 });
    drive(chain.world, AT_REST);
    const { operations } = chain.world.history;
    expect(operations.filter(({ error }) => error === 'rate-limited').length).toBe(chain.count('fail'));
    expect(chain.count('fail')).toBeGreaterThan(100);
    expect(chain.count('ok')).toBe(chain.count('admitted', 'limiter'));
    expect(chain.count('ok') + chain.count('fail')).toBe(250);
    // All operations together, whatever their keys.
    const all = operations.map((op) => ({ ...op, key: '' }));
    const most = 30 * (limiting.times ?? Infinity);
    if (most < Infinity) {
      const check = requestsWithin(inAnyWindow(most, '1s')).begin({ operations: all } as never);
      expect(check.finish()).toMatchObject({ status: 'held' });
    }
    const { status } = linearizable(register())
      .begin({ operations, end: AT_REST, now: AT_REST, nodes: [] } as never)
      .finish();
    expect(status).toBe('held');
    expectOneCompletionEach(chain, true);
  });
});
