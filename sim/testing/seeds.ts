import fc from 'fast-check';

/** Any seed of a run. It shrinks to a shorter one. */
export const seeds = (): fc.Arbitrary<string> => fc.nat().map((n) => n.toString(36), unread);

function unread(text: unknown): number {
  if (typeof text !== 'string' || !/^[0-9a-z]{1,6}$/.test(text)) throw new Error('not a seed of this arbitrary');
  return Number.parseInt(text, 36);
}
