/**
 * A time limit: nobody waits for the call for longer than `after`, whatever stands inside (retries, waits, several attempts).
 *
 * Nothing is stopped from outside: the limit shortens `scope.expires`, which every wait inside keeps to, and which a caller that
 * propagates deadlines sends along, so that servers further down stop as well.
 */
import { CallError, ConfigError, parseDuration } from '../../sim/index.ts';
import type { Duration } from '../../sim/index.ts';
import type { Policy } from './policy.ts';

export interface TimeLimitOptions {
  /** Above 0, on the node's own clock. */
  readonly after: Duration;
  /** Default `timeout`. */
  readonly name?: string;
}

/** Counter: `<name>`, calls that ended because the time was over. Throws ConfigError. */
export function timeLimit({ after, name = 'timeout' }: TimeLimitOptions): Policy<null> {
  const limit = parseDuration(after, `${name}.after`);
  if (limit === 0) throw new ConfigError(`${name}.after`, after, 'a duration above 0');
  return {
    name,
    init: () => null,
    *around(call, scope, { ctx, named }) {
      try {
        return yield* call({ ...scope, expires: Math.min(scope.expires, ctx.clock.monotonic + limit) });
      } catch (error) {
        if (error instanceof CallError && error.kind === 'timeout') ctx.count(named(''));
        throw error;
      }
    },
  };
}
