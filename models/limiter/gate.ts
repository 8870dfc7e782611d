/**
 * What every limiter does with a request, wherever its counts are kept: asks, lets pass, holds back, lets wait in line, refuses.
 *
 * Refusals are definite: nothing has happened. A request in line goes before every later one of its key, so that waiting is fair;
 * whoever would wait for too long is refused at once or when the time is over.
 */
import { CallError, ConfigError, NEVER, parseDuration, parsePeriod, reject } from '../../sim/index.ts';
import type { Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { Admission } from './policy.ts';

export interface GateOptions<P> {
  readonly target: NodeRef<P>;
  /** Whose count a request goes to: user, address, route. Default: one count for all. */
  readonly keyOf?: (message: string, payload: unknown) => string;
  /** What a request takes of the limit: a whole number of at least 1. Default 1. */
  readonly costOf?: (message: string, payload: unknown) => number;
  /** Messages that are passed on uncounted. Default: `health`. */
  readonly exempt?: readonly string[];
  /** For the call to the service. Default 30 s: the caller's own deadline decides. */
  readonly deadline?: Duration;
  /**
   * What is over the limit is counted and passes all the same: always (`true`), or for this long, a grace that comes back when
   * nothing has been over the limit for as long again. Default `false`: the limit is hard.
   * With `true` nobody ever waits, so that there can be no line.
   */
  readonly soft?: boolean | Duration;
  /** What is over the limit waits in line instead of being refused. Default: no line. */
  readonly enqueue?: EnqueueOptions;
  /** Adds `rateLimit: { limit, remaining, resetAfter }` to replies that are objects. Default false: replies pass as they are. */
  readonly headers?: boolean;
  /** Default `limiter`. */
  readonly role?: string;
}

export interface EnqueueOptions {
  /** Most requests in line, for each key: a whole number of at least 1. */
  readonly places: number;
  /** Longest wait. Default 1 s. */
  readonly longest?: Duration;
}

/**
 * On replies (with `headers`), as X-RateLimit-Limit, -Remaining and -Reset; the last is a duration, so that clocks need not
 * agree.
 */
export interface RateLimitHeaders {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAfter: Micros;
}

/** Detail of a `rate-limited` refusal, with Retry-After. */
export interface RateLimited extends RateLimitHeaders {
  readonly retryAfter: Micros;
}

/** An admission and the limit that it was judged by. */
export interface Decision extends Admission {
  /** NEVER: none. */
  readonly limit: number;
}

/** A request at the gate. */
export interface Arrival {
  readonly message: string;
  readonly payload: unknown;
  readonly key: string;
  readonly cost: number;
}

/** Requests of one key that wait, and how the first of them was last refused. */
interface Line {
  tickets: number[];
  refusal: Decision;
}

interface Excess {
  /** When it began. */
  since: Micros;
  last: Micros;
}

export interface GateState {
  lines: Map<string, Line>;
  nextTicket: number;
  /** Of soft limits with a grace, by key. */
  excesses: Map<string, Excess>;
}

export const openGate = (): GateState => ({ lines: new Map(), nextTicket: 1, excesses: new Map() });

/** Graces kept at most; beyond it those that are over are forgotten. */
const MOST_EXCESSES = 10_000;

/** Decides about a request, at once or after asking somebody. */
export type Decide<S> = (arrival: Arrival, ctx: Context<S>) => Decision | Flow<Decision>;

/** Holds options only. Counters: admitted, limited, enqueued. */
export class Gate<S extends GateState> {
  private readonly options: GateOptions<unknown>;
  private readonly decide: Decide<S>;
  private readonly exempt: ReadonlySet<string>;
  private readonly deadline: Micros;
  private readonly grace: Micros;
  private readonly places: number;
  private readonly longest: Micros;

  constructor(options: GateOptions<unknown>, decide: Decide<S>) {
    const { soft = false, enqueue, exempt = ['health'] } = options;
    if (!Array.isArray(exempt)) throw new ConfigError('limiter.exempt', exempt, 'a list of messages');
    for (const field of ['keyOf', 'costOf'] as const) {
      const given = options[field];
      if (given !== undefined && typeof given !== 'function')
        throw new ConfigError(`limiter.${field}`, given, 'a function of a message and its payload');
    }
    if (soft === true && enqueue !== undefined)
      throw new ConfigError('limiter.enqueue', enqueue, 'nothing with soft: true, where nobody has to wait');
    this.options = options;
    this.decide = decide;
    this.exempt = new Set(exempt as readonly string[]);
    this.deadline = parsePeriod(options.deadline ?? '30s', 'limiter.deadline');
    this.grace = typeof soft === 'boolean' ? (soft ? Infinity : 0) : parseDuration(soft, 'limiter.soft');
    this.places = enqueue?.places ?? 0;
    if (enqueue !== undefined && !(Number.isInteger(this.places) && this.places >= 1))
      throw new ConfigError('limiter.enqueue.places', this.places, 'a whole number of at least 1');
    this.longest = parseDuration(enqueue?.longest ?? '1s', 'limiter.enqueue.longest');
  }

  *forward(message: string, payload: unknown, ctx: Context<S>): Flow<unknown> {
    const { headers } = this.options;
    const target = this.options.target as NodeRef;
    const { deadline } = this;
    if (this.exempt.has(message)) return yield* ctx.forward(target, message, payload, { deadline });
    const key = this.options.keyOf?.(message, payload) ?? '';
    const cost = this.options.costOf?.(message, payload) ?? 1;
    if (!Number.isInteger(cost) || cost < 1)
      throw new ConfigError('limiter.costOf', cost, 'a whole number of at least 1');
    const decision = yield* this.pass({ message, payload, key, cost }, ctx);
    if (decision.delay > 0) yield* ctx.sleep(decision.delay);
    const reply = yield* ctx.forward(target, message, payload, { deadline });
    return headers === true ? withHeaders(reply, decision) : reply;
  }

  /** How the request was let through. Throws the refusal. */
  private *pass(arrival: Arrival, ctx: Context<S>): Flow<Decision> {
    const behind = this.places > 0 ? ctx.state.lines.get(arrival.key) : undefined;
    let decision = behind === undefined ? yield* this.ask(arrival, ctx) : { ...behind.refusal };
    if (behind === undefined && decision.admitted) {
      ctx.count('admitted');
      return decision;
    }
    if (this.grace > 0 && this.tolerates(arrival.key, ctx)) {
      ctx.count('limited');
      return { ...decision, delay: 0 };
    }
    if (this.places > 0) decision = yield* this.wait(arrival, decision, ctx);
    ctx.count(decision.admitted ? 'admitted' : 'limited');
    if (decision.admitted) return decision;
    const { limit, remaining, resetAfter, retryAfter } = decision;
    const detail: RateLimited = { limit, remaining, resetAfter, retryAfter };
    throw reject('rate-limited', `${ctx.self.id} is over its limit of ${limit}`, detail);
  }

  private *ask(arrival: Arrival, ctx: Context<S>): Flow<Decision> {
    const decided = this.decide(arrival, ctx);
    return 'admitted' in decided ? decided : yield* decided;
  }

  private tolerates(key: string, ctx: Context<S>): boolean {
    const { grace } = this;
    if (grace === Infinity) return true;
    const now = ctx.clock.monotonic;
    return ctx.update(({ excesses }) => {
      const excess = excesses.get(key);
      if (excess === undefined || now - excess.last >= grace) {
        if (excesses.size >= MOST_EXCESSES) {
          for (const [other, { last }] of [...excesses]) if (now - last >= grace) excesses.delete(other);
        }
        excesses.set(key, { since: now, last: now });
        return true;
      }
      excess.last = now;
      return now - excess.since < grace;
    });
  }

  /** In line until it is admitted, or will not be in time. */
  private *wait(arrival: Arrival, refusal: Decision, ctx: Context<S>): Flow<Decision> {
    const { key } = arrival;
    const until = ctx.clock.monotonic + this.longest;
    const ticket = ctx.update((state) => enter(state, key, refusal, this.places));
    if (ticket === 0) return refusal;
    ctx.count('enqueued');
    try {
      while (ctx.state.lines.get(key)?.tickets[0] !== ticket)
        yield* ctx.wait(turn(ticket), Math.max(0, until - ctx.clock.monotonic));
      for (;;) {
        const decision = yield* this.ask(arrival, ctx);
        if (decision.admitted) return decision;
        ctx.update((state) => refused(state, key, decision));
        if (decision.retryAfter > until - ctx.clock.monotonic) return decision;
        yield* ctx.sleep(Math.max(1, decision.retryAfter));
      }
    } catch (error) {
      if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
      const { limit, remaining, resetAfter, retryAfter } = ctx.state.lines.get(key)?.refusal ?? refusal;
      return { admitted: false, delay: 0, limit, remaining, resetAfter, retryAfter };
    } finally {
      const next = ctx.update((state) => leave(state, key, ticket));
      if (next !== undefined) ctx.signal(turn(next));
    }
  }
}

const turn = (ticket: number): string => `turn ${ticket}`;

/** A ticket; 0: no place. */
function enter(state: GateState, key: string, refusal: Decision, places: number): number {
  const line = state.lines.get(key) ?? { tickets: [], refusal: { ...refusal } };
  if (line.tickets.length >= places) return 0;
  state.lines.set(key, line);
  line.tickets.push(state.nextTicket);
  return state.nextTicket++;
}

function refused(state: GateState, key: string, decision: Decision): void {
  const line = state.lines.get(key);
  if (line !== undefined) line.refusal = { ...decision };
}

/** Who is first now, when it was not already. */
function leave(state: GateState, key: string, ticket: number): number | undefined {
  const line = state.lines.get(key);
  const place = line?.tickets.indexOf(ticket) ?? -1;
  if (line === undefined || place < 0) return undefined;
  line.tickets.splice(place, 1);
  if (line.tickets.length === 0) state.lines.delete(key);
  return place === 0 ? line.tickets[0] : undefined;
}

function withHeaders(reply: unknown, { limit, remaining, resetAfter }: Decision): unknown {
  if (limit === NEVER || typeof reply !== 'object' || reply === null || Array.isArray(reply)) return reply;
  const rateLimit: RateLimitHeaders = { limit, remaining, resetAfter };
  return { ...reply, rateLimit };
}
