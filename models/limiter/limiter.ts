/**
 * A rate limiter as a proxy in front of a service of any protocol, with counts of its own: each request is admitted and
 * passed on, or refused with `rate-limited` and the time after which it would pass. One limit for all requests (per key with
 * `keyOf`, else global), or rules that say which limits a request falls under; it then passes when all of them admit it, and
 * counts for none of them when one refuses.
 *
 * Time is the node's monotonic clock, so a step of the wall clock neither opens nor closes the gate; a clock that runs fast
 * opens it too soon. A crash forgets every count: with `afterCrash: 'fresh'` a full limit passes again at once; with `'wait'`
 * everything is refused until nothing counts any more of what was admitted before, and the policy's promise holds across
 * crashes. Gateways that each run their own limiter admit the sum; central-limiter.ts and synced-limiter.ts are for those.
 */
import { ConfigError, NEVER, copyOf, defineActor, durationText, withFunctions } from '../../sim/index.ts';
import type { Actor, Context, Micros } from '../../sim/index.ts';
import { fixedWindow } from './fixed-window.ts';
import { Gate, openGate, type Arrival, type Decision, type GateOptions, type GateState } from './gate.ts';
import type { LimiterPolicy } from './policy.ts';
import type { Descriptor, LimitRules, RuleLimit } from './rules.ts';

interface CommonOptions<P> extends GateOptions<P> {
  /** What to do about counts that a crash has lost. Default `fresh`. */
  readonly afterCrash?: 'fresh' | 'wait';
  /** Counts kept at most; beyond it those that are as good as new are forgotten. Default 10,000. */
  readonly keys?: number;
}

/** One limit for all requests, or for each key. */
export interface LimiterOptions<P, S> extends CommonOptions<P> {
  readonly policy: LimiterPolicy<S>;
}

/** Limits by rule. `keyOf` says only who waits in line behind whom. */
export interface RuleLimiterOptions<P> extends CommonOptions<P> {
  readonly rules: LimitRules;
  /** What a request says of itself. Each descriptor may fall under one rule. */
  readonly descriptorsOf: (message: string, payload: unknown) => readonly Descriptor[];
  /** How a rule's requests are counted. Default: a fixed window of the rule's unit. */
  readonly policyOf?: (limit: RuleLimit) => LimiterPolicy<unknown>;
}

export interface LimiterState<S> extends GateState {
  counts: Map<string, Counted<S>>;
  /** Requests of all keys that have been admitted since it booted. */
  admitted: number;
  /** Idle counts are looked for when there are this many. */
  sweepAt: number;
  /** Until then everything is refused, since counts have been lost. */
  blindUntil: Micros;
}

interface Counted<S> {
  /** Place of its policy among the limiter's. */
  policy: number;
  count: S;
}

/** A limit that a request falls under. */
interface Claim {
  /** Whose count. */
  readonly count: string;
  /** Place of its policy among the limiter's. */
  readonly policy: number;
  readonly shadow: boolean;
}

type ClaimsOf = (arrival: Arrival) => readonly Claim[];

/** The actor. Counters: admitted, limited, enqueued. Throws ConfigError. */
export function limiter<P, S>(options: LimiterOptions<P, S>): Actor<LimiterState<S>, P> {
  const policy = withFunctions(
    options.policy,
    ['init', 'admit'],
    'limiter.policy',
    'one such as tokenBucket({ rate: 10 })',
  );
  return new LocalCounts(options, [policy], ({ key }) => [{ count: key, policy: 0, shadow: false }]).actor();
}

/** The actor. Counters: admitted, limited, enqueued, shadowed. Throws ConfigError. */
export function ruleLimiter<P>(options: RuleLimiterOptions<P>): Actor<LimiterState<unknown>, P> {
  const { rules, descriptorsOf, policyOf = countInWindows } = options;
  withFunctions(rules, ['match'], 'limiter.rules', 'what parseLimitRules reads from a text');
  if (typeof descriptorsOf !== 'function')
    throw new ConfigError('limiter.descriptorsOf', descriptorsOf, 'a function of a message and its payload');
  const policies = rules.limits.map((limit) => policyFor(limit, policyOf));
  const places = new Map(rules.limits.map((limit, place) => [limit, place]));
  const claimsOf = ({ message, payload }: Arrival): readonly Claim[] => {
    const claims = new Map<string, Claim>();
    for (const descriptor of descriptorsOf(message, payload)) {
      if (!Array.isArray(descriptor))
        throw new ConfigError('limiter.descriptorsOf', descriptor, 'a list of descriptors, each a list of entries');
      const matched = rules.match(descriptor);
      if (matched === undefined) continue;
      const { count, limit } = matched;
      claims.set(count, { count, policy: places.get(limit) as number, shadow: limit.shadow });
    }
    return [...claims.values()];
  };
  return new LocalCounts(options, policies, claimsOf).actor();
}

/** Throws ConfigError naming the rule. */
function policyFor(limit: RuleLimit, policyOf: (limit: RuleLimit) => LimiterPolicy<unknown>): LimiterPolicy<unknown> {
  try {
    return policyOf(limit);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { name, requests, per } = limit;
    const expected = `what policyOf can count (${error.message})`;
    throw new ConfigError(`limiter.rules ${name}`, { requests, per: durationText(per) }, expected);
  }
}

