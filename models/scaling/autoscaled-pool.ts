/**
 * A pool of replicas that grows and shrinks with its load: a proxy that counts the requests in progress and, every now and then, sets the number
 * of replicas so that each has `target` of them (desired-replicas.ts). By Little's law that is a measure of load whatever the requests
 * are: in progress = arrival rate × time.
 *
 * What it promises is capacity, late: a step in the load is seen at the next look, and met when new replicas have started. Until then the
 * old ones are overloaded, unless `target` leaves them headroom for it. It shrinks to the highest number that was desired during
 * `stabilise`, so that it does not flap. Requests go to the replica with the fewest in progress; one that failed to answer is left
 * out for a second while there are others, since a dead one always has the fewest.
 *
 * After a crash it begins with `min` replicas again, all of them started.
 */
import { CallError, ConfigError, NEVER, defineActor, parseDuration, parsePeriod, reject } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { desiredReplicas } from './desired-replicas.ts';

export interface AutoscaledPoolOptions<P> {
  /** All that there can be; the first are used first. */
  readonly replicas: readonly NodeRef<P>[];
  /** Requests in progress at each replica, above 0. */
  readonly target: number;
  /** Replicas at least, from 1. Default 1. */
  readonly min?: number;
  /** Between two looks at the load, above 0. Default 15 s. */
  readonly every?: Duration;
  /** From the decision until a new replica takes requests. Default 30 s. */
  readonly startUp?: Duration;
  /** Default 5 minutes. */
  readonly stabilise?: Duration;
  /** Deviation from the target that is left alone. Default 0.1. */
  readonly tolerance?: number;
  /** For each request. Default 1 s. */
  readonly deadline?: Duration;
  /** Default `pool`. */
  readonly role?: string;
}

export interface PoolReplica {
  inFlight: number;
  /** It takes requests from this instant of the pool's clock on; NEVER: it is not wanted. */
  readyAt: Micros;
  /** Left out until then. */
  suspectUntil: Micros;
}

export interface AutoscaledPoolState {
  replicas: PoolReplica[];
  wanted: number;
  /** Requests in progress × µs since the last look, and until when that is counted. */
  area: number;
  since: Micros;
  /** What was desired at the looks within `stabilise`. */
  desired: { at: Micros; replicas: number }[];
}

const SUSPECT_FOR = 1_000_000;

/** The actor. Counters: forwarded, scaled. Gauges: replicas, ready. Throws ConfigError. */
export function autoscaledPool<P>(options: AutoscaledPoolOptions<P>): Actor<AutoscaledPoolState, P> {
  const { replicas, target, min = 1, tolerance = 0.1 } = options;
  if (!Number.isInteger(min) || min < 1 || min > replicas.length)
    throw new ConfigError('pool.min', min, `a whole number from 1 to ${replicas.length}, the number of replicas`);
  if (!(typeof target === 'number' && target > 0 && target < Infinity))
    throw new ConfigError('pool.target', target, 'a number above 0');
  if (!(tolerance >= 0 && tolerance < Infinity))
    throw new ConfigError('pool.tolerance', tolerance, 'a number of at least 0');
  const every = parsePeriod(options.every ?? '15s', 'pool.every');
  const pool = new Pool({
    replicas,
    target,
    min,
    tolerance,
    every,
    startUp: parseDuration(options.startUp ?? '30s', 'pool.startUp'),
    stabilise: parseDuration(options.stabilise ?? '5m', 'pool.stabilise'),
    deadline: parsePeriod(options.deadline ?? '1s', 'pool.deadline'),
  });
  const actor: Actor<AutoscaledPoolState, Record<never, never>> = {
    role: options.role ?? 'pool',
    init: (ctx) => pool.initial(ctx.clock.monotonic),
    start(state, ctx) {
      pool.show(state, ctx);
      ctx.setTimer('look', every);
    },
    timers: {
      look(state, ctx) {
        ctx.setTimer('look', every);
        pool.look(state, ctx);
      },
    },
    forward: (message, payload, ctx) => pool.forward(message, payload, ctx),
    phase: ({ wanted }) => `${wanted} replicas`,
  };
  return defineActor(actor) as unknown as Actor<AutoscaledPoolState, P>;
}

