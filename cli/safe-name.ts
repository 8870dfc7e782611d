/** A seed as part of a file name. */
export const safe = (seed: string): string => seed.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 40);
