/**
 * A sidecar: a proxy for any protocol that puts policies around every request that it passes on (as Envoy does in a service mesh).
 *
 * Every request ends once, with its answer or one failure. A request that says `within`, the time its caller still has, is given up
 * when that is over; with `propagates` what is left is sent along. A crash forgets the states of all policies.
 */
import { ConfigError, defineActor, parsePeriod } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { PolicyChain, type PolicyStates } from './chain.ts';
import type { CallScope, Policy } from './policy.ts';
import { targetedCall } from './targeted-call.ts';

export interface SidecarOptions<P> {
  /** Requests go to them in turn, and further attempts of one request to the next. */
  readonly targets: readonly NodeRef<P>[];
  /** The first outermost. */
  readonly policies: readonly Policy[];
  /** For each attempt. Default 1 s. */
  readonly deadline?: Duration;
  /** Sends along the time that is left, as `within`. Default false. */
  readonly propagates?: boolean;
  /** Tells the server of a request that was given up, by a message `cancel`. Default false. */
  readonly cancels?: boolean;
  /** What a request is about. Default: its message. */
  readonly keyOf?: (message: string, payload: unknown) => string;
  /** How important it is, 0 most. Default: the payload's `priority`, 0 if it has none. */
  readonly priorityOf?: (message: string, payload: unknown) => number;
  /** Default `sidecar`. */
  readonly role?: string;
}

export interface SidecarState {
  /** Number of the next request. */
  next: number;
  /** When it booted, so that names of requests are not given twice. */
  booted: Micros;
  inFlight: number;
  policies: PolicyStates;
}

/** The actor. Counters: forwarded, ok, failed, and those of its policies. Throws ConfigError. */
export function sidecar<P>(options: SidecarOptions<P>): Actor<SidecarState, P> {
  const { targets } = options;
  if (targets.length === 0) throw new ConfigError('sidecar.targets', targets, 'at least one target');
  const chain = new PolicyChain(options.policies, 'sidecar.policies');
  const deadline = parsePeriod(options.deadline ?? '1s', 'sidecar.deadline');
  const { propagates = false, keyOf = (message) => message } = options;
  const priorityOf =
    options.priorityOf ?? ((_, payload) => (payload as { priority?: number } | undefined)?.priority ?? 0);

  function* forward(message: string, payload: unknown, ctx: Context<SidecarState>): Flow<unknown> {
    const within = (payload as { readonly within?: Micros } | undefined)?.within ?? Infinity;
    const scope: CallScope = {
      expires: ctx.clock.monotonic + within,
      attempt: 0,
      priority: priorityOf(message, payload),
      key: keyOf(message, payload),
    };
    const n = ctx.update((state) => {
      state.inFlight++;
      return state.next++;
    });
    const first = n % targets.length;
    const id = options.cancels === true ? { id: `${ctx.self.id}/${ctx.state.booted}/${n}` } : {};
    const call = { targets: targets as readonly NodeRef[], first, message, payload, deadline, propagates, ...id };
    ctx.count('forwarded');
    let ok = false;
    try {
      const answer = yield* chain.run(
        (now) => targetedCall(ctx, call, now),
        scope,
        ctx,
        (state) => state.policies,
      );
      ok = true;
      return answer;
    } finally {
      ctx.count(ok ? 'ok' : 'failed');
      ctx.update((state) => state.inFlight--);
    }
  }

  const actor: Actor<SidecarState, Record<never, never>> = {
    role: options.role ?? 'sidecar',
    init: (ctx) => ({ next: 0, booted: ctx.clock.monotonic, inFlight: 0, policies: chain.init() }),
    forward,
    phase: ({ inFlight }) => (inFlight > 0 ? 'forwarding' : 'idle'),
  };
  return defineActor(actor) as unknown as Actor<SidecarState, P>;
}
