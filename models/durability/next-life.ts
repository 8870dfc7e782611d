import type { Context } from '../../sim/index.ts';

/** A name for a node's life after a crash, for one that has forgotten what it did under the name before: nobody had it yet. */
export const nextLife = ({ self, random }: Pick<Context, 'self' | 'random'>): string =>
  `${self.id}~${random.uint32().toString(36)}`;
