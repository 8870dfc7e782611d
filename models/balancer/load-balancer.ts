/**
 * A load balancer: a proxy for any protocol that spreads requests over backends and keeps away from those that fail.
 *
 * It promises that no request is lost while a healthy backend can be reached: an attempt that failed *definitely* (refused, or
 * never begun) is repeated on another backend. After a timeout or a reset the request may have taken effect, so it is repeated
 * only when its message is declared idempotent; otherwise the caller is told.
 *
 * Which backend: the pool that the request's content belongs to, if there are pools; of that, the backend that the session
 * sticks to, or the policy's choice among those that are healthy (health.ts). When fewer than `panic` of the pool are healthy,
 * all of them are used: what is left would be crushed by the whole load, and health checks that fail everywhere are more likely
 * wrong than right (Envoy's panic mode).
 *
 * A crash of the balancer forgets everything: health, counts, sessions, and the requests in progress. A second one helps:
 * clients that know both (active-active), or a virtual address that moves (active-passive, vrrp.ts).
 */
import { CallError, ConfigError, defineActor, parsePeriod, reject, withFunctions } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { affinity, type Affinity, type AffinityOptions, type StickTable } from './affinity.ts';
import { activeRules, counted, freshBackend, isUsable, passiveRules } from './health.ts';
import type { ActiveHealth, ActiveRules, BackendState, PassiveHealth, PassiveRules } from './health.ts';
import type { BackendIdentity, BackendView, BalancerPolicy } from './policy.ts';
import { slowStart, type SlowStart, type SlowStartOptions } from './slow-start.ts';
import { VrrpRouter, type VrrpAdvertisement, type VrrpOptions, type VrrpState } from './vrrp.ts';

export interface LoadBalancerOptions<P, S> {
  readonly backends: readonly NodeRef<P>[];
  readonly policy: BalancerPolicy<S>;
  /** Relative capacities, one for each backend, for a policy that weighs (all but round robin do). Default 1 each. */
  readonly weights?: readonly number[];
  /** For each attempt on a backend. Default 1 s. */
  readonly deadline?: Duration;
  /** Backends tried for one request, at least 1. Default: all of them. */
  readonly attempts?: number;
  /** Messages that may take effect twice, and are therefore repeated after a timeout or a reset too. Default none. */
  readonly idempotent?: readonly (keyof P & string)[];
  /** What hashing policies go by: a key, or who asks. Default: nothing. */
  readonly keyOf?: (message: string, payload: unknown) => string;
  /** Backends of each pool, which may overlap; requests of no pool are refused (`no-route`). Default: one pool of all. */
  readonly pools?: Readonly<Record<string, readonly NodeRef<P>[]>>;
  /** The pool of a request, such as `contentRouting(…)`; needed with `pools`. */
  readonly poolOf?: (message: string, payload: unknown) => string | undefined;
  /** Default: none. */
  readonly affinity?: AffinityOptions;
  /** Default: `{}`, all defaults; `false`: off. */
  readonly passive?: PassiveHealth | false;
  /** Default: off. */
  readonly active?: ActiveHealth;
  /** Default: off. */
  readonly slowStart?: SlowStartOptions;
  /** When a smaller share of the pool is healthy, 0…1, all of it is used. Default 0: only when none is (Envoy: 0.5). */
  readonly panic?: number;
  /** Default: the balancer has an address of its own. */
  readonly vrrp?: VrrpOptions;
  /** Default `balancer`. */
  readonly role?: string;
}

export interface LoadBalancerState<S> {
  backends: BackendState[];
  /** By pool; with one pool of all its name is ''. */
  policies: Record<string, S>;
  sessions: StickTable;
  vrrp: VrrpState | undefined;
  /** Backends that probes say are down, and when the last ejection is over: mostly a look at these two is enough. */
  down: number;
  outUntil: Micros;
}

