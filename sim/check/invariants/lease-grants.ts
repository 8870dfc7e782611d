/**
 * What a lease service promises (Gray and Cheriton, SOSP 1989; fencing tokens as in Burrows, "The Chubby lock service", OSDI 2006): tokens
 * grow with every grant, restarts included, and nobody is granted what is not yet over for another, by the service's own
 * clock. That a holder who acts on a lease that is over does no harm is a check on the protected resource
 * (one-acting-holder.ts): holders' clocks may be wrong, so both are needed.
 */
import { durationText } from '../../base/time.ts';
import type { Check, NodeView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** One grant, on the clock of the service. */
export interface Grant {
  readonly resource: string;
  readonly holder: string;
  readonly token: number;
  readonly from: number;
  /** When it is over; less once it has been given back. */
  readonly until: number;
}

export interface LeaseGrantOptions<S> extends ReadingOptions {
  /** The latest grant of each resource, whether it is over or not. */
  readonly latest: (state: S) => Iterable<Grant>;
}

const TOKENS = 'tokens grow with every grant';
const ALONE = 'nothing is granted twice at a time';

/** Each a check of its own; they share one reading of the service's state. An event costs a look at the latest grants. */
export function leaseGrantInvariants<S>(options: LeaseGrantOptions<S>): readonly Check[] {
  const granted = ({ grants }: GrantReading<S>): string => `${grants} grants`;
  return sharedChecks<GrantReading<S>>({
    ...options,
    begin: (_view, breaches) => new GrantReading(options, breaches),
    properties: [
      {
        name: TOKENS,
        promise: 'each grant of a resource has a higher token than all before it, restarts included',
        held: granted,
      },
      { name: ALONE, promise: 'a lease is granted only when the one before it is over or given back', held: granted },
    ],
  });
}

class GrantReading<S> implements Reading {
  grants = 0;
  private readonly options: LeaseGrantOptions<S>;
  private readonly breaches: Breaches;
  private readonly known = new Map<string, { grant: Grant; highest: number }>();

  constructor(options: LeaseGrantOptions<S>, breaches: Breaches) {
    this.options = options;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    for (const grant of this.options.latest(node.state as S)) this.judge(node.id, { ...grant });
  }

  private judge(id: string, now: Grant): void {
    const { resource } = now;
    const before = this.known.get(resource);
    if (before === undefined) {
      this.grants++;
      this.known.set(resource, { grant: now, highest: now.token });
      return;
    }
    const { grant, highest } = before;
    const isSame = grant.token === now.token && grant.holder === now.holder && grant.from === now.from;
    before.grant = now;
    before.highest = Math.max(highest, now.token);
    if (isSame) return;
    // The same holder with the same token has renewed its lease.
    if (grant.token === now.token && grant.holder === now.holder) return;
    this.grants++;
    if (now.token <= highest) {
      this.breaches.report(TOKENS, {
        sentence: `${id} grants ${resource} to ${now.holder} with token ${now.token}, although token ${highest} has been given out`,
        nodes: [id, now.holder],
        facts: { resource, token: now.token, highest },
      });
    }
    if (now.holder === grant.holder || now.from >= grant.until) return;
    this.breaches.report(ALONE, {
      sentence: `${id} grants ${resource} to ${now.holder} ${durationText(grant.until - now.from)} before the lease of ${grant.holder} is over`,
      nodes: [id, grant.holder, now.holder],
      facts: { resource, tokens: [grant.token, now.token], from: now.from, until: grant.until },
    });
  }
}
