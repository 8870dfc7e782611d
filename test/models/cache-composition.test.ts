/** Caching strategies behind a limiter and a balancer; more incidents in cache-composition.validate.ts. */
import { describe, expect, test } from '@jest/globals';
import { ms } from '../../sim/index.ts';
import { drive } from '../support/bare-world.ts';
import { AT_REST, chainWith, expectOneCompletionEach } from './caching-chain.ts';
import { STRATEGIES } from './caching-strategies.ts';

const table = Object.entries(STRATEGIES).map(([name, strategy]) => ({ name, strategy }));

describe.each(table)('client → limiter → balancer → $name → store', ({ strategy }) => {
  test('under crashes, pauses and overload every operation completes once and nothing is left behind', () => {
    expectOneCompletionEach(strategy, 1);
  });

  test('without faults no operation is lost, and none is quicker than the way to the cache and back', () => {
    const world = chainWith(strategy.place, 'quiet');
    drive(world, AT_REST);
    const { operations } = world.history;
    expect(operations.filter(({ outcome }) => outcome === 'info')).toEqual([]);
    const latencies = operations.filter(({ outcome }) => outcome === 'ok').map((op) => op.completedAt - op.invokedAt);
    expect(latencies.length).toBeGreaterThan(50);
    // Three hops there and back; one to a cache beside the store more.
    expect([ms(6), ms(8)]).toContain(Math.min(...latencies));
  });
});
