/**
 * A rate limiter as a gateway among several that count in one store: what all of them let through together is limited, at the
 * price of a round trip to the store for each request. How the store is asked decides whether the limit holds: scripted.ts
 * and atomic-increment.ts (sound), read-then-write.ts (races).
 *
 * When the store does not answer in time the gateway has to choose. *Open*: the service stays available and unprotected, and
 * nobody is limited. *Closed*: the limit holds and the service is as good as down for as long. A late answer of the store
 * counts a request that was never passed on, which errs on the safe side.
 */
import { CallError, ConfigError, NEVER, defineActor, parseDuration, reject, withFunctions } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, NodeRef } from '../../sim/index.ts';
import type { Counting } from './counting.ts';
import { Gate, openGate, type Arrival, type Decision, type GateOptions, type GateState } from './gate.ts';
import type { LimitStoreProtocol } from './limit-store.ts';

export interface CentralLimiterOptions<P> extends GateOptions<P> {
  readonly store: NodeRef<LimitStoreProtocol>;
  readonly counting: Counting;
  /** When the store does not answer: let pass, or refuse with `limiter-unavailable`. Default `closed`. */
  readonly onStoreFailure?: 'open' | 'closed';
  /** For each call to the store, above 0. Default 50 ms. */
  readonly storeDeadline?: Duration;
}

/** The actor. Counters: admitted, limited, enqueued, failed-open, failed-closed. Throws ConfigError. */
export function centralLimiter<P>(options: CentralLimiterOptions<P>): Actor<GateState, P> {
  const { store, counting, onStoreFailure = 'closed' } = options;
  if (onStoreFailure !== 'open' && onStoreFailure !== 'closed')
    throw new ConfigError('centralLimiter.onStoreFailure', onStoreFailure, '"open" or "closed"');
  withFunctions(counting, ['decide'], 'centralLimiter.counting', 'one such as scripted()');
  const deadline = parseDuration(options.storeDeadline ?? '50ms', 'centralLimiter.storeDeadline');
  if (deadline < 1) throw new ConfigError('centralLimiter.storeDeadline', options.storeDeadline, 'a duration above 0');

  function* decide({ key, cost }: Arrival, ctx: Context<GateState>): Flow<Decision> {
    try {
      return yield* counting.decide({ key, cost }, store, deadline, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.count(`failed-${onStoreFailure}`);
      if (onStoreFailure === 'open') return UNKNOWN;
      throw reject('limiter-unavailable', `${ctx.self.id} cannot ask ${store.id}: ${error.code}`);
    }
  }

  const gate = new Gate<GateState>(options, decide);
  const actor: Actor<GateState, Record<never, never>> = {
    role: options.role ?? 'limiter',
    init: openGate,
    forward: (message, payload, ctx) => gate.forward(message, payload, ctx),
  };
  return defineActor(actor) as unknown as Actor<GateState, P>;
}

/** Passed unasked: there is no limit to tell of. */
const UNKNOWN: Decision = { admitted: true, limit: NEVER, remaining: NEVER, retryAfter: 0, delay: 0, resetAfter: 0 };
