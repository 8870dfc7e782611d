/**
 * What rate limiters promise, held against every window and not only those that the limiter itself looks at.
 *
 * A sliding window admits at most `limit` in any span of `window`, which holds exactly when no admission comes less than a
 * window after the limit-th before it: O(1) each. A token bucket admits at most burst + rate · t in any span of length t
 * (Turner, "New directions in communications", 1986; the generic cell rate algorithm), which holds exactly when the fullest
 * suffix does: one number that leaks. Where refusals are shown too, nothing may be refused that the bound allows.
 *
 * Admissions count when the limiter makes them, in virtual time. A limiter that keeps its own time on a clock that runs fast
 * admits more than it should, and is told so: allow for it in `rate`, or in `limit`.
 */
import { ConfigError } from '../../base/errors.ts';
import { durationText, instantText, parseDuration, s, type Duration, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** How many a limiter has admitted, and refused, since it booted. */
export interface LimiterCounts {
  readonly admitted: number;
  readonly refused?: number;
}

export type RateBound =
  | {
      /** Admitted at most in any span of `window`. */
      readonly limit: number;
      readonly window: Duration;
    }
  | {
      /** Admitted at most in any span of t seconds: burst + rate · t. */
      readonly rate: number;
      readonly burst: number;
    };

export interface RateLimitOptions<S> extends ReadingOptions {
  /** By what is limited (a client, a key), or one count for all. */
  readonly counts: (state: S) => LimiterCounts | Iterable<readonly [subject: string, counts: LimiterCounts]>;
  readonly bound: RateBound;
  /** Whether the bound is for each node by itself, or for all together. Default: each. */
  readonly across?: 'each node' | 'all nodes';
}

const WITHIN = 'no more than the limit is admitted';
const FAIR = 'nothing below the limit is refused';

/** Two checks: nothing above the bound in any window, and, where refusals are shown, none below it. Throws ConfigError. */
export function rateLimitInvariants<S>(options: RateLimitOptions<S>): readonly Check[] {
  const { bound } = options;
  const text =
    'limit' in bound
      ? `${positive('limit', bound.limit)} in any ${durationText(parseDuration(bound.window, 'rateLimit: window'))}`
      : `${positive('burst', bound.burst)} + ${positive('rate', bound.rate)}/s · t in any span of length t`;
  return sharedChecks<LimitReading<S>>({
    ...options,
    begin: (view, breaches) => new LimitReading(options, view, breaches),
    properties: [
      { name: WITHIN, promise: `at most ${text} is admitted`, held: ({ admitted }) => `${admitted} admitted` },
      {
        name: FAIR,
        promise: 'a refusal means that one more would have been too many',
        held: ({ refused, showsRefusals }) => (showsRefusals ? `${refused} refused` : 'refusals are not shown'),
      },
    ],
  });
}

function positive(field: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw new ConfigError(`rateLimit: ${field}`, value, 'a number above 0');
  return value;
}

/** Follows admissions and says which is too many. */
interface Meter {
  /** An admission at `at`: undefined when it is within the bound, else since when how many were admitted. */
  admit(at: Micros): { readonly since: Micros; readonly count: number } | undefined;
  /** Whether one more at `at` would be too many. */
  isFull(at: Micros): boolean;
}

/** The instants of the last `limit` admissions, in a ring. */
function slidingWindow(limit: number, window: Micros): Meter {
  const ring: Micros[] = [];
  let next = 0;
  return {
    admit(at) {
      const since = ring[next];
      ring[next] = at;
      next = (next + 1) % limit;
      return since === undefined || at - since >= window ? undefined : { since, count: limit + 1 };
    },
    isFull(at) {
      const since = ring[next];
      return since !== undefined && at - since < window;
    },
  };
}

/** What the fullest suffix exceeds its share by, in admissions. */
function bucket(rate: number, burst: number): Meter {
  const perMicro = rate / s(1);
  // Sums of fractions: one part in a million of an admission is nothing.
  const most = burst + 1e-6;
  let level = 0;
  let last: Micros = 0;
  let since: Micros = 0;
  let count = 0;
  const leak = (at: Micros): void => {
    level = Math.max(0, level - perMicro * (at - last));
    last = at;
    if (level > 0) return;
    since = at;
    count = 0;
  };
  return {
    admit(at) {
      leak(at);
      level++;
      count++;
      return level > most ? { since, count } : undefined;
    },
    isFull(at) {
      leak(at);
      return level + 1 > most;
    },
  };
}

interface Followed {
  readonly meter: Meter;
  /** By node: its life, and what it had counted. */
  readonly seen: Map<string, { life: number; admitted: number; refused: number }>;
}

class LimitReading<S> implements Reading {
  admitted = 0;
  refused = 0;
  showsRefusals = false;
  private readonly options: RateLimitOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly followed = new Map<string, Followed>();

  constructor(options: RateLimitOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const counts = this.options.counts(node.state as S);
    if ('admitted' in counts) this.follow(node, '', counts);
    else for (const [subject, own] of counts) this.follow(node, subject, own);
  }

  private follow({ id, life }: NodeView, subject: string, counts: LimiterCounts): void {
    const name = this.options.across === 'all nodes' ? subject : `${id} ${subject}`;
    let followed = this.followed.get(name);
    if (followed === undefined) this.followed.set(name, (followed = { meter: this.meter(), seen: new Map() }));
    let seen = followed.seen.get(id);
    if (seen === undefined || seen.life !== life) followed.seen.set(id, (seen = { life, admitted: 0, refused: 0 }));
    const { refused = 0 } = counts;
    if (counts.refused !== undefined) this.showsRefusals = true;
    for (; seen.admitted < counts.admitted; seen.admitted++) this.admit(followed.meter, id, subject);
    for (; seen.refused < refused; seen.refused++) this.refuse(followed.meter, id, subject);
  }

  private meter(): Meter {
    const { bound } = this.options;
    return 'limit' in bound
      ? slidingWindow(bound.limit, parseDuration(bound.window, 'rateLimit: window'))
      : bucket(bound.rate, bound.burst);
  }

  private admit(meter: Meter, id: string, subject: string): void {
    const at = this.view.now;
    const excess = meter.admit(at);
    this.admitted++;
    if (excess === undefined) return;
    const who = subject === '' ? '' : ` of ${subject}`;
    this.breaches.report(WITHIN, {
      sentence: `${id} admits the ${excess.count}th request${who} since ${instantText(excess.since)}, ${durationText(at - excess.since)} ago: ${boundText(this.options.bound)}`,
      nodes: [id],
      facts: { subject, since: excess.since, count: excess.count },
    });
  }

  private refuse(meter: Meter, id: string, subject: string): void {
    this.refused++;
    if (meter.isFull(this.view.now)) return;
    const who = subject === '' ? '' : ` of ${subject}`;
    this.breaches.report(FAIR, {
      sentence: `${id} refuses a request${who} at ${instantText(this.view.now)}, although one more is allowed: ${boundText(this.options.bound)}`,
      nodes: [id],
      facts: { subject },
    });
  }
}

const boundText = (bound: RateBound): string =>
  'limit' in bound
    ? `the limit is ${bound.limit} in ${durationText(parseDuration(bound.window, 'rateLimit: window'))}`
    : `the bound is ${bound.burst} + ${bound.rate}/s · t`;
