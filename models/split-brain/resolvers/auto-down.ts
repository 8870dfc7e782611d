import type { SplitBrainResolver } from '../resolver.ts';

/** Whoever does not answer is taken for dead, and everyone goes on: the naive failover. Two sides of a split both go on. */
export const autoDown = (): SplitBrainResolver => ({ name: 'auto-down', survives: () => true });
