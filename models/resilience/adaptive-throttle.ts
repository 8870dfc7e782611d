/**
 * Client-side throttling: a caller refuses calls by itself, with probability max(0, (requests − K · accepts) / (requests + 1)) over the
 * last two minutes. (Beyer et al., "Site Reliability Engineering", ch. 21, "Client-side throttling".)
 *
 * `requests` counts those that it refused itself as well, `accepts` those that the callee took. So when the callee is offered x times what
 * it can do, K times as much as it can is sent in the steady state, and 1 − K/x of the calls end here and cost the callee nothing. K
 * below 1 would refuse more than need be; the larger K, the more is sent and the sooner recovery is noticed.
 *
 * After a complete outage hardly one call in a window goes through, and recovery takes many windows; `maxRejection` below 1 (Envoy's
 * admission control has 0.8) keeps trying.
 */
import { CallError, ConfigError, parseDuration } from '../../sim/index.ts';
import type { Duration } from '../../sim/index.ts';
import { refused, type Policy } from './policy.ts';
import { countIn, emptyCounts, turnTo, type WindowCounts } from './window-counts.ts';

export interface AdaptiveThrottleOptions {
  /** K, at least 1. Default 2. */
  readonly multiplier?: number;
  /** The greatest probability of a refusal, 0…1. Default 1. */
  readonly maxRejection?: number;
  /** Default 2 minutes, in sixty slots. */
  readonly window?: Duration;
  /** Whether a failed call was refused by the callee for its load. Default: every CallError. */
  readonly isRejection?: (error: CallError) => boolean;
  /** Default `throttle`. */
  readonly name?: string;
}

const SLOTS = 60;
const REQUESTS = 0;
const ACCEPTS = 1;

/** The probability of a refusal. */
export const rejectionProbability = (requests: number, accepts: number, multiplier: number): number =>
  Math.max(0, (requests - multiplier * accepts) / (requests + 1));

/** Counter: `<name> refused`. Code: `throttled`. Throws ConfigError. */
export function adaptiveThrottle(options: AdaptiveThrottleOptions = {}): Policy<WindowCounts> {
  const { multiplier = 2, maxRejection = 1, isRejection = () => true, name = 'throttle' } = options;
  if (!(maxRejection >= 0 && maxRejection <= 1))
    throw new ConfigError(`${name}.maxRejection`, maxRejection, 'a probability from 0 to 1');
  if (!(multiplier >= 1 && multiplier < Infinity))
    throw new ConfigError(`${name}.multiplier`, multiplier, 'a number of at least 1');
  const window = parseDuration(options.window ?? '2m', `${name}.window`);
  if (window < SLOTS) throw new ConfigError(`${name}.window`, options.window, `at least ${SLOTS} µs`);
  const slot = window / SLOTS;
  return {
    name,
    init: () => emptyCounts(SLOTS, 2),
    *around(call, scope, { ctx, update, named }) {
      const begun = ctx.clock.monotonic;
      const probability = update((counts) => {
        turnTo(counts, begun, slot);
        const p = rejectionProbability(counts.sums[REQUESTS] as number, counts.sums[ACCEPTS] as number, multiplier);
        countIn(counts, REQUESTS, begun, slot);
        return Math.min(p, maxRejection);
      });
      if (probability > 0 && ctx.random.chance(probability)) {
        ctx.count(named('refused'));
        throw refused('throttled', `${ctx.self.id} throttles itself`);
      }
      const accepted = (): void => update((counts) => countIn(counts, ACCEPTS, ctx.clock.monotonic, slot));
      try {
        const answer = yield* call(scope);
        accepted();
        return answer;
      } catch (error) {
        if (error instanceof CallError && !isRejection(error)) accepted();
        throw error;
      }
    },
  };
}