/** The actor. Counters: forwarded, retried, ejected, panic, rebound, probes, takeovers. Throws ConfigError. */
export function loadBalancer<P, S>(options: LoadBalancerOptions<P, S>): Actor<LoadBalancerState<S>, P> {
  const desk = new BalancerDesk<P, S>(options);
  const { active, passive, router } = desk;
  const actor: Actor<LoadBalancerState<S>, { vrrpAdvertisement(payload: VrrpAdvertisement): void }> = {
    role: options.role ?? 'balancer',
    init: () => desk.initial(),
    start(_state, ctx) {
      if (active !== undefined) ctx.setTimer('probe', active.interval);
      if (passive?.comparesRates === true) ctx.setTimer('compareRates', passive.interval);
      router?.start(ctx as Context<never>);
    },
    on: {
      vrrpAdvertisement(state, payload, ctx) {
        if (state.vrrp !== undefined) router?.heard(state.vrrp, payload, ctx as Context<never>);
      },
    },
    forward: (message, payload, ctx) => desk.forward(message, payload, ctx),
    timers: {
      probe(_state, ctx) {
        ctx.setTimer('probe', active?.interval ?? 0);
        for (let index = 0; index < options.backends.length; index++) ctx.spawn(desk.probe(index, ctx));
      },
      compareRates(state, ctx) {
        ctx.setTimer('compareRates', passive?.interval ?? 0);
        for (const backend of passive?.outliers(state.backends) ?? []) desk.eject(state, backend, ctx);
      },
      vrrpAdvertise: (_state, ctx) => router?.advertise(ctx as Context<never>),
      vrrpMasterDown(state, ctx) {
        if (state.vrrp !== undefined) router?.takeOver(state.vrrp, ctx as Context<never>);
      },
    },
    ...(router === undefined ? {} : { phase: ({ vrrp }: LoadBalancerState<S>) => vrrp?.role ?? 'backup' }),
  };
  return defineActor(actor) as unknown as Actor<LoadBalancerState<S>, P>;
}

interface Pool {
  readonly name: string;
  /** Indices of its backends, ascending. */
  readonly members: readonly number[];
}

const WEIGHING =
  'smoothWeightedRoundRobin, leastConnections, randomBackend, powerOfChoices, peakEwma, sourceHash and consistentHash';

/** What a balancer does. Holds options only. */
class BalancerDesk<P, S> {
  readonly active: ActiveRules | undefined;
  readonly passive: PassiveRules | undefined;
  readonly router: VrrpRouter | undefined;
  private readonly options: LoadBalancerOptions<P, S>;
  private readonly identities: readonly BackendIdentity[];
  private readonly pools: readonly Pool[];
  private readonly deadline: Micros;
  private readonly attempts: number;
  private readonly idempotent: ReadonlySet<string>;
  private readonly affinity: Affinity | undefined;
  private readonly slowStart: SlowStart | undefined;
  private readonly panic: number;

  constructor(options: LoadBalancerOptions<P, S>) {
    const { backends, policy, weights, attempts = backends.length, passive = {}, panic = 0 } = options;
    this.options = options;
    withFunctions(policy, ['init', 'pick'], 'balancer.policy', 'a policy, such as roundRobin()');
    const { keyOf } = options;
    if (keyOf !== undefined && typeof keyOf !== 'function')
      throw new ConfigError('balancer.keyOf', keyOf, 'a function of a message and its payload');
    if (!Array.isArray(backends) || backends.length === 0)
      throw new ConfigError('balancer.backends', backends, 'at least one backend');
    if (weights !== undefined && (weights.length !== backends.length || weights.some((w) => !(w > 0 && w < Infinity))))
      throw new ConfigError('balancer.weights', weights, `${backends.length} numbers above 0, one for each backend`);
    if (weights !== undefined && policy.ignoresWeights === true)
      throw new ConfigError('balancer.weights', weights, `none with ${policy.name}: ${WEIGHING} weigh`);
    if (!(panic >= 0 && panic <= 1)) throw new ConfigError('balancer.panic', panic, 'a share from 0 to 1');
    this.identities = backends.map(({ id }, index) => ({ index, id, weight: weights?.[index] ?? 1 }));
    this.pools = poolsOf(options);
    this.panic = panic;
    this.deadline = parsePeriod(options.deadline ?? '1s', 'balancer.deadline');
    this.attempts = counted(attempts, 'balancer.attempts');
    const { idempotent = [] } = options;
    if (!Array.isArray(idempotent)) throw new ConfigError('balancer.idempotent', idempotent, 'a list of messages');
    this.idempotent = new Set<string>(idempotent as readonly string[]);
    this.passive = passive === false ? undefined : passiveRules(passive);
    this.active = options.active && activeRules(options.active);
    this.affinity = options.affinity && affinity(options.affinity);
    this.slowStart = options.slowStart && slowStart(options.slowStart);
    this.router = options.vrrp && new VrrpRouter(options.vrrp);
  }