interface PoolSettings {
  readonly replicas: readonly NodeRef[];
  readonly target: number;
  readonly min: number;
  readonly tolerance: number;
  readonly every: Micros;
  readonly startUp: Micros;
  readonly stabilise: Micros;
  readonly deadline: Micros;
}

type PoolContext = Context<AutoscaledPoolState>;

/** What a pool does. Holds options only. */
class Pool {
  private readonly settings: PoolSettings;

  constructor(settings: PoolSettings) {
    this.settings = settings;
  }

  initial(now: Micros): AutoscaledPoolState {
    const { replicas, min } = this.settings;
    return {
      replicas: replicas.map((_, i) => ({ inFlight: 0, readyAt: i < min ? now : NEVER, suspectUntil: 0 })),
      wanted: min,
      area: 0,
      since: now,
      desired: [],
    };
  }

  *forward(message: string, payload: unknown, ctx: PoolContext): Flow<unknown> {
    const chosen = ctx.update((state) => this.choose(state, ctx));
    ctx.count('forwarded');
    let failed = false;
    try {
      const target = this.settings.replicas[chosen] as NodeRef;
      return yield* ctx.forward(target, message, payload, { deadline: this.settings.deadline });
    } catch (error) {
      failed = error instanceof CallError && !error.definite;
      throw error;
    } finally {
      const now = ctx.clock.monotonic;
      ctx.update((state) => {
        this.count(state, now);
        const replica = state.replicas[chosen] as PoolReplica;
        replica.inFlight--;
        if (failed) replica.suspectUntil = now + SUSPECT_FOR;
      });
    }
  }

  private choose(state: AutoscaledPoolState, ctx: PoolContext): number {
    const now = ctx.clock.monotonic;
    const ready = state.replicas.flatMap(({ readyAt }, i) => (readyAt <= now ? [i] : []));
    const trusted = ready.filter((i) => (state.replicas[i] as PoolReplica).suspectUntil <= now);
    const candidates = trusted.length > 0 ? trusted : ready;
    if (candidates.length === 0) throw reject('no-replica', 'no replica is ready');
    const inFlight = (i: number): number => (state.replicas[i] as PoolReplica).inFlight;
    const least = Math.min(...candidates.map(inFlight));
    const chosen = ctx.random.pick(candidates.filter((i) => inFlight(i) === least));
    this.count(state, now);
    (state.replicas[chosen] as PoolReplica).inFlight++;
    return chosen;
  }

  /** Counts the requests in progress until now. */
  private count(state: AutoscaledPoolState, now: Micros): void {
    const inFlight = state.replicas.reduce((sum, replica) => sum + replica.inFlight, 0);
    state.area += inFlight * (now - state.since);
    state.since = now;
  }

  /** Compares load and target, and starts or stops replicas. */
  look(state: AutoscaledPoolState, ctx: PoolContext): void {
    const { target, tolerance, every, min, replicas, stabilise, startUp } = this.settings;
    const now = ctx.clock.monotonic;
    this.count(state, now);
    const each = state.area / every / state.wanted;
    state.area = 0;
    const desired = Math.min(replicas.length, Math.max(min, desiredReplicas(state.wanted, each, target, tolerance)));
    state.desired = state.desired.filter(({ at }) => at > now - stabilise);
    state.desired.push({ at: now, replicas: desired });
    const next = desired >= state.wanted ? desired : Math.max(...state.desired.map((one) => one.replicas));
    if (next !== state.wanted) {
      ctx.count('scaled');
      ctx.note(`${each.toFixed(2)} requests in progress at each of ${state.wanted}: ${next} replicas`);
      for (const [i, replica] of state.replicas.entries()) {
        if (i < next && replica.readyAt === NEVER) replica.readyAt = now + startUp;
        if (i >= next) replica.readyAt = NEVER;
      }
      state.wanted = next;
    }
    this.show(state, ctx);
  }

  show(state: AutoscaledPoolState, ctx: PoolContext): void {
    ctx.gauge('replicas', state.wanted);
    ctx.gauge('ready', state.replicas.filter(({ readyAt }) => readyAt <= ctx.clock.monotonic).length);
  }
}
