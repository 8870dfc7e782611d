/**
 * Counting by atomic increment: each fixed window has a counter of its own in the store, which is incremented first and
 * compared then (INCR, EXPIRE: Lyft's and Envoy's ratelimit service). One round trip and no race: no two requests get the
 * same number.
 *
 * It promises what a fixed window does, `limit` in each window and twice that across an edge, as long as the gateways'
 * monotonic clocks agree on where windows begin. What is refused is counted too, so that a dear request can shut out cheap
 * ones until the window ends.
 */
import { NEVER } from '../../sim/index.ts';
import type { Counting } from './counting.ts';
import { readWindow, type WindowOptions } from './window-options.ts';

/** Throws ConfigError. */
export function atomicIncrement(options: WindowOptions): Counting {
  const { limit, window } = readWindow(options, 'atomicIncrement');
  return {
    name: 'atomic-increment',
    *decide({ key, cost }, store, deadline, ctx) {
      const number = Math.floor(ctx.clock.monotonic / window);
      // Kept for two windows: the store's clock may lag behind the gateway's.
      const payload = { key: `${number}/${key}`, by: cost, lasts: 2 * window };
      const { total } = yield* ctx.call(store, 'add', payload, { deadline });
      const left = Math.max(0, (number + 1) * window - ctx.clock.monotonic);
      const admitted = total <= limit;
      return {
        admitted,
        limit,
        remaining: Math.max(0, limit - total),
        retryAfter: admitted ? 0 : cost > limit ? NEVER : left,
        delay: 0,
        resetAfter: left,
      };
    },
  };
}
