/**
 * A bulkhead: at most so many calls in progress, and a bounded queue in front. What one dependency holds up, however slow it is, is then
 * bounded, and the rest of the caller's threads stay free for what does not need it (Nygard, "Release It!"; resilience4j's
 * Bulkhead and ThreadPoolBulkhead; Hystrix). With an adaptive limit it is Netflix's concurrency limiter.
 */
import { CallError, ConfigError, parseDuration, withFunctions } from '../../sim/index.ts';
import type { Duration, Flow, Micros } from '../../sim/index.ts';
import { until } from './chain.ts';
import { atLeastOne, fixedLimit, type ConcurrencyLimit } from './concurrency-limit.ts';
import { refused, type Policy, type PolicyHost } from './policy.ts';

export interface BulkheadOptions<S> {
  /** Calls in progress, at least 1, or a limit that adapts. Default 25. */
  readonly limit?: number | ConcurrencyLimit<S>;
  /** Calls that may wait for a place, the first come first. Default 0. */
  readonly queue?: number;
  /** They wait no longer. Default: as long as the caller does. */
  readonly maxWait?: Duration;
  /** Default `bulkhead`. */
  readonly name?: string;
}

export interface BulkheadState<S> {
  inFlight: number;
  /** Tickets of those who wait, the oldest first. */
  queue: number[];
  next: number;
  limit: S;
}

/** Counter: `<name> refused`. Gauges: `<name>`, calls in progress; `<name> limit` if it adapts. Code: `bulkhead-full`. Throws ConfigError. */
export function bulkhead<S = null>(options: BulkheadOptions<S> = {}): Policy<BulkheadState<S>> {
  const { name = 'bulkhead', queue = 0 } = options;
  const given = options.limit ?? 25;
  const limit = typeof given === 'number' ? (fixedLimit(given) as unknown as ConcurrencyLimit<S>) : given;
  withFunctions(
    limit,
    ['init', 'current'],
    `${name}.limit`,
    'a whole number of at least 1, or one such as aimdLimit()',
  );
  if (queue !== 0) atLeastOne(queue, `${name}.queue`);
  const maxWait = options.maxWait === undefined ? Infinity : parseDuration(options.maxWait, `${name}.maxWait`);
  if (maxWait === 0) throw new ConfigError(`${name}.maxWait`, options.maxWait, 'a duration above 0');
  const rooms = new Rooms(limit, queue, maxWait);
  return {
    name,
    init: () => ({ inFlight: 0, queue: [], next: 0, limit: limit.init() }),
    *around(call, scope, host) {
      const { ctx } = host;
      const ticket = host.update((state) => rooms.enter(state, host));
      if (ticket >= 0) yield* rooms.wait(ticket, scope.expires, host);
      const began = ctx.clock.monotonic;
      // Undefined: cancelled, which says nothing of the callee.
      let ok: boolean | undefined;
      try {
        const answer = yield* call(scope);
        ok = true;
        return answer;
      } catch (error) {
        ok = false;
        throw error;
      } finally {
        const now = ctx.clock.monotonic;
        host.update((state) => {
          if (ok !== undefined) limit.ended(state.limit, { ok, latency: now - began, now }, state.inFlight);
          rooms.leave(state, host);
        });
      }
    },
  };
}

const ENTERED = -1;

/** Who is in, and who waits. Holds options only. */
class Rooms<S> {
  private readonly limit: ConcurrencyLimit<S>;
  private readonly places: number;
  private readonly maxWait: Micros;

  constructor(limit: ConcurrencyLimit<S>, places: number, maxWait: Micros) {
    this.limit = limit;
    this.places = places;
    this.maxWait = maxWait;
  }

  /** A ticket to wait with, or ENTERED. */
  enter(state: BulkheadState<S>, host: PolicyHost<unknown>): number {
    if (state.queue.length === 0 && state.inFlight < this.limit.current(state.limit)) {
      state.inFlight++;
      this.show(state, host);
      return ENTERED;
    }
    if (state.queue.length >= this.places) throw this.full(host);
    const ticket = state.next++;
    state.queue.push(ticket);
    return ticket;
  }

  *wait(ticket: number, expires: number, host: PolicyHost<BulkheadState<S>>): Flow {
    const { ctx } = host;
    let entered = false;
    try {
      yield* ctx.wait(host.named(`turn ${ticket}`), Math.min(this.maxWait, until(expires, ctx.clock.monotonic)));
      entered = true;
    } catch (error) {
      if (error instanceof CallError) throw this.full(host);
      throw error;
    } finally {
      if (!entered) host.update((state) => this.giveUp(state, ticket, host));
    }
  }

  /** Somebody waits no longer. When the turn has come at this very instant, the place goes to the next. */
  private giveUp(state: BulkheadState<S>, ticket: number, host: PolicyHost<unknown>): void {
    const at = state.queue.indexOf(ticket);
    if (at >= 0) state.queue.splice(at, 1);
    else this.leave(state, host);
  }

  leave(state: BulkheadState<S>, host: PolicyHost<unknown>): void {
    state.inFlight--;
    const limit = this.limit.current(state.limit);
    while (state.inFlight < limit && state.queue.length > 0) {
      state.inFlight++;
      host.ctx.signal(host.named(`turn ${state.queue.shift()}`));
    }
    this.show(state, host);
  }

  private show(state: BulkheadState<S>, { ctx, named }: PolicyHost<unknown>): void {
    ctx.gauge(named(''), state.inFlight);
    if (this.limit.name !== 'fixed') ctx.gauge(named('limit'), this.limit.current(state.limit));
  }

  private full(host: PolicyHost<unknown>): CallError {
    host.ctx.count(host.named('refused'));
    return refused('bulkhead-full', `no place is free in the ${host.named('')} of ${host.ctx.self.id}`);
  }
}
