/**
 * Counting by a script: the store counts and decides in one step (Redis runs Lua scripts one at a time). One round trip, any
 * policy, and all gateways together keep what the policy promises. The store's clock is the only one that matters.
 */
import type { Counting } from './counting.ts';

export const scripted = (): Counting => ({
  name: 'scripted',
  *decide({ key, cost }, store, deadline, ctx) {
    return yield* ctx.call(store, 'admit', { key, cost }, { deadline });
  },
});
