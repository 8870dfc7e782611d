import { ConfigError, parseDuration, type Duration, type NodeRef } from '../../../sim/index.ts';
import type { ArbiterProtocol } from '../arbiter.ts';
import type { SplitBrainResolver } from '../resolver.ts';

export interface LeaseMajorityOptions {
  readonly arbiter: NodeRef<ArbiterProtocol>;
  /** How much later than a majority a minority asks. Default 1 s. */
  readonly minorityDelay?: Duration;
}

/** Any side that the arbiter lets; the majority asks first. Even splits have a winner, and a minority goes on when the others have died. */
export function leaseMajority({ arbiter, minorityDelay = '1s' }: LeaseMajorityOptions): SplitBrainResolver {
  const delay = parseDuration(minorityDelay, 'leaseMajority.minorityDelay');
  if (arbiter === undefined) throw new ConfigError('leaseMajority.arbiter', arbiter, 'the node of an arbiter');
  return { name: 'lease-majority', survives: () => true, arbiter: { node: arbiter, minorityDelay: delay } };
}
