/**
 * A circuit breaker: stops calling what keeps failing, and tries again after a while.
 *
 * *Closed*: calls go through, and the trip rule watches how they end. *Open*: calls are refused at once, which frees the caller's threads
 * and gives the callee room to recover. After `openFor` the next call makes it *half-open*: so many probes go through,
 * everything else is refused; when the probes have ended the rule says whether it closes or opens again. Calls that began before the
 * last change of state are not judged: they say how things were. (M. Nygard, "Release It!", 2007; resilience4j.)
 *
 * It promises no safety: a refusal is definite, but what timed out before may have taken effect. A breaker belongs to one
 * dependency; one for several opens for all when one of them fails. Its mode over time is the mark `<name>`.
 */
import { CallError, ConfigError, parseDuration, withFunctions } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import { consecutiveFailures } from './consecutive-failures.ts';
import { refused, type Policy, type PolicyHost } from './policy.ts';
import type { Probed, TripRule } from './trip-rule.ts';

export interface CircuitBreakerOptions<S> {
  /** Default: `consecutiveFailures()`. */
  readonly trip?: TripRule<S>;
  /** How long it stays open, above 0. Default 60 s. */
  readonly openFor?: Duration;
  /** Probes of a half-open circuit, at least 1. Default 10. */
  readonly probes?: number;
  /** Whether a failed call counts as a failure of the callee. Default: every CallError. */
  readonly isFailure?: (error: CallError) => boolean;
  /** Default `breaker`. */
  readonly name?: string;
}

export interface CircuitBreakerState<S> {
  mode: 'closed' | 'open' | 'half-open';
  /** Number of changes so far: calls of another number are not judged. */
  change: number;
  /** While open: until when, on the node's clock. */
  until: Micros;
  /** While half-open: probes that may still begin, and those that have ended, how. */
  permits: number;
  probed: Probed;
  rule: S;
}

/** Counters: `<name> opened`, `<name> refused`. Mark: `<name>`. Refusals have the code `breaker-open`. Throws ConfigError. */
export function circuitBreaker<S = { inRow: number }>(
  options: CircuitBreakerOptions<S> = {},
): Policy<CircuitBreakerState<S>> {
  const { name = 'breaker', probes = 10, isFailure = () => true } = options;
  const trip = options.trip ?? (consecutiveFailures() as unknown as TripRule<S>);
  withFunctions(trip, ['init', 'opens'], `${name}.trip`, 'a rule, such as errorRate()');
  const openFor = parseDuration(options.openFor ?? '60s', `${name}.openFor`);
  if (openFor === 0) throw new ConfigError(`${name}.openFor`, options.openFor, 'a duration above 0');
  if (!Number.isInteger(probes) || probes < 1)
    throw new ConfigError(`${name}.probes`, probes, 'a whole number of at least 1');
  const circuit = new Circuit(trip, openFor, probes);
  return {
    name,
    init: () => circuit.initial(),
    *around(call, scope, host) {
      const { ctx } = host;
      const began = ctx.clock.monotonic;
      const change = host.update((state) => circuit.admit(state, began, host));
      if (change === 0) ctx.mark(host.named(''), 'closed');
      if (change < 0) {
        ctx.count(host.named('refused'));
        throw refused('breaker-open', `the circuit breaker of ${ctx.self.id} is not closed`);
      }
      // Undefined: cancelled, which says nothing of the callee.
      let ok: boolean | undefined;
      try {
        const answer = yield* call(scope);
        ok = true;
        return answer;
      } catch (error) {
        ok = error instanceof CallError && !isFailure(error);
        throw error;
      } finally {
        host.update((state) => circuit.ended(state, change, ok, began, host));
      }
    },
  };
}

/** What happens to the state of a breaker. Holds options only. */
class Circuit<S> {
  private readonly trip: TripRule<S>;
  private readonly openFor: Micros;
  private readonly probes: number;

  constructor(trip: TripRule<S>, openFor: Micros, probes: number) {
    this.trip = trip;
    this.openFor = openFor;
    this.probes = probes;
  }

  initial(): CircuitBreakerState<S> {
    const probed = { all: 0, failed: 0, slow: 0 };
    return { mode: 'closed', change: 0, until: 0, permits: 0, probed, rule: this.trip.init() };
  }

  /** The number of the present state if the call may be made, −1 if not. */
  admit(state: CircuitBreakerState<S>, now: Micros, host: PolicyHost<unknown>): number {
    if (state.mode === 'open' && now >= state.until) {
      this.become(state, 'half-open', host);
      state.permits = this.probes;
      state.probed = { all: 0, failed: 0, slow: 0 };
    }
    if (state.mode === 'open' || (state.mode === 'half-open' && state.permits === 0)) return -1;
    if (state.mode === 'half-open') state.permits--;
    return state.change;
  }

  ended(
    state: CircuitBreakerState<S>,
    change: number,
    ok: boolean | undefined,
    began: Micros,
    host: PolicyHost<unknown>,
  ): void {
    if (change !== state.change) return;
    const now = host.ctx.clock.monotonic;
    const latency = now - began;
    if (state.mode === 'half-open') {
      if (ok === undefined) state.permits++;
      else this.probed(state, ok, latency, now, host);
    } else if (ok !== undefined && this.trip.opens(state.rule, { ok, latency, now })) {
      this.open(state, now, host);
    }
  }

  private probed(
    state: CircuitBreakerState<S>,
    ok: boolean,
    latency: Micros,
    now: Micros,
    host: PolicyHost<unknown>,
  ): void {
    const { probed } = state;
    probed.all++;
    if (!ok) probed.failed++;
    if (this.trip.isSlow(latency)) probed.slow++;
    const left = this.probes - probed.all;
    if (this.trip.failsAgain(probed, left)) {
      this.open(state, now, host);
    } else if (left === 0) {
      state.rule = this.trip.init();
      this.become(state, 'closed', host);
    }
  }

  private open(state: CircuitBreakerState<S>, now: Micros, host: PolicyHost<unknown>): void {
    state.until = now + this.openFor;
    host.ctx.count(host.named('opened'));
    this.become(state, 'open', host);
  }

  private become(
    state: CircuitBreakerState<S>,
    mode: CircuitBreakerState<S>['mode'],
    { ctx, named }: PolicyHost<unknown>,
  ): void {
    state.mode = mode;
    state.change++;
    ctx.mark(named(''), mode);
    ctx.note(`${named('')} is ${mode}`);
  }
}
