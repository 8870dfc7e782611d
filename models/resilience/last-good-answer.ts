/**
 * A fallback that remembers: when the call fails, the last good answer to the same key, if it is not too old. Stale rather than nothing
 * (RFC 5861's stale-if-error). What a node has never seen it cannot answer; a crash forgets everything.
 */
import { CallError, copyOf, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import { atLeastOne } from './concurrency-limit.ts';
import type { Policy } from './policy.ts';

export interface LastGoodAnswerOptions {
  /** Older answers are not given. Default: any age. */
  readonly maxAge?: Duration;
  /** Keys remembered at most, the oldest answers are forgotten first; at least 1. Default 1,000. */
  readonly keys?: number;
  /** Default `last-good`. */
  readonly name?: string;
}

/** Answers by key, the oldest first. */
export type LastGoodState = Map<string, { answer: unknown; at: Micros }>;

/** Counter: `<name>`, calls answered so. Throws ConfigError. */
export function lastGoodAnswer(options: LastGoodAnswerOptions = {}): Policy<LastGoodState> {
  const { name = 'last-good', keys = 1_000 } = options;
  const maxAge = options.maxAge === undefined ? Infinity : parseDuration(options.maxAge, `${name}.maxAge`);
  atLeastOne(keys, `${name}.keys`);
  return {
    name,
    init: () => new Map(),
    *around(call, scope, { ctx, read, update, named }) {
      try {
        const answer = yield* call(scope);
        update((known) => {
          known.delete(scope.key);
          known.set(scope.key, { answer: copyOf(answer), at: ctx.clock.monotonic });
          for (const key of known.keys()) {
            if (known.size <= keys) break;
            known.delete(key);
          }
        });
        return answer;
      } catch (error) {
        const last = read().get(scope.key);
        if (!(error instanceof CallError) || last === undefined || ctx.clock.monotonic - last.at > maxAge) throw error;
        ctx.count(named(''));
        return copyOf(last.answer) as never;
      }
    },
  };
}
