/**
 * A client: sends operations by a workload, retries, gives up, and keeps the history that checks judge.
 *
 * It promises one invocation and exactly one completion for each operation. *ok*: an answer came. *fail*: every attempt failed
 * definitely, so nothing happened. *info*: at least one attempt may have taken effect (a timeout or a reset says nothing of the
 * server); a later refusal does not take that back. A retry after an indefinite failure can make an operation take effect twice;
 * whether that is allowed is the operation's business, and `retry.retryable` can forbid it.
 *
 * What it draws is keyed by the number of the operation, so that one operation more or less leaves the others as they were.
 * A restarted client numbers its operations from the microsecond of its boot on: numbers, and with them the values written,
 * never repeat although nothing of the former life is remembered.
 */
import {
  CallError,
  ConfigError,
  KeyedDraws,
  NEVER,
  defineActor,
  oneOf,
  parseDuration,
  parsePeriod,
  withFunctions,
} from '../../sim/index.ts';
import type {
  Actor,
  Context,
  Duration,
  Flow,
  MessageOf,
  Micros,
  NodeRef,
  Payload,
  RandomSource,
  RetryPolicy,
} from '../../sim/index.ts';
import type { ClientState, Intended } from './client-state.ts';
import { ROUTINGS, chooseTarget, learnTarget, type Routing } from './routing.ts';
import { PolicyChain, type PolicyStates } from '../resilience/chain.ts';
import type { CallScope, Policy } from '../resilience/policy.ts';
import { targetedCall } from '../resilience/targeted-call.ts';
import { retryBudget, type RetryBudgetOptions } from './retry-budget.ts';
import type { Workload } from './workload.ts';

/** What an operation sends, and how the history names it. */
export type RequestOf<P> = {
  [M in MessageOf<P>]: {
    readonly message: M;
    readonly payload: Payload<P, M>;
    /** The operation's name in the history. Default: the message. */
    readonly f?: string;
    readonly key?: string;
    readonly input?: unknown;
    /** Where to, instead of the client's targets. */
    readonly target?: NodeRef<P>;
  };
}[MessageOf<P>];

/** What an answer means for the history. */
export interface Judgement {
  readonly outcome: 'ok' | 'fail';
  readonly output?: unknown;
}

/**
 * Draws for one operation: the same for the same number, whatever other operations draw. `intended` says when it was meant to
 * begin, and which entry of a recording it is.
 */
export type OperationSource<P> = (
  ctx: Context<ClientState>,
  n: number,
  draws: RandomSource,
  intended: Intended,
) => RequestOf<P>;

export interface ClientOptions<P> {
  /** Where operations go, at least one; with several, `routing` says to which. */
  readonly target: NodeRef<P> | readonly NodeRef<P>[];
  readonly workload: Workload;
  /** The operation with number `n`; numbers ascend. */
  readonly operation: OperationSource<P>;
  /** What an answer means. Default: ok, and the answer is the output. */
  readonly outcome?: (reply: unknown, request: RequestOf<P>) => Judgement;
  /** Which of several targets: the next one each time, any, or the one that last answered. Default `rotate`. */
  readonly routing?: Routing;
  /** Where a refusal points to, such as the leader in its detail: the next attempt goes there. */
  readonly redirect?: (error: CallError) => NodeRef<P> | undefined;
  /** For each attempt, on the client's own clock, above 0. Default 1 s. */
  readonly deadline?: Duration;
  /** For the operation with all its attempts and waits, above 0. Default: none. */
  readonly overall?: Duration;
  /** Default: no retries. */
  readonly retry?: RetryPolicy;
  /**
   * Around each attempt, the first outermost; what they send again goes to the targets after the attempt's own. Retries of the client
   * itself stand outside. Default none.
   */
  readonly policies?: readonly Policy[];
  /** Sends along the time that an attempt has, as `within`. Default false. */
  readonly propagates?: boolean;
  /** Tells the server of a request that a policy gave up. Default false. */
  readonly cancels?: boolean;
  /** Limits the retries of this client to a share of its requests. Default: no limit. */
  readonly budget?: RetryBudgetOptions;
  /** False: measure, but keep no history; for millions of operations. Default true. */
  readonly record?: boolean;
  /** Operations intended before this instant of the client's clock are not measured in `latency`. Default 0. */
  readonly warmUp?: Duration;
  /** Default `client`. */
  readonly role?: string;
}

