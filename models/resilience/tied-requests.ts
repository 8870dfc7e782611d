/**
 * Tied requests: the same request waits in the queues of two servers, each told of the other; the first to begin it tells the other
 * to forget it. (J. Dean, L. A. Barroso, "The Tail at Scale", CACM 2013.) The request gets the shorter of two queues without anybody knowing
 * their lengths, at the price of a small message and not of doubled work.
 *
 * The second goes out `delay` after the first, twice the way of a message, so that two idle servers do not both begin. The servers must
 * be `cancellable`. Only for what may take effect twice.
 */
import { parseDuration } from '../../sim/index.ts';
import type { Duration, Flow } from '../../sim/index.ts';
import { expired, type Attempt, type CallScope, type Policy, type PolicyHost } from './policy.ts';

export interface TiedRequestsOptions {
  /** Between the two. Default 1 ms. */
  readonly delay?: Duration;
  /** Default `tied`. */
  readonly name?: string;
}

/** Counter: `<name>`, requests sent a second time. Throws ConfigError. */
export function tiedRequests(options: TiedRequestsOptions = {}): Policy<{ next: number }> {
  const { name = 'tied' } = options;
  const delay = parseDuration(options.delay ?? '1ms', `${name}.delay`);
  function* second<T>(call: Attempt<T>, scope: CallScope, { ctx, named }: PolicyHost<unknown>): Flow<T> {
    if (delay > 0) yield* ctx.sleep(delay);
    if (ctx.clock.monotonic >= scope.expires) throw expired('no time is left for a second request');
    ctx.count(named(''));
    return yield* call(scope);
  }
  return {
    name,
    init: () => ({ next: 0 }),
    *around<T>(call: Attempt<T>, scope: CallScope, host: PolicyHost<{ next: number }>): Flow<T> {
      const { ctx } = host;
      const { attempt } = scope;
      const boot = ctx.clock.monotonic;
      const id = `${ctx.self.id}/${host.named('')}/${boot}/${host.update((state) => state.next++)}`;
      return yield* ctx.any<T>([
        call({ ...scope, tie: { id, other: attempt + 1 } }),
        second(call, { ...scope, attempt: attempt + 1, tie: { id, other: attempt } }, host),
      ]);
    },
  };
}
