/**
 * No protection: whoever finds nothing, or something expired, loads. Of a key that is asked for λ times a second and takes L to load, λL
 * loads are under way when it has expired; a store that becomes slow makes L, and so the herd, larger.
 */
import type { RefreshPolicy } from './refresh-policy.ts';

export const loadOnMiss = (): RefreshPolicy => ({
  name: 'load-on-miss',
  shares: false,
  grace: 0,
  step: ({ expires }, now) => (expires <= now ? 'load' : 'serve'),
});
