/**
 * Load shedding by priority: the fuller it is, the more important a call must be to get in.
 *
 * Priority p may use `shares[p]` of the limit, so that what matters most still finds room when everything else is refused: criticality
 * as in Google's "Site Reliability Engineering", ch. 21, and Netflix's prioritised load shedding. Refusals cost no work.
 */
import { ConfigError } from '../../sim/index.ts';
import { atLeastOne } from './concurrency-limit.ts';
import { refused, type Policy } from './policy.ts';

export interface LoadShedderOptions {
  /** Calls in progress, at least 1. */
  readonly limit: number;
  /** Share of the limit that priority 0, 1, … may fill, 0…1, not rising; the last one counts for all beyond. Default 1, 0.9, 0.75, 0.5. */
  readonly shares?: readonly number[];
  /** Default `shedder`. */
  readonly name?: string;
}

/** Counters: `<name> refused`, and for each priority `<name> refused <p>`. Code: `shed`. Throws ConfigError. */
export function loadShedder({
  limit,
  shares = [1, 0.9, 0.75, 0.5],
  name = 'shedder',
}: LoadShedderOptions): Policy<{ inFlight: number }> {
  atLeastOne(limit, `${name}.limit`);
  if (shares.length === 0 || shares.some((share, p) => !(share >= 0 && share <= (shares[p - 1] ?? 1))))
    throw new ConfigError(`${name}.shares`, shares, 'shares from 0 to 1 that do not rise, at least one');
  const levels = shares.map((share) => Math.floor(share * limit + 1e-9));
  return {
    name,
    init: () => ({ inFlight: 0 }),
    *around(call, scope, { ctx, read, update, named }) {
      const level = levels[Math.min(scope.priority, levels.length - 1)] as number;
      if (read().inFlight >= level) {
        ctx.count(named('refused'));
        ctx.count(named(`refused ${scope.priority}`));
        throw refused(
          'shed',
          `${ctx.self.id} has ${read().inFlight} calls in progress, ${level} for priority ${scope.priority}`,
        );
      }
      ctx.gauge(
        named(''),
        update((state) => ++state.inFlight),
      );
      try {
        return yield* call(scope);
      } finally {
        ctx.gauge(
          named(''),
          update((state) => --state.inFlight),
        );
      }
    },
  };
}
