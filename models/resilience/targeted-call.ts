/** The innermost part of a chain: one message to one of several targets, with what the call's scope says on the wire. */
import type { Context, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { expired, type CallScope } from './policy.ts';

export interface TargetedCall {
  readonly targets: readonly NodeRef[];
  /** Place of the first attempt's target; each attempt more goes to the next one. */
  readonly first: number;
  readonly message: string;
  readonly payload: unknown;
  /** For each attempt; never more than the scope leaves. */
  readonly deadline: Micros;
  /** Sends along the time that is left, as `within`. */
  readonly propagates: boolean;
  /** The name of the request; one that is given up is cancelled by it at its server. Undefined: servers are not told. */
  readonly id?: string;
}

/** Calls the target whose turn it is. Expired calls are not made. */
export function* targetedCall<S>(ctx: Context<S>, call: TargetedCall, scope: CallScope): Flow<unknown> {
  const { targets, first, message, deadline } = call;
  const target = targets[(first + scope.attempt) % targets.length] as NodeRef;
  const left = scope.expires - ctx.clock.monotonic;
  if (left <= 0) throw expired(`no time is left for ${message}`);
  const id = call.id === undefined ? undefined : `${call.id}/${scope.attempt}`;
  let settled = false;
  try {
    const payload = onTheWire(call, scope, Math.min(left, deadline), id);
    const answer = yield* ctx.forward(target, message, payload, { deadline: Math.min(deadline, left) });
    settled = true;
    return answer;
  } catch (error) {
    settled = true;
    throw error;
  } finally {
    if (!settled && id !== undefined && scope.tie === undefined) {
      ctx.send(target as NodeRef<{ cancel(payload: { readonly id: string }): void }>, 'cancel', { id });
    }
  }
}

function onTheWire(call: TargetedCall, scope: CallScope, left: Micros, id: string | undefined): unknown {
  const { payload, propagates, targets, first } = call;
  const within = propagates && left < Infinity ? { within: left } : {};
  const { tie } = scope;
  if (tie === undefined && id === undefined && !propagates) return payload;
  const other = tie && targets[(first + tie.other) % targets.length];
  const named = tie === undefined ? (id === undefined ? {} : { id }) : { id: tie.id, tie: { ...other } };
  return { ...(payload as object), ...within, ...named };
}
