/**
 * Token bucket: tokens drip in at a steady rate up to `burst`, a request takes as many as it costs, and is refused when there
 * are too few. It promises at most `burst + rate · t` admitted in any window of length t, and lets a burst through at once,
 * which is what most callers want of it (J. Turner, "New directions in communications", 1986; Amazon's and Stripe's API
 * limits).
 *
 * Nothing drips while nobody looks: the level is worked out from the time since the last request. It is counted in whole
 * parts of a token, of which there are as many as microseconds in `per`; each microsecond then brings exactly `rate` of them,
 * no fraction is ever rounded, and no drift builds up over millions of requests. With the default of one second they are
 * microtokens.
 */
import { ConfigError, NEVER, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import type { LimiterPolicy } from './policy.ts';

export interface TokenBucketOptions {
  /** Tokens that come in each `per`: a whole number of at least 1. For less than one a second lengthen `per`. */
  readonly rate: number;
  /** Default 1 s. */
  readonly per?: Duration;
  /** Tokens that the bucket holds: a whole number of at least 1; it is full at first. Default `rate`. */
  readonly burst?: number;
}

export interface TokenBucketState {
  /** Parts of a token. */
  level: number;
  /** When `level` was right. */
  at: Micros;
}

/** Throws ConfigError. */
export function tokenBucket(options: TokenBucketOptions): LimiterPolicy<TokenBucketState> {
  const { rate, burst = rate } = options;
  const token = parseDuration(options.per ?? '1s', 'tokenBucket.per');
  if (token < 1) throw new ConfigError('tokenBucket.per', token, 'a duration above 0');
  if (!Number.isInteger(rate) || rate < 1)
    throw new ConfigError('tokenBucket.rate', rate, 'a whole number of tokens of at least 1');
  const full = burst * token;
  if (!Number.isInteger(burst) || burst < 1 || full > NEVER) {
    throw new ConfigError(
      'tokenBucket.burst',
      burst,
      `a whole number of tokens from 1 to ${Math.floor(NEVER / token)}`,
    );
  }
  const untilFull = Math.ceil(full / rate);
  const levelAt = ({ level, at }: TokenBucketState, now: Micros): number => {
    const passed = now - at;
    // Compared before multiplying: after a long time the product would not be exact any more.
    return passed >= untilFull ? full : Math.min(full, level + passed * rate);
  };
  return {
    name: 'token-bucket',
    limit: burst,
    memory: untilFull,
    init: (now) => ({ level: full, at: now }),
    admit(state, now, cost) {
      const level = levelAt(state, now);
      const price = cost * token;
      const admitted = level >= price;
      if (admitted) {
        state.level = level - price;
        state.at = now;
      }
      const after = admitted ? level - price : level;
      return {
        admitted,
        remaining: Math.floor(after / token),
        retryAfter: admitted ? 0 : price > full ? NEVER : Math.ceil((price - level) / rate),
        delay: 0,
        resetAfter: Math.ceil((full - after) / rate),
      };
    },
    idle: (state, now) => levelAt(state, now) === full,
  };
}