/** A client takes no messages. */
export type NoMessages = Record<never, never>;

type ClientContext = Context<ClientState>;

/**
 * The actor. Counters: offered, ok, fail, info, attempts, retries, budget-exhausted. Histogram: latency (µs, of successes). Throws
 * ConfigError.
 */
export function client<P>(options: ClientOptions<P>): Actor<ClientState, NoMessages> {
  const operations = new OperationRunner(options);
  const { workload } = options;
  if (typeof workload?.arrivals !== 'object')
    throw new ConfigError('client.workload', workload, 'openLoop(…) or closedLoop(…)');
  const remembers = workload.arrivals.init() !== undefined;
  const boot = (ctx: ClientContext): ClientState => ({
    next: ctx.clock.monotonic,
    left: workload.operations,
    due: Math.max(ctx.clock.monotonic, workload.from),
    open: 0,
    sessions: 0,
    free: [],
    backlog: [],
    preferred: 0,
    budget: operations.budget?.initial ?? 0,
    ...(remembers ? { arrivals: workload.arrivals.init() } : {}),
    ...(operations.chain === undefined ? {} : { policies: operations.chain.init() }),
  });
  return defineActor<ClientState, NoMessages>({
    role: options.role ?? 'client',
    init: boot,
    start(state, ctx) {
      if (workload.kind === 'open') {
        operations.await(state, ctx);
      } else {
        for (let user = 0; user < workload.users; user++) ctx.spawn(operations.user(ctx, user));
      }
    },
    timers: {
      arrival(state, ctx) {
        const now = ctx.clock.monotonic;
        // More than one when the client was paused: each keeps its intended time.
        while (Math.round(state.due) <= now) {
          const at = Math.round(state.due);
          if (state.left <= 0 || at >= workload.until) return;
          state.left--;
          const entry = workload.arrivals.entry?.(state.arrivals);
          operations.arrive(state, ctx, { n: state.next, at, ...(entry === undefined ? {} : { entry }) });
          state.next++;
          state.due += operations.gap(state, ctx);
        }
        operations.arm(state, ctx);
      },
    },
    books: {
      came: ['offered'],
      left: ['ok', 'fail', 'info'],
      open: ({ open, backlog }) => open + backlog.length,
    },
    phase: (state) => (state.open > 0 ? 'waiting' : 'idle'),
  });
}

interface ClientDraws {
  readonly ctx: ClientContext;
  readonly gaps: KeyedDraws;
  readonly operations: KeyedDraws;
  readonly shared: KeyedDraws;
}

/** What a client does with each operation. Holds options only; what changes is in the state. */
class OperationRunner<P> {
  readonly budget: ReturnType<typeof retryBudget> | undefined;
  readonly chain: PolicyChain | undefined;
  private readonly options: ClientOptions<P>;
  private readonly targets: readonly NodeRef<P>[];
  private readonly deadline: Micros;
  private readonly overall: Micros;
  private readonly warmUp: Micros;
  /** Made from the seed and the client's name when first used. */
  private readonly draws = new WeakMap<ClientContext, ClientDraws>();
  /** Those of the client that drew last: mostly there is one only. */
  private last: ClientDraws | undefined = undefined;

  constructor(options: ClientOptions<P>) {
    this.options = options;
    this.targets = Array.isArray(options.target)
      ? (options.target as readonly NodeRef<P>[])
      : [options.target as NodeRef<P>];
    if (this.targets.length === 0 || this.targets.some((target) => typeof target?.id !== 'string'))
      throw new ConfigError('client.target', options.target, 'a node, or a list of at least one');
    if (options.routing !== undefined) oneOf(options.routing, ROUTINGS, 'client.routing');
    if (typeof options.operation !== 'function')
      throw new ConfigError('client.operation', options.operation, 'a function that says what to send');
    if (options.retry !== undefined)
      withFunctions(options.retry, ['delay'], 'client.retry', 'a retry policy, such as fullJitter({ attempts: 3 })');
    this.deadline = parsePeriod(options.deadline ?? '1s', 'client.deadline');
    this.overall = options.overall === undefined ? Infinity : parsePeriod(options.overall, 'client.overall');
    this.warmUp = parseDuration(options.warmUp ?? 0, 'client.warmUp');
    this.budget = options.budget && retryBudget(options.budget);
    const { policies, propagates, cancels } = options;
    const isGuarded = policies !== undefined || propagates === true || cancels === true;
    this.chain = isGuarded ? new PolicyChain(policies ?? [], 'client.policies') : undefined;
  }

