/**
 * Single flight, or a lock for each key: whoever misses while somebody loads the same key waits for that load. At most one load a key is
 * under way at any time; all who wait see its failure too, and its latency.
 */
import type { RefreshPolicy } from './refresh-policy.ts';

export const singleFlight = (): RefreshPolicy => ({
  name: 'single-flight',
  shares: true,
  grace: 0,
  step: ({ expires }, now) => (expires <= now ? 'load' : 'serve'),
});
