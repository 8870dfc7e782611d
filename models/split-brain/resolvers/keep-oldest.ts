import type { SplitBrainResolver } from '../resolver.ts';

export interface KeepOldestOptions {
  /** When the oldest is all alone, the others go on instead: its own crash would stop everyone otherwise. Default true. */
  readonly downIfAlone?: boolean;
}

/** The side with the member that has been there for longest goes on, be it ever so small. */
export function keepOldest({ downIfAlone = true }: KeepOldestOptions = {}): SplitBrainResolver {
  return {
    name: 'keep-oldest',
    survives({ view, side }) {
      const hasOldest = side[0] === view[0];
      if (!downIfAlone || view.length < 2) return hasOldest;
      // Everyone but the oldest: no smaller side without it may, or it would have nobody in common with one that has it.
      return hasOldest ? side.length > 1 : side.length === view.length - 1;
    },
  };
}
