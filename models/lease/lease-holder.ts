/**
 * A worker that acts on a protected resource while it believes that its lease is valid, by its own clock.
 *
 * It counts its lease from before it asked, so that the way to the service and back is on the safe side, and stops `margin` before
 * the end. With clocks that drift by at most ρ the margin must be at least term · 2ρ/(1 + ρ): it may believe in its lease for no
 * longer than term · (1 − ρ)/(1 + ρ). No margin covers a pause between the look at the clock and the act.
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  parseDuration,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Sampler,
} from '../../sim/index.ts';
import { oneAtATime, type Pace } from '../client/one-at-a-time.ts';
import type { LeaseGrant, LeaseServiceProtocol } from './lease-service.ts';
import type { ProtectedResourceProtocol } from './protected-resource.ts';

export interface LeaseHolderState {
  /** The token of the lease that it believes it holds; 0 for none. */
  token: number;
  /** When that ends, on its monotonic clock. */
  validUntil: number;
  /** Changes that it has saved. */
  saved: number;
  /** Leases that it was granted. */
  grants: number;
}

export interface LeaseHolderOptions {
  readonly service: NodeRef<LeaseServiceProtocol>;
  readonly resource: NodeRef<ProtectedResourceProtocol>;
  /** How much before its end it stops trusting its lease. Default 0. */
  readonly margin?: Duration;
  /** Changes that it makes under one lease at most; then it lets others. Default: as many as fit. */
  readonly changes?: number;
  /** How long it works on the document between load and save. Default exponential with mean 30 ms. */
  readonly work?: DistributionSpec;
  /** Pause before it asks for the lease again. Default exponential with mean 100 ms. */
  readonly rest?: DistributionSpec;
  /** Deadline of each request. Default 200 ms. */
  readonly deadline?: Duration;
  /** No lease is asked for after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
}

interface Settings extends Pace {
  readonly service: NodeRef<LeaseServiceProtocol>;
  readonly resource: NodeRef<ProtectedResourceProtocol>;
  readonly margin: Micros;
  readonly changes: number;
  readonly work: Sampler;
  readonly deadline: Micros;
}

type HolderContext = Context<LeaseHolderState>;

/** Records each change as an operation `save`. Throws ConfigError naming the option. */
export function leaseHolder(options: LeaseHolderOptions): Actor<LeaseHolderState, Record<never, never>> {
  const { changes = Infinity } = options;
  if (!(changes >= 1)) throw new ConfigError('leaseHolder.changes', changes, 'at least 1');
  const settings: Settings = {
    service: options.service,
    resource: options.resource,
    changes,
    margin: parseDuration(options.margin ?? 0, 'leaseHolder.margin'),
    work: compile(options.work ?? exponential({ mean: ms(30) })),
    pause: compile(options.rest ?? exponential({ mean: ms(100) })),
    deadline: parseDuration(options.deadline ?? ms(200), 'leaseHolder.deadline'),
    until: options.until === undefined ? Infinity : parseDuration(options.until, 'leaseHolder.until'),
  };
  return defineActor<LeaseHolderState, Record<never, never>>({
    role: 'holder',
    init: () => ({ token: 0, validUntil: 0, saved: 0, grants: 0 }),
    start: (_state, ctx) => ctx.spawn(oneAtATime(settings, ctx, () => tenure(settings, ctx))),
    phase: ({ token }) => (token === 0 ? 'waiting' : 'holding'),
  });
}

/** One lease, if it gets it. */
function* tenure(settings: Settings, ctx: HolderContext): Flow {
  const asked = ctx.clock.monotonic;
  let grant: LeaseGrant;
  try {
    grant = yield* ctx.call(settings.service, 'acquire', { holder: ctx.self.id }, { deadline: settings.deadline });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return;
  }
  const { token, term } = grant;
  ctx.update((state) => {
    state.token = token;
    state.validUntil = asked + term - settings.margin;
    state.grants++;
  });
  yield* useLease(token, settings, ctx);
  ctx.update((state) => {
    state.token = 0;
  });
}

const believes = (ctx: HolderContext): boolean => ctx.clock.monotonic < ctx.state.validUntil;

/** Works until the lease ends, by its own clock, or the resource or the number of changes says stop. */
function* useLease(token: number, settings: Settings, ctx: HolderContext): Flow {
  const { service, deadline } = settings;
  for (let n = 0; n < settings.changes && believes(ctx); n++) {
    // Its accesses are numbered under the token: a load and a save for each change.
    if (!(yield* change(token, 2 * n + 1, settings, ctx))) return;
  }
  if (!believes(ctx)) return;
  try {
    yield* ctx.call(service, 'release', { holder: ctx.self.id, token }, { deadline });
  } catch (error) {
    // Not released: it runs out by itself.
    if (!(error instanceof CallError)) throw error;
  }
}

/**
 * One change to the document, in the accesses `seq` and `seq` + 1. False when the lease is known to be lost, or nothing is known: what
 * it gave up on may still arrive, so it goes on under a new token only.
 */
function* change(
  token: number,
  seq: number,
  { resource, work, deadline }: Settings,
  ctx: HolderContext,
): Flow<boolean> {
  const access = { holder: ctx.self.id, token, seq };
  const id = ctx.invoked({ f: 'save', key: resource.id, input: token });
  try {
    const { version } = yield* ctx.call(resource, 'load', access, { deadline });
    yield* ctx.sleep(work.sample(ctx.random));
    if (!believes(ctx)) {
      ctx.completed(id, 'fail', 'lease-over');
      return false;
    }
    const saved = yield* ctx.call(resource, 'save', { ...access, seq: seq + 1, base: version }, { deadline });
    ctx.completed(id, 'ok', saved.version, resource);
    ctx.update((state) => state.saved++);
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.completed(id, error.definite ? 'fail' : 'info', error.code);
    return false;
  }
}
