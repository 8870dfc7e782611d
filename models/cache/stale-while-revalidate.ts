/**
 * Stale while revalidate (RFC 5861, M. Nottingham, 2010): for a while after its expiry a value is still served, and the first who
 * sees that has it loaded behind their back. Nobody waits and one load a key is under way; the price is that a value may be older
 * by that while, and older still when loads fail (which is "stale if error" within the same bound).
 */
import { parseDuration } from '../../sim/index.ts';
import type { Duration } from '../../sim/index.ts';
import type { RefreshPolicy } from './refresh-policy.ts';

export interface StaleWhileRevalidateOptions {
  /** For how long after its expiry a value may be served. */
  readonly for: Duration;
}

/** Throws ConfigError. */
export const staleWhileRevalidate = (options: StaleWhileRevalidateOptions): RefreshPolicy => ({
  name: 'stale-while-revalidate',
  shares: true,
  grace: parseDuration(options.for, 'staleWhileRevalidate.for'),
  step: ({ expires }, now) => (expires <= now ? 'serve-and-load' : 'serve'),
});
