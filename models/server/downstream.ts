/** The calls that a server makes further down: with deadlines, retries, policies; waited for or not. */
import { CallError, ConfigError, oneOf, parseDuration } from '../../sim/index.ts';
import type { CallOptions, Context, Flow, Micros, NodeRef, Op, Waitable } from '../../sim/index.ts';
import { PolicyChain, type PolicyStates } from '../resilience/chain.ts';
import { targetedCall } from '../resilience/targeted-call.ts';
import { PROPAGATIONS, shareOf, type DownstreamCall } from './server-options.ts';
import type { Guard, ServerState } from './server-state.ts';
import type { ServiceRequest } from './service-protocol.ts';

type ServerContext = Context<ServerState>;

/** A request whose own work is done. */
interface Served {
  readonly payload: ServiceRequest;
  /** When its caller gives up, on the node's clock; Infinity. */
  readonly expires: number;
}

interface Call extends DownstreamCall {
  readonly targets: readonly NodeRef[];
  readonly patience: Micros;
  readonly chance: number;
  readonly chain: PolicyChain | undefined;
  /** Where the states of its policies are. */
  readonly place: number;
}

/** Holds options only. */
export class Downstream {
  /** Whether any call has policies. */
  readonly isGuarded: boolean;
  private readonly calls: readonly Call[];
  private readonly parallel: boolean;

  /** `firstPlace`: where the states of the first call's policies are among those of the server. Throws ConfigError. */
  constructor(calls: readonly DownstreamCall[], parallel: boolean, firstPlace: number) {
    if (!Array.isArray(calls)) throw new ConfigError('server.calls', calls, 'a list of calls');
    this.parallel = parallel;
    this.calls = (calls as readonly DownstreamCall[]).map((call, i) => ({
      ...call,
      targets: targetsOf(call, `server.calls[${i}]`),
      patience: parseDuration(call.deadline ?? '1s', 'server.calls.deadline'),
      chance: shareOf(call.share ?? 1, 'server.calls.share'),
      chain: isPlain(call) ? undefined : new PolicyChain(call.policies ?? [], `server.calls[${i}].policies`),
      place: firstPlace + i,
    }));
    this.isGuarded = this.calls.some(({ chain }) => chain !== undefined);
  }

  /** States of the policies of each call. */
  init(): PolicyStates[] {
    return this.calls.map(({ chain }) => chain?.init() ?? []);
  }

  /** Starts the calls that nobody waits for; what is returned makes the others. Undefined when there are none. */
  make(served: Served, ctx: ServerContext): Waitable<unknown> | undefined {
    let only: Call | undefined;
    let several: Call[] | undefined;
    for (const call of this.calls) {
      if (!ctx.random.chance(call.chance)) continue;
      if (call.async === true) ctx.spawn(this.alone(call, served, ctx));
      else if (only === undefined) only = call;
      else (several ??= [only]).push(call);
    }
    if (several !== undefined && this.parallel) return ctx.all(several.map((call) => this.flow(call, served, ctx)));
    if (several !== undefined) return this.oneByOne(several, served, ctx);
    return only && this.call(only, served, ctx);
  }

  private *oneByOne(calls: readonly Call[], served: Served, ctx: ServerContext): Flow {
    for (const call of calls) yield* this.call(call, served, ctx);
  }

  /** Nobody waits for it: its request may be long answered. */
  private *alone(call: Call, { payload }: Served, ctx: ServerContext): Flow {
    try {
      yield* this.call(call, { payload, expires: Infinity }, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.count('async-failed');
    }
  }

  private call(call: Call, served: Served, ctx: ServerContext): Waitable<unknown> {
    // Mostly it is no more than an operation, and a flow around one would cost as much again.
    return call.chain === undefined && call.optional !== true
      ? this.plain(call, served, ctx)
      : this.flow(call, served, ctx);
  }

  private *flow(call: Call, served: Served, ctx: ServerContext): Flow {
    try {
      if (call.chain === undefined) yield* this.plain(call, served, ctx);
      else yield* this.guarded(call, call.chain, served, ctx);
    } catch (error) {
      if (call.optional === true && error instanceof CallError) return;
      throw error;
    }
  }

  private plain(call: Call, { payload, expires }: Served, ctx: ServerContext): Op<unknown> {
    const left = expires - ctx.clock.monotonic;
    const deadline = Math.max(0, Math.min(call.patience, left));
    const passed = call.payload ?? (left === Infinity ? payload : { ...payload, within: deadline });
    const options: CallOptions = { deadline, ...(call.retry === undefined ? {} : { retry: call.retry }) };
    return ctx.forward(call.targets[0] as NodeRef, call.message ?? 'request', passed, options);
  }

  private *guarded(call: Call, chain: PolicyChain, { payload, expires }: Served, ctx: ServerContext): Flow {
    const { targets, place, patience, propagates = 'when-known' } = call;
    // The name and the twin of the request itself are between its caller and this server.
    const { id: _id, tie: _tie, within: _within, ...own } = payload;
    const n = ctx.update((state) => (state.guard as Guard).nextCall++);
    const target = {
      targets,
      first: n % targets.length,
      message: call.message ?? 'request',
      payload: call.payload ?? own,
      deadline: patience,
      propagates: propagates === 'always' || (propagates === 'when-known' && expires !== Infinity),
      ...(call.cancels === true ? { id: `${ctx.self.id}/${ctx.state.guard?.booted}/${n}` } : {}),
    };
    const scope = { expires, attempt: 0, priority: payload.priority ?? 0, key: payload.key ?? '' };
    const label = targets.length === 1 ? (targets[0] as NodeRef).id : `${(targets[0] as NodeRef).id}…`;
    const placeOf = (state: ServerState): PolicyStates => (state.guard as Guard).states[place] as PolicyStates;
    yield* chain.run((now) => targetedCall(ctx, target, now), scope, ctx, placeOf, label);
  }
}

/** Throws ConfigError. */
function targetsOf({ target, propagates }: DownstreamCall, where: string): readonly NodeRef[] {
  const targets = Array.isArray(target) ? (target as readonly NodeRef[]) : [target as NodeRef];
  if (targets.length === 0 || targets.some((one) => typeof one?.id !== 'string'))
    throw new ConfigError(`${where}.target`, target, 'a node, or a list of at least one');
  if (propagates !== undefined) oneOf(propagates, PROPAGATIONS, `${where}.propagates`);
  return targets;
}

/** One target, and nothing around the call that a deadline and retries cannot say. */
const isPlain = ({ target, policies, cancels, propagates }: DownstreamCall): boolean =>
  !Array.isArray(target) && policies === undefined && cancels === undefined && propagates === undefined;