  private drawsOf(ctx: ClientContext): ClientDraws {
    if (this.last?.ctx === ctx) return this.last;
    let draws = this.draws.get(ctx);
    if (draws === undefined) {
      const { seed } = ctx.random;
      const { id } = ctx.self;
      draws = {
        ctx,
        gaps: new KeyedDraws(seed, `workload/${id}/gaps`),
        operations: new KeyedDraws(seed, `workload/${id}/operations`),
        shared: new KeyedDraws(seed, `workload/${id}/shared`),
      };
      this.draws.set(ctx, draws);
    }
    this.last = draws;
    return draws;
  }

  /** The gap before the next operation of an open loop, shortened while a traffic spike is in force. */
  gap(state: ClientState, ctx: ClientContext): number {
    const { arrivals, from } = this.options.workload;
    const { gaps, shared } = this.drawsOf(ctx);
    const factor = ctx.load.rate;
    return arrivals.gap(state.arrivals, { after: state.due, from, factor, draws: gaps.at(state.next), shared });
  }

  /** The first arrival is due one gap after the beginning. */
  await(state: ClientState, ctx: ClientContext): void {
    state.due += this.gap(state, ctx);
    this.arm(state, ctx);
  }

  arm(state: ClientState, ctx: ClientContext): void {
    if (state.due < NEVER) ctx.setTimer('arrival', Math.max(0, Math.round(state.due) - ctx.clock.monotonic));
  }

  /** The thinking before operation `n`, shortened too. */
  private think(ctx: ClientContext, n: number): Micros {
    return Math.round(this.options.workload.think(this.drawsOf(ctx).gaps.at(n)) / ctx.load.rate);
  }

  /** An arrival of an open loop. */
  arrive(state: ClientState, ctx: ClientContext, intended: Intended): void {
    ctx.count('offered');
    if (state.open >= this.options.workload.concurrency) state.backlog.push(intended);
    else this.begin(state, ctx, intended);
  }

  private begin(state: ClientState, ctx: ClientContext, intended: Intended): void {
    state.open++;
    const session = this.options.record === false ? 0 : (state.free.pop() ?? state.sessions++);
    ctx.spawn(this.perform(ctx, intended, session, true));
  }

  /** An operation of an open loop is over. */
  private leave(ctx: ClientContext, session: number): void {
    ctx.update((state) => {
      state.open--;
      if (this.options.record !== false) state.free.push(session);
      const waiting = state.backlog.shift();
      if (waiting !== undefined) this.begin(state, ctx, { ...waiting });
    });
  }

  /** One user of a closed loop. */
  *user(ctx: ClientContext, session: number): Flow {
    const { workload } = this.options;
    const early = workload.from - ctx.clock.monotonic;
    if (early > 0) yield* ctx.sleep(early);
    let due = ctx.clock.monotonic + Math.round(((workload.pace ?? 0) * session) / workload.users);
    for (;;) {
      const n = ctx.update((state) => state.next++);
      const wait = workload.pace === undefined ? this.think(ctx, n) : due - ctx.clock.monotonic;
      if (wait > 0) yield* ctx.sleep(wait);
      const at = workload.pace === undefined ? ctx.clock.monotonic : due;
      if (at >= workload.until) return;
      const allowed = ctx.update((state) => {
        if (state.left <= 0) return false;
        state.left--;
        state.open++;
        return true;
      });
      if (!allowed) return;
      ctx.count('offered');
      yield* this.perform(ctx, { n, at }, session, false);
      if (workload.pace !== undefined) due += Math.max(1, Math.round(workload.pace / ctx.load.rate));
      ctx.update((state) => state.open--);
    }
  }

