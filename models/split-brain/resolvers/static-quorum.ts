import { ConfigError } from '../../../sim/index.ts';
import type { SplitBrainResolver } from '../resolver.ts';

export interface StaticQuorumOptions {
  /** Members that a side needs, more than half of all the nodes that there will ever be. */
  readonly size: number;
  /** All the nodes that there will ever be. */
  readonly of: number;
}

/** A side of at least `size` goes on, however many the view has left. Throws ConfigError when two sides could both have as many. */
export function staticQuorum({ size, of }: StaticQuorumOptions): SplitBrainResolver {
  if (!Number.isSafeInteger(size) || 2 * size <= of || size > of) {
    throw new ConfigError(
      'staticQuorum.size',
      size,
      `a whole number above ${of / 2} and at most ${of}, so that only one side can have it`,
    );
  }
  return { name: 'static-quorum', survives: ({ side }) => side.length >= size };
}
