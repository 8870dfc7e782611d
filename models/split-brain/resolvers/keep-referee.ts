import type { SplitBrainResolver } from '../resolver.ts';

/** The side with the referee goes on. Without it nobody does: a single point of failure, and named as one. */
export const keepReferee = (referee: string): SplitBrainResolver => ({
  name: 'keep-referee',
  survives: ({ side }) => side.includes(referee),
});
