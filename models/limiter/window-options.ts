/** What the three window policies are given. */
import { ConfigError, NEVER, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';

export interface WindowOptions {
  /** Requests of cost 1 in a window: a whole number from 1 to 2^52 - 1. */
  readonly limit: number;
  /** Length of the window, above 0. Default 1 s. */
  readonly window?: Duration;
}

/** Throws ConfigError naming the field of `policy`; `mostOf` a window says how high the limit may be. */
export function readWindow(
  options: WindowOptions,
  policy: string,
  // NEVER is what no limit is called.
  mostOf: (window: Micros) => number = () => NEVER - 1,
): { readonly limit: number; readonly window: Micros } {
  const { limit } = options;
  const window = parseDuration(options.window ?? '1s', `${policy}.window`);
  if (window < 1) throw new ConfigError(`${policy}.window`, options.window, 'a duration above 0');
  const most = mostOf(window);
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new ConfigError(`${policy}.limit`, limit, `a whole number of requests from 1 to ${most}`);
  return { limit, window };
}
