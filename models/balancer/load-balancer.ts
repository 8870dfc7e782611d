/**
 * A load balancer: a proxy for any protocol that spreads requests over backends and keeps away from those that fail.
 *
 * It promises that no request is lost while a healthy backend can be reached: an attempt that failed *definitely* (refused, or
 * never begun) is repeated on another backend. After a timeout or a reset the request may have taken effect, so it is repeated
 * only when its message is declared idempotent; otherwise the caller is told.
 *
 * Health is judged twice. *Passively*: `failures` indefinite failures in a row (not refusals: a backend that says no is alive)
 * eject a backend for a while that doubles with each ejection in a row, as Envoy's outlier detection does. *Actively*: a probe
 * every interval with thresholds for "down" and "up". When no backend is left the balancer uses them all, since guessing beats
 * refusing (Envoy's panic mode).
 *
 * A crash of the balancer forgets everything: health, counts, and the requests in progress.
 */
import { CallError, ConfigError, defineActor, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { BackendView, BalancerPolicy } from './policy.ts';

export interface PassiveHealth {
  /** Indefinite failures in a row that eject a backend, at least 1. Default 3. */
  readonly failures?: number;
  /** First ejection; doubles with each ejection in a row. Default 5 s. */
  readonly ejectFor?: Duration;
  /** Longest ejection. Default 60 s. */
  readonly longest?: Duration;
}

export interface ActiveHealth {
  /** Between the beginnings of two probes of a backend, above 0. Default 5 s. */
  readonly interval?: Duration;
  /** Default 2 s. */
  readonly timeout?: Duration;
  /** Failed probes in a row after which a backend is down, at least 1. Default 2. */
  readonly down?: number;
  /** Successful probes in a row after which it is up again, at least 1. Default 2. */
  readonly up?: number;
  /** The message that backends answer to a probe; its payload is `{}`. Default `health`. */
  readonly message?: string;
}

export interface LoadBalancerOptions<P, S> {
  readonly backends: readonly NodeRef<P>[];
  readonly policy: BalancerPolicy<S>;
  /** Relative capacities, one for each backend. Default 1 each. */
  readonly weights?: readonly number[];
  /** For each attempt on a backend. Default 1 s. */
  readonly deadline?: Duration;
  /** Backends tried for one request, at least 1. Default: all of them. */
  readonly attempts?: number;
  /** Messages that may take effect twice, and are therefore repeated after a timeout or a reset too. Default none. */
  readonly idempotent?: readonly (keyof P & string)[];
  /** What content hashing and affinity go by. */
  readonly keyOf?: (message: string, payload: unknown) => string;
  /** Default: `{}`, all defaults; `false`: off. */
  readonly passive?: PassiveHealth | false;
  /** Default: off. */
  readonly active?: ActiveHealth;
  /** Default `balancer`. */
  readonly role?: string;
}

export interface BackendState {
  readonly index: number;
  readonly weight: number;
  inFlight: number;
  /** Indefinite failures in a row. */
  failures: number;
  /** Ejections in a row without a success between them. */
  ejections: number;
  /** Not used before this instant of the balancer's clock. */
  ejectedUntil: Micros;
  /** What probes say. */
  up: boolean;
  /** Probes in a row that contradict `up`. */
  contrary: number;
}

export interface LoadBalancerState<S> {
  backends: BackendState[];
  policy: S;
}

/** The actor. Counters: forwarded, retried, ejected, panic, refused, probes. */
export function loadBalancer<P, S>(options: LoadBalancerOptions<P, S>): Actor<LoadBalancerState<S>, P> {
  const desk = new BalancerDesk<P, S>(options);
  const { active } = options;
  const interval = parseDuration(active?.interval ?? '5s', 'balancer.active.interval');
  if (interval === 0) throw new ConfigError('balancer.active.interval', interval, 'a duration above 0');
  const actor: Actor<LoadBalancerState<S>, Record<never, never>> = {
    role: options.role ?? 'balancer',
    init: () => desk.initial(),
    start(_state, ctx) {
      if (active !== undefined) ctx.setTimer('probe', interval);
    },
    forward: (message, payload, ctx) => desk.forward(message, payload, ctx),
    timers: {
      probe(_state, ctx) {
        ctx.setTimer('probe', interval);
        for (let index = 0; index < options.backends.length; index++) ctx.spawn(desk.probe(index, ctx));
      },
    },
  };
  return defineActor(actor) as unknown as Actor<LoadBalancerState<S>, P>;
}

/** What a balancer does. Holds options only. */
class BalancerDesk<P, S> {
  private readonly options: LoadBalancerOptions<P, S>;
  private readonly deadline: Micros;
  private readonly attempts: number;
  private readonly idempotent: ReadonlySet<string>;
  private readonly passive:
    { readonly failures: number; readonly ejectFor: Micros; readonly longest: Micros } | undefined;
  private readonly active: {
    readonly timeout: Micros;
    readonly down: number;
    readonly up: number;
    readonly message: string;
  };

  constructor(options: LoadBalancerOptions<P, S>) {
    const { backends, weights, attempts = backends.length, passive = {}, active = {} } = options;
    this.options = options;
    if (backends.length === 0) throw new ConfigError('balancer.backends', backends, 'at least one backend');
    if (
      weights !== undefined &&
      (weights.length !== backends.length || weights.some((w) => !(w > 0 && w < Infinity)))
    ) {
      throw new ConfigError('balancer.weights', weights, `${backends.length} numbers above 0, one for each backend`);
    }
    this.deadline = parseDuration(options.deadline ?? '1s', 'balancer.deadline');
    this.attempts = counted(attempts, 'balancer.attempts');
    this.idempotent = new Set(options.idempotent ?? []);
    this.passive =
      passive === false
        ? undefined
        : {
            failures: counted(passive.failures ?? 3, 'balancer.passive.failures'),
            ejectFor: parseDuration(passive.ejectFor ?? '5s', 'balancer.passive.ejectFor'),
            longest: parseDuration(passive.longest ?? '60s', 'balancer.passive.longest'),
          };
    this.active = {
      timeout: parseDuration(active.timeout ?? '2s', 'balancer.active.timeout'),
      down: counted(active.down ?? 2, 'balancer.active.down'),
      up: counted(active.up ?? 2, 'balancer.active.up'),
      message: active.message ?? 'health',
    };
  }

  initial(): LoadBalancerState<S> {
    const { backends, weights, policy } = this.options;
    return {
      backends: backends.map((_, index) => ({
        index,
        weight: weights?.[index] ?? 1,
        inFlight: 0,
        failures: 0,
        ejections: 0,
        ejectedUntil: 0,
        up: true,
        contrary: 0,
      })),
      policy: policy.init(backends.length),
    };
  }

  *forward(message: string, payload: unknown, ctx: Context<LoadBalancerState<S>>): Flow<unknown> {
    const tried: number[] = [];
    const key = this.options.keyOf?.(message, payload) ?? '';
    for (;;) {
      const chosen = ctx.update((state) => this.choose(state, tried, key, ctx));
      tried.push(chosen);
      ctx.count(tried.length === 1 ? 'forwarded' : 'retried');
      const sent = ctx.clock.monotonic;
      try {
        const backend = this.options.backends[chosen] as NodeRef;
        const reply = yield* ctx.forward(backend, message, payload, { deadline: this.deadline });
        this.ended(ctx, chosen, sent, undefined);
        return reply;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        this.ended(ctx, chosen, sent, error);
        const repeatable = error.definite || this.idempotent.has(message);
        if (!repeatable || tried.length >= Math.min(this.attempts, this.options.backends.length)) throw error;
      }
    }
  }

  /** Picks a backend that is in use and not yet tried for this request; if there is none, any that is not yet tried. */
  private choose(
    state: LoadBalancerState<S>,
    tried: readonly number[],
    key: string,
    ctx: Context<LoadBalancerState<S>>,
  ): number {
    const now = ctx.clock.monotonic;
    const untried = tried.length === 0 ? state.backends : state.backends.filter(({ index }) => !tried.includes(index));
    let candidates: readonly BackendView[] = untried.filter(({ up, ejectedUntil }) => up && ejectedUntil <= now);
    if (candidates.length === 0) {
      if (untried.length === 0) throw reject('no-backend', 'every backend has been tried');
      ctx.count('panic');
      candidates = untried;
    }
    const chosen = this.options.policy.pick(state.policy, candidates, { key, now, random: ctx.random });
    const backend = state.backends[chosen];
    if (backend === undefined)
      throw new ConfigError(`balancer.policy ${this.options.policy.name}`, chosen, 'the index of a candidate');
    backend.inFlight++;
    return chosen;
  }

  private ended(ctx: Context<LoadBalancerState<S>>, chosen: number, sent: Micros, error: CallError | undefined): void {
    const now = ctx.clock.monotonic;
    ctx.update((state) => {
      const backend = state.backends[chosen] as BackendState;
      backend.inFlight--;
      this.options.policy.ended?.(state.policy, chosen, { ok: error === undefined, latency: now - sent, now });
      const { passive } = this;
      if (passive === undefined || error?.definite === true) return;
      if (error === undefined) {
        backend.failures = 0;
        backend.ejections = 0;
        return;
      }
      backend.failures++;
      if (backend.failures < passive.failures || backend.ejectedUntil > now) return;
      backend.failures = 0;
      backend.ejectedUntil = now + Math.min(passive.longest, passive.ejectFor * (1 << Math.min(backend.ejections, 30)));
      backend.ejections++;
      ctx.count('ejected');
      ctx.note(`ejects ${this.options.backends[chosen]?.id}`);
    });
  }

  /** One active health check. */
  *probe(index: number, ctx: Context<LoadBalancerState<S>>): Flow {
    const { timeout, message, down, up } = this.active;
    let healthy = true;
    try {
      yield* ctx.forward(this.options.backends[index] as NodeRef, message, {}, { deadline: timeout });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      healthy = false;
    }
    ctx.count('probes');
    ctx.update((state) => {
      const backend = state.backends[index] as BackendState;
      backend.contrary = healthy === backend.up ? 0 : backend.contrary + 1;
      if (backend.contrary < (backend.up ? down : up)) return;
      backend.up = healthy;
      backend.contrary = 0;
      ctx.note(`${this.options.backends[index]?.id} is ${healthy ? 'up' : 'down'}`);
    });
  }
}

const counted = (value: number, field: string): number => {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(field, value, 'a whole number of at least 1');
};
