/** What every generator of ids answers. */
export interface IdProtocol {
  /** A new id: a number in decimal, or a UUID. */
  generate(request: Record<string, never>): string;
}

/** Unix time when a run begins, unless a generator is told otherwise, ms: 28 June 2022, 16:00 UTC. */
export const STARTS_AT = 1_656_432_000_000;

/** Orders decimal ids of any length as numbers: negative when `a` comes first. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
