/**
 * Slow start: a backend that comes back gets its share step by step, so that cold caches and empty pools are not hit by full load
 * at once. Its weight grows over a window as weight · max(minimum, (time since / window)^(1/aggression)), which is Envoy's
 * formula; NGINX's and HAProxy's are linear. It has an effect on policies that look at weights.
 */
import { ConfigError, maths, parseDuration, type Duration, type Micros } from '../../sim/index.ts';

export interface SlowStartOptions {
  /** Above 0. Default 30 s. */
  readonly window?: Duration;
  /** Above 0; 1 is linear, more is quicker at first. Default 1. */
  readonly aggression?: number;
  /** Least share of the weight, above 0 and at most 1. Default 0.1. */
  readonly minimum?: number;
}

/** A checked slow start. */
export interface SlowStart {
  readonly window: Micros;
  /** The share of its weight that a backend has `since` after it came back. */
  readonly share: (since: Micros) => number;
}

/** Throws ConfigError. */
export function slowStart(options: SlowStartOptions): SlowStart {
  const window = parseDuration(options.window ?? '30s', 'balancer.slowStart.window');
  const { aggression = 1, minimum = 0.1 } = options;
  if (window === 0) throw new ConfigError('balancer.slowStart.window', window, 'a duration above 0');
  if (!(aggression > 0 && aggression < Infinity))
    throw new ConfigError('balancer.slowStart.aggression', aggression, 'a number above 0');
  if (!(minimum > 0 && minimum <= 1))
    throw new ConfigError('balancer.slowStart.minimum', minimum, 'a share above 0, at most 1');
  return {
    window,
    share(since) {
      if (since >= window) return 1;
      const grown = Math.max(0, since) / window;
      return Math.max(minimum, aggression === 1 ? grown : maths.pow(grown, 1 / aggression));
    },
  };
}