  initial(): LoadBalancerState<S> {
    const policies: Record<string, S> = {};
    for (const { name, members } of this.pools)
      policies[name] = this.options.policy.init(members.map((index) => this.identities[index] as BackendIdentity));
    return {
      backends: this.identities.map(freshBackend),
      policies,
      sessions: new Map(),
      vrrp: this.router?.initial(),
      down: 0,
      outUntil: 0,
    };
  }

  *forward(message: string, payload: unknown, ctx: Context<LoadBalancerState<S>>): Flow<unknown> {
    const { keyOf, poolOf, backends } = this.options;
    if (this.router !== undefined && ctx.state.vrrp?.role !== 'master')
      throw reject('standby', `${ctx.self.id} stands by`);
    const pool = this.poolNamed(poolOf === undefined ? '' : poolOf(message, payload));
    if (pool === undefined) throw reject('no-route', `no pool of ${ctx.self.id} is for this request`);
    const request: Placed = {
      pool,
      key: keyOf?.(message, payload) ?? '',
      session: this.affinity?.sessionOf?.(message, payload) ?? '',
      cookie: this.affinity?.cookie?.(message, payload),
      tried: [],
    };
    for (;;) {
      const chosen = ctx.update((state) => this.choose(state, request, ctx));
      ctx.count(request.tried.length === 0 ? 'forwarded' : 'retried');
      const sent = ctx.clock.monotonic;
      try {
        const backend = backends[chosen] as NodeRef;
        const reply = yield* ctx.forward(backend, message, payload, { deadline: this.deadline });
        this.ended(ctx, pool, chosen, sent, undefined);
        return this.affinity?.write === undefined ? reply : this.affinity.write(reply, backend.id);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        this.ended(ctx, pool, chosen, sent, error);
        request.tried.push(chosen);
        const repeatable = error.definite || this.idempotent.has(message);
        if (!repeatable || request.tried.length >= Math.min(this.attempts, pool.members.length)) throw error;
      }
    }
  }

  private poolNamed(name: string | undefined): Pool | undefined {
    for (const pool of this.pools) if (pool.name === name) return pool;
    return undefined;
  }

  /** The backend that the session sticks to, or the policy's choice; either one that is not yet tried for this request. */
  private choose(state: LoadBalancerState<S>, request: Placed, ctx: Context<LoadBalancerState<S>>): number {
    const now = ctx.clock.monotonic;
    const { policy } = this.options;
    const candidates = this.candidates(state, request, now, ctx);
    const stuck = this.stuckTo(state, request, now);
    let chosen = stuck === undefined ? undefined : candidates.find(({ index }) => index === stuck)?.index;
    if (chosen === undefined) {
      if (stuck !== undefined) ctx.count('rebound');
      const placing = { key: request.key, now, random: ctx.random };
      chosen = policy.pick(state.policies[request.pool.name] as S, candidates, placing);
    }
    const backend = state.backends[chosen];
    if (backend === undefined)
      throw new ConfigError(`balancer.policy ${policy.name}`, chosen, 'the index of a candidate');
    backend.inFlight++;
    if (request.session !== '') this.affinity?.stick(state.sessions, request.session, chosen, now);
    return chosen;
  }

  /** Healthy backends of the pool that are not yet tried; in panic, or if there are none, all that are not yet tried. */
  private candidates(
    { backends, down, outUntil }: LoadBalancerState<S>,
    { pool, tried }: Placed,
    now: Micros,
    ctx: Context<LoadBalancerState<S>>,
  ): readonly BackendView[] {
    const { members } = pool;
    const whole =
      members.length === backends.length ? backends : members.map((index) => backends[index] as BackendState);
    const healthy = down === 0 && outUntil <= now ? whole.length : whole.filter((one) => isUsable(one, now)).length;
    const panics = healthy < this.panic * members.length;
    const untried = tried.length === 0 ? whole : whole.filter(({ index }) => !tried.includes(index));
    if (untried.length === 0) throw reject('no-backend', 'every backend has been tried');
    const usable = panics || healthy === whole.length ? untried : untried.filter((one) => isUsable(one, now));
    if (panics || usable.length === 0) ctx.count('panic');
    return this.starting(usable.length === 0 ? untried : usable, now);
  }

