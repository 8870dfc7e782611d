/**
 * Counting by get, then set: the gateway reads the count, decides, and writes the count back. What other gateways (or other
 * requests of this one) write between the two is overwritten, and with it the memory of what they have admitted: the limit is
 * passed by as many as race. Two round trips for what is admitted, one for what is not.
 */
import { copyOf } from '../../sim/index.ts';
import type { Counting } from './counting.ts';
import type { LimiterPolicy } from './policy.ts';

export const readThenWrite = <S>(policy: LimiterPolicy<S>): Counting => ({
  name: 'read-then-write',
  *decide({ key, cost }, store, deadline, ctx) {
    const { count, now } = yield* ctx.call(store, 'read', { key }, { deadline });
    const state = count === undefined ? policy.init(now) : (copyOf(count) as S);
    const admission = policy.admit(state, now, cost);
    if (admission.admitted) yield* ctx.call(store, 'write', { key, count: state }, { deadline });
    return { ...admission, limit: policy.limit };
  },
});
