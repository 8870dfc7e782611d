/**
 * A fallback: when the call fails the caller answers something lesser instead of nothing, such as an empty list of recommendations.
 * Graceful degradation: what is not essential must not take down what is.
 */
import { CallError } from '../../sim/index.ts';
import type { CallScope, Policy } from './policy.ts';

export interface FallbackOptions {
  /** The answer instead. It must not alias any state. */
  readonly answer: (error: CallError, scope: CallScope) => unknown;
  /** Failures that it stands in for. Default: all. */
  readonly when?: (error: CallError) => boolean;
  /** Default `fallback`. */
  readonly name?: string;
}

/** Counter: `<name>`, calls answered so. */
export function fallback({ answer, when = () => true, name = 'fallback' }: FallbackOptions): Policy<null> {
  return {
    name,
    init: () => null,
    *around(call, scope, { ctx, named }) {
      try {
        return yield* call(scope);
      } catch (error) {
        if (!(error instanceof CallError) || !when(error)) throw error;
        ctx.count(named(''));
        return answer(error, scope) as never;
      }
    },
  };
}