  /** While one of them starts slowly: with the weights that they have now. */
  private starting(backends: readonly BackendState[], now: Micros): readonly BackendView[] {
    const { slowStart: start } = this;
    if (start === undefined) return backends;
    const starts = ({ backAt }: BackendState): boolean => backAt !== undefined && now - backAt < start.window;
    if (!backends.some(starts)) return backends;
    return backends.map((one) => {
      const { index, id, inFlight, weight, backAt } = one;
      return { index, id, inFlight, weight: starts(one) ? weight * start.share(now - (backAt as Micros)) : weight };
    });
  }

  private stuckTo(state: LoadBalancerState<S>, { session, cookie }: Placed, now: Micros): number | undefined {
    if (cookie !== undefined) return this.identities.find(({ id }) => id === cookie)?.index ?? -1;
    return session === '' ? undefined : this.affinity?.find(state.sessions, session, now);
  }

  private ended(
    ctx: Context<LoadBalancerState<S>>,
    pool: Pool,
    chosen: number,
    sent: Micros,
    error: CallError | undefined,
  ): void {
    const now = ctx.clock.monotonic;
    ctx.update((state) => {
      const backend = state.backends[chosen] as BackendState;
      backend.inFlight--;
      const refused = error?.definite === true;
      const { passive } = this;
      const { policy } = this.options;
      if (policy.ended !== undefined) {
        const ending = { ok: error === undefined, refused, latency: now - sent, now };
        policy.ended(state.policies[pool.name] as S, chosen, ending);
      }
      if (passive === undefined) return;
      if (error === undefined) passive.succeeded(backend);
      else if ((!refused || passive.refusals) && passive.failed(backend)) this.eject(state, backend, ctx);
    });
  }

  eject(state: LoadBalancerState<S>, backend: BackendState, ctx: Context<LoadBalancerState<S>>): void {
    if (this.passive?.eject(backend, state.backends, ctx.clock.monotonic) !== true) return;
    state.outUntil = Math.max(state.outUntil, backend.ejectedUntil);
    ctx.count('ejected');
    ctx.note(`ejects ${backend.id}`);
  }

  /** One active health check. */
  *probe(index: number, ctx: Context<LoadBalancerState<S>>): Flow {
    const { active } = this;
    if (active === undefined) return;
    let healthy = true;
    try {
      yield* ctx.forward(this.options.backends[index] as NodeRef, active.message, {}, { deadline: active.timeout });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      healthy = false;
    }
    ctx.count('probes');
    ctx.update((state) => {
      const backend = state.backends[index] as BackendState;
      if (!active.probed(backend, healthy, ctx.clock.monotonic)) return;
      state.down += healthy ? -1 : 1;
      ctx.note(`${backend.id} is ${healthy ? 'up' : 'down'}`);
    });
  }
}

/** A request on its way to a backend. */
interface Placed {
  readonly pool: Pool;
  readonly key: string;
  /** '' for none. */
  readonly session: string;
  readonly cookie: string | undefined;
  /** Backends that have failed it. */
  readonly tried: number[];
}

function poolsOf<P, S>({ backends, pools, poolOf }: LoadBalancerOptions<P, S>): readonly Pool[] {
  if ((pools === undefined) !== (poolOf === undefined))
    throw new ConfigError('balancer.poolOf', poolOf, 'a function together with pools, and only then');
  if (pools === undefined) return [{ name: '', members: backends.map((_, index) => index) }];
  return Object.entries(pools).map(([name, refs]) => {
    const members = refs.map(({ id }) => backends.findIndex((backend) => backend.id === id));
    if (members.length === 0 || members.includes(-1) || new Set(members).size < members.length)
      throw new ConfigError(
        `balancer.pools.${name}`,
        refs.map(({ id }) => id),
        'at least one of the backends, each once',
      );
    return { name, members: members.toSorted((a, b) => a - b) };
  });
}