const countInWindows = ({ requests, per }: RuleLimit): LimiterPolicy<unknown> =>
  fixedWindow({ limit: requests, window: per }) as LimiterPolicy<unknown>;

/** A limiter whose counts are in its own state. Holds options only. */
class LocalCounts<P, S> {
  private readonly options: CommonOptions<P>;
  private readonly policies: readonly LimiterPolicy<S>[];
  private readonly claimsOf: ClaimsOf;
  private readonly keys: number;
  private readonly blindFor: Micros;

  constructor(options: CommonOptions<P>, policies: readonly LimiterPolicy<S>[], claimsOf: ClaimsOf) {
    const { keys = 10_000, afterCrash = 'fresh' } = options;
    if (!Number.isInteger(keys) || keys < 1)
      throw new ConfigError('limiter.keys', keys, 'a whole number of at least 1');
    if (afterCrash !== 'fresh' && afterCrash !== 'wait')
      throw new ConfigError('limiter.afterCrash', afterCrash, '"fresh" or "wait"');
    this.options = options;
    this.policies = policies;
    this.claimsOf = claimsOf;
    this.keys = keys;
    this.blindFor = afterCrash === 'wait' ? Math.max(0, ...policies.map(({ memory }) => memory)) : 0;
  }

  actor(): Actor<LimiterState<S>, P> {
    const gate = new Gate<LimiterState<S>>(this.options, (arrival, ctx) => this.decide(arrival, ctx));
    const boot = (blindUntil: Micros): LimiterState<S> => ({
      ...openGate(),
      counts: new Map(),
      admitted: 0,
      sweepAt: this.keys,
      blindUntil,
    });
    const actor: Actor<LimiterState<S>, Record<never, never>> = {
      role: this.options.role ?? 'limiter',
      init: () => boot(0),
      recover: (_disk, ctx) => boot(this.blindFor === 0 ? 0 : ctx.clock.monotonic + this.blindFor),
      forward: (message, payload, ctx) => gate.forward(message, payload, ctx),
    };
    return defineActor(actor) as unknown as Actor<LimiterState<S>, P>;
  }

  private decide(arrival: Arrival, ctx: Context<LimiterState<S>>): Decision {
    const claims = this.claimsOf(arrival);
    const [only] = claims;
    if (only === undefined) return UNLIMITED;
    const now = ctx.clock.monotonic;
    return ctx.update((state) => {
      if (now < state.blindUntil) return blind(this.policyOf(only).limit, state.blindUntil - now);
      if (state.counts.size + claims.length > state.sweepAt) this.sweep(state, now);
      for (const { count, policy } of claims) {
        if (!state.counts.has(count)) state.counts.set(count, { policy, count: this.policyOf({ policy }).init(now) });
      }
      const decision =
        claims.length === 1 && !only.shadow
          ? this.ask(only, (state.counts.get(only.count) as Counted<S>).count, now, arrival.cost)
          : this.jointly(state, claims, now, arrival.cost, ctx);
      if (decision.admitted) state.admitted++;
      return decision;
    });
  }

  private policyOf({ policy }: Pick<Claim, 'policy'>): LimiterPolicy<S> {
    return this.policies[policy] as LimiterPolicy<S>;
  }

  private ask(claim: Claim, count: S, now: Micros, cost: number): Decision {
    const policy = this.policyOf(claim);
    const { admitted, remaining, retryAfter, delay, resetAfter } = policy.admit(count, now, cost);
    return { admitted, remaining, retryAfter, delay, resetAfter, limit: policy.limit };
  }

  /** All or none: asked of copies first, and taken only when nobody refuses. Shadows count what passes and have no say. */
  private jointly(
    state: LimiterState<S>,
    claims: readonly Claim[],
    now: Micros,
    cost: number,
    ctx: Context<LimiterState<S>>,
  ): Decision {
    const countOf = ({ count }: Claim): S => (state.counts.get(count) as Counted<S>).count;
    const refusals = claims
      .filter(({ shadow }) => !shadow)
      .map((claim) => this.ask(claim, copyOf(countOf(claim)), now, cost))
      .filter(({ admitted }) => !admitted);
    if (refusals.length > 0) return refusals.reduce((worst, one) => (one.retryAfter > worst.retryAfter ? one : worst));
    let tightest = UNLIMITED;
    let delay = 0;
    for (const claim of claims) {
      const decision = this.ask(claim, countOf(claim), now, cost);
      if (claim.shadow) {
        if (!decision.admitted) ctx.count('shadowed');
        continue;
      }
      if (decision.remaining < tightest.remaining) tightest = decision;
      delay = Math.max(delay, decision.delay);
    }
    return { ...tightest, delay };
  }

  /** Forgets idle counts; looks again when the rest has doubled, so that the work per request stays constant. */
  private sweep(state: LimiterState<S>, now: Micros): void {
    for (const [key, counted] of [...state.counts]) {
      if (this.policyOf(counted).idle(counted.count, now)) state.counts.delete(key);
    }
    state.sweepAt = Math.max(this.keys, state.counts.size * 2);
  }
}

/** For what falls under no limit. */
const UNLIMITED: Decision = {
  admitted: true,
  limit: NEVER,
  remaining: NEVER,
  retryAfter: 0,
  delay: 0,
  resetAfter: 0,
};

const blind = (limit: number, wait: Micros): Decision => ({
  admitted: false,
  limit,
  remaining: 0,
  retryAfter: wait,
  delay: 0,
  resetAfter: wait,
});
