/**
 * When values expire: after a time to live, all of it or (jittered) anything down to a share of it, so that what was filled together does
 * not expire together. The time to live is a bound in any case.
 *
 * With Poisson requests of rate λ and a load that takes no time, a key's hit ratio is λT/(1 + λT); when each hit renews the time,
 * 1 − e^(−λT), and what is asked for often enough never expires however old it is (N. Choungmo Fofack et al., 2012).
 */
import { ConfigError, NEVER, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros, RandomStream } from '../../sim/index.ts';
import type { CacheEntry } from './cache-table.ts';

export interface ExpiryOptions {
  /** How long a value is up to date, on the cache's own clock, above 0. Default: for ever. */
  readonly ttl?: Duration;
  /** Each value lives for between (1 − jitter)·ttl and ttl, 0…1. Default 0: all of them for ttl. */
  readonly jitter?: number;
  /** A hit gives the value its time to live again. Default false. No bound on staleness then. */
  readonly renewOnHit?: boolean;
}

/** Holds options only. */
export class Expiry {
  readonly ttl: Micros;
  private readonly jitter: number;
  private readonly renews: boolean;

  /** `field` names the options in errors. Throws ConfigError. */
  constructor({ ttl, jitter = 0, renewOnHit = false }: ExpiryOptions, field: string) {
    this.ttl = ttl === undefined ? NEVER : parseDuration(ttl, `${field}.ttl`);
    if (this.ttl === 0) throw new ConfigError(`${field}.ttl`, ttl, 'a duration above 0');
    if (!(jitter >= 0 && jitter <= 1)) throw new ConfigError(`${field}.jitter`, jitter, 'a share from 0 to 1');
    this.jitter = jitter;
    this.renews = renewOnHit;
  }

  /** When a value filled at `now` expires. One draw when there is jitter, else none. */
  after(now: Micros, random: RandomStream): Micros {
    if (this.ttl === NEVER) return NEVER;
    const shortened = this.jitter === 0 ? 0 : Math.round(this.ttl * this.jitter * random.next());
    return Math.min(NEVER, now + Math.max(1, this.ttl - shortened));
  }

  /** A hit. */
  hit<V>(entry: CacheEntry<V>, now: Micros, random: RandomStream): void {
    if (this.renews && entry.expires > now) entry.expires = this.after(now, random);
  }
}