  /** One operation. `isLoose`: nobody waits for it (a flow around this one would cost as much again). */
  private *perform(ctx: ClientContext, intended: Intended, session: number, isLoose: boolean): Flow {
    const { n, at } = intended;
    const request = this.options.operation(ctx, n, this.drawsOf(ctx).operations.at(n), intended);
    const begun = ctx.clock.monotonic;
    const late = at < begun ? { intended: at } : undefined;
    const id = this.options.record === false ? -1 : this.invoke(ctx, request, session, late);
    if (this.budget !== undefined) {
      const { budget } = this;
      ctx.update((state) => (state.budget = budget.deposit(state.budget)));
    }
    let indefinite = false;
    let wait: Micros = 0;
    let redirected: NodeRef<P> | undefined;
    for (let attempt = 1; ; attempt++) {
      const left = at + this.overall - (attempt === 1 ? begun : ctx.clock.monotonic);
      const target = redirected ?? request.target ?? chooseTarget(this.options.routing, this.targets, ctx, n, attempt);
      ctx.count('attempts');
      try {
        const deadline = Math.min(this.deadline, Math.max(0, left));
        const reply = yield* this.chain === undefined
          ? ctx.call(target, request.message, request.payload, { deadline })
          : this.guarded(this.chain, ctx, request, target, `${n}/${attempt}`, deadline, at);
        if (this.targets.length > 1) learnTarget(this.options.routing, this.targets, ctx, target);
        this.succeed(ctx, request, id, at, reply, target);
        break;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (!error.definite) indefinite = true;
        wait = this.nextWait(ctx, error, attempt, wait);
        if (wait < 0 || at + this.overall <= ctx.clock.monotonic + wait) {
          this.giveUp(ctx, id, indefinite, error);
          break;
        }
        redirected = this.options.redirect?.(error);
      }
      ctx.count('retries');
      if (wait > 0) yield* ctx.sleep(wait);
    }
    if (isLoose) this.leave(ctx, session);
  }

  /** One attempt, through the policies. */
  private guarded(
    chain: PolicyChain,
    ctx: ClientContext,
    request: RequestOf<P>,
    target: NodeRef<P>,
    id: string,
    deadline: Micros,
    at: Micros,
  ): Flow<unknown> {
    const { targets, overall } = this;
    const own = targets.indexOf(target);
    const { propagates = false, cancels = false } = this.options;
    const call = {
      targets: (own < 0 ? [target] : targets) as readonly NodeRef[],
      first: Math.max(0, own),
      message: request.message,
      payload: request.payload,
      deadline,
      propagates,
      ...(cancels ? { id: `${ctx.self.id}/${id}` } : {}),
    };
    const { priority = 0 } = (request.payload ?? {}) as { readonly priority?: number };
    const scope: CallScope = { expires: at + overall, attempt: 0, priority, key: request.key ?? '' };
    return chain.run(
      (now) => targetedCall(ctx, call, now),
      scope,
      ctx,
      (state) => state.policies as PolicyStates,
    );
  }

  private invoke(
    ctx: ClientContext,
    request: RequestOf<P>,
    session: number,
    late: { intended: Micros } | undefined,
  ): number {
    const { f = request.message, key, input } = request;
    const invocation = { f, ...(key === undefined ? {} : { key }), ...(input === undefined ? {} : { input }), ...late };
    return ctx.invoked(invocation, session === 0 ? undefined : String(session));
  }

  /** The wait before the next attempt; −1 when there is none. */
  private nextWait(ctx: ClientContext, error: CallError, attempt: number, before: Micros): Micros {
    const { retry } = this.options;
    if (retry === undefined || attempt >= retry.attempts || retry.retryable?.(error) === false) return -1;
    const { budget } = this;
    if (budget !== undefined) {
      const paid = ctx.update((state) => {
        const level = budget.withdraw(state.budget);
        if (level !== undefined) state.budget = level;
        return level !== undefined;
      });
      if (!paid) {
        ctx.count('budget-exhausted');
        return -1;
      }
    }
    return retry.delay(attempt, before, ctx.random);
  }

  private succeed(
    ctx: ClientContext,
    request: RequestOf<P>,
    id: number,
    at: Micros,
    reply: unknown,
    target: NodeRef<P>,
  ): void {
    const { outcome, output } = this.options.outcome?.(reply, request) ?? { outcome: 'ok', output: reply };
    ctx.count(outcome);
    if (outcome === 'ok' && at >= this.warmUp) ctx.observe('latency', ctx.clock.monotonic - at);
    if (id >= 0) ctx.completed(id, outcome, output, target as NodeRef);
  }

  private giveUp(ctx: ClientContext, id: number, indefinite: boolean, error: CallError): void {
    const outcome = indefinite ? 'info' : 'fail';
    ctx.count(outcome);
    if (id >= 0) ctx.completed(id, outcome, error.code);
  }
}
