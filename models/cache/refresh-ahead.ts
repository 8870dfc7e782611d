/**
 * Refresh ahead (Oracle Coherence's name): a value that is asked for late in its time to live is loaded again behind the reader's
 * back. What is asked for often is never missing and never old; what is not simply expires. A key that everybody asks for at
 * once after a pause is loaded by all of them, unless they share.
 */
import { ConfigError } from '../../sim/index.ts';
import type { RefreshPolicy } from './refresh-policy.ts';

export interface RefreshAheadOptions {
  /** Share of the time to live after which a request has the value loaded again, 0…1. Default 0.75. */
  readonly after?: number;
  /** Readers who miss share a load. Default false. */
  readonly shares?: boolean;
}

/** Throws ConfigError. */
export function refreshAhead({ after = 0.75, shares = false }: RefreshAheadOptions = {}): RefreshPolicy {
  if (!(after >= 0 && after <= 1)) throw new ConfigError('refreshAhead.after', after, 'a share from 0 to 1');
  return {
    name: 'refresh-ahead',
    shares,
    grace: 0,
    step({ filled, expires }, now) {
      if (expires <= now) return 'load';
      return now - filled >= after * (expires - filled) ? 'serve-and-load' : 'serve';
    },
  };
}
