/**
 * Rate bounds, judged from outside: no more requests are let through than promised, in any stretch of time.
 *
 * When exactly a request was let through nobody outside knows, only that it was between its invocation and its completion. So
 * a stretch is held against the bound with the requests that lie *wholly* in it: what they contradict, no choice of instants
 * explains, and a limiter that keeps its promise is never accused, however late its answers come. Only requests that were
 * answered count.
 *
 * Instants are true time. A limiter whose clock runs fast has shorter windows, and is found out.
 */
import { ConfigError, NEVER, instantText, durationText, parseDuration } from '../../sim/index.ts';
import type { Check, Duration, Micros, Operation, RunView, Verdict } from '../../sim/index.ts';

/** A promise about every stretch of time. */
export interface RequestBound {
  /** In words, for the promise: `at most 100 in any 1s`. */
  readonly text: string;
  /** Most requests of one key in a stretch of `length` µs, both ends included. Never falls with the length. */
  readonly most: (length: Micros) => number;
  /** Longer stretches are not looked at. */
  readonly longest: Micros;
}

/** At most `limit` in any window of this length: a sliding window log's promise. */
export function inAnyWindow(limit: number, window: Duration): RequestBound {
  const length = parseDuration(window, 'inAnyWindow.window');
  if (length < 1) throw new ConfigError('inAnyWindow.window', window, 'a duration above 0');
  return { text: `at most ${limit} in any ${durationText(length)}`, most: () => limit, longest: length - 1 };
}

/**
 * At most burst + rate · t / per in any time t: a token bucket's promise, and a sliding window counter's with burst = rate =
 * limit.
 */
export function burstAndRate(burst: number, rate: number, per: Duration): RequestBound {
  const length = parseDuration(per, 'burstAndRate.per');
  if (length < 1) throw new ConfigError('burstAndRate.per', per, 'a duration above 0');
  return {
    text: `at most ${burst} + ${rate} · t/${durationText(length)} in any time t`,
    most: (t) => burst + Math.floor((rate * t) / length),
    longest: NEVER,
  };
}

export interface RequestBoundOptions {
  /** Which operations count. Default: all. Only those that came back ok count in any case. */
  readonly counts?: (op: Operation) => boolean;
  /** Default `requests stay within the limit`. */
  readonly name?: string;
}

interface Breach {
  readonly key: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly tooMany: number;
  readonly operations: readonly Operation[];
}

/** Violated by a stretch of time in which more requests of one key were let through than the bound allows. */
export function requestsWithin(bound: RequestBound, options: RequestBoundOptions = {}): Check {
  const { name = 'requests stay within the limit', counts = () => true } = options;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const passed = view.operations.filter((op) => op.outcome === 'ok' && counts(op));
    const breach = worstBreach(passed, bound);
    if (breach === undefined)
      return { ...base, status: 'held', message: `${passed.length} let through, ${bound.text}` };
    const { key, from, to, operations } = breach;
    const sentence =
      `${operations.length} requests${key === '' ? '' : ` for ${key}`} were let through between ${instantText(from)} and ` +
      `${instantText(to)}; ${bound.most(to - from)} are allowed in ${durationText(to - from)} (${bound.text})`;
    const ids = operations.map(({ id }) => id).toSorted((a, b) => a - b);
    const facts = { key, from, to, letThrough: ids.length, allowed: bound.most(to - from) };
    const witness = { sentence, at: to, operations: ids, mandatory: ids, facts };
    return { ...base, status: 'violated', message: sentence, witness };
  };
  return {
    name,
    kind: 'history',
    promise: `requests let through, for each key: ${bound.text}`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

/** The breach with the most requests too many, of equals the one that is complete first. */
function worstBreach(operations: readonly Operation[], bound: RequestBound): Breach | undefined {
  const byKey = new Map<string, Operation[]>();
  for (const op of operations.toSorted((a, b) => a.completed - b.completed)) {
    const list = byKey.get(op.key);
    if (list === undefined) byKey.set(op.key, [op]);
    else list.push(op);
  }
  let worst: Breach | undefined;
  for (const [key, list] of byKey) worst = worse(breachOf(key, list, bound), worst);
  return worst;
}

const worse = (a: Breach | undefined, b: Breach | undefined): Breach | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return a.tooMany > b.tooMany || (a.tooMany === b.tooMany && a.to < b.to) ? a : b;
};

/** `list` is sorted by completion. A stretch that is fullest begins with an invocation and ends with a completion. */
function breachOf(key: string, list: readonly Operation[], { most, longest }: RequestBound): Breach | undefined {
  // Those complete by now, by invocation: what lies wholly in a stretch that ends now is the end of this list.
  const begun: Operation[] = [];
  let worst: Breach | undefined;
  for (const op of list) {
    let place = begun.length;
    while (place > 0 && (begun[place - 1] as Operation).invokedAt > op.invokedAt) place--;
    begun.splice(place, 0, op);
    const to = op.completedAt;
    for (let i = begun.length - 1; i >= 0; i--) {
      const from = (begun[i] as Operation).invokedAt;
      if (to - from > longest) break;
      const tooMany = begun.length - i - most(to - from);
      if (tooMany > (worst?.tooMany ?? 0)) worst = { key, from, to, tooMany, operations: begun.slice(i) };
    }
  }
  return worst;
}
