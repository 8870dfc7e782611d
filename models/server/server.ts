/**
 * A server: requests queue for a number of workers, each takes a service time, and some need answers from further down.
 *
 * With Poisson arrivals and exponential service it is an M/M/c/K station: c workers, K − c places in the queue, refusal beyond.
 * The queue is first come first served. Under overload such a queue fills with requests whose callers have long given up, and
 * the server does useless work only; so it can shed load: refuse at the door beyond `maxInFlight`, and refuse what has waited
 * for `maxQueueTime` (which needs no tuning to the load: Nichols and Jacobson's CoDel builds on the same measure). A request that
 * carries `within`, the time its caller still has, leaves the queue when that is over and is not begun after it (deadline
 * propagation, as gRPC does it: durations travel, not instants, so that clocks need not agree).
 *
 * Refusals are definite and cost no work. A crash loses the queue and the work in progress.
 */
import { CallError, ConfigError, compile, defineActor, parseDuration, reject } from '../../sim/index.ts';
import type {
  Actor,
  Context,
  Distribution,
  Duration,
  Flow,
  Micros,
  NodeOptions,
  NodeRef,
  RetryPolicy,
  Sampler,
} from '../../sim/index.ts';

/** What a server is asked. */
export interface ServiceRequest {
  /** What the request is about, for routing and hot keys. */
  readonly key?: string;
  /** Time that the caller still has. */
  readonly within?: Micros;
}

export interface ServiceReply {
  /** Who did it. */
  readonly by: string;
}

export interface ServiceProtocol {
  request(payload: ServiceRequest): ServiceReply;
  /** Answers at once, past the queue: that the process runs, not that it keeps up. */
  health(payload: Record<never, never>): { readonly ok: true };
}

/** A call that each request makes further down, when its own work is done. */
export interface DownstreamCall {
  readonly target: NodeRef;
  /** Default `request`. */
  readonly message?: string;
  /** Default: the request's own payload. */
  readonly payload?: unknown;
  /** For each attempt. Default 1 s; never more than the request's caller still has. */
  readonly deadline?: Duration;
  readonly retry?: RetryPolicy;
  /** True: the request succeeds without its answer. Default false. */
  readonly optional?: boolean;
}

export interface ServerOptions {
  /** Workers, at least 1. Default 1. */
  readonly servers?: number;
  /** Places in the queue, not counting the requests in service. Default: no limit. */
  readonly queue?: number;
  /** Work of one request. Default 1 ms. */
  readonly service?: Distribution;
  /** Calls further down, one after the other unless `parallel`. Default none. */
  readonly calls?: readonly DownstreamCall[];
  readonly parallel?: boolean;
  /** Share of the requests that fail when their work is done, 0…1. Default 0. */
  readonly errorRate?: number;
  /** Refuse at the door while this many requests are in progress, queue and calls further down included. Default: no limit. */
  readonly maxInFlight?: number;
  /** Refuse a request that has queued for this long. Default: never. */
  readonly maxQueueTime?: Duration;
  /** Default `server`. */
  readonly role?: string;
}

export interface ServerState {
  /** Requests in progress: queued, in service, waiting for an answer from further down. */
  inFlight: number;
  busy: number;
  /** Tickets of those who queue, the oldest first. */
  queue: number[];
  nextTicket: number;
}

type ServerContext = Context<ServerState>;

const atLeast = (min: number, value: number, field: string): number => {
  if (value === Infinity || (Number.isInteger(value) && value >= min)) return value;
  throw new ConfigError(field, value, `a whole number of at least ${min}`);
};

/** A node with a server: `world.node('s1', serverNode({ servers: 2, queue: 10, service: exponential({ mean: '10ms' }) }))`. */
export function serverNode(
  options: ServerOptions = {},
): Pick<NodeOptions<ServerState, ServiceProtocol>, 'actor' | 'cpu'> {
  const { servers = 1, queue = Infinity } = options;
  // With a limit on queueing time the queue is the actor's own, since a CPU does not know how long its work has waited.
  const places = options.maxQueueTime === undefined ? { queue: atLeast(0, queue, 'server.queue') } : {};
  return { actor: server(options), cpu: { servers: atLeast(1, servers, 'server.servers'), ...places } };
}

/** The actor; `serverNode` also sizes the CPU that it runs on. Counters: served, failed, shed, expired. */
export function server(options: ServerOptions = {}): Actor<ServerState, ServiceProtocol> {
  const desk = new ServiceDesk(options);
  return defineActor<ServerState, ServiceProtocol>({
    role: options.role ?? 'server',
    init: () => ({ inFlight: 0, busy: 0, queue: [], nextTicket: 0 }),
    on: { health: () => ({ ok: true }) },
    flows: { request: (payload, ctx) => desk.request(payload, ctx) },
    phase: (state) => (state.inFlight > 0 ? 'serving' : 'idle'),
  });
}

/** What a server does with a request. Holds options only. */
class ServiceDesk {
  private readonly service: Sampler;
  private readonly servers: number;
  private readonly places: number;
  private readonly maxInFlight: number;
  private readonly maxQueueTime: Micros | undefined;
  private readonly errorRate: number;
  private readonly calls: readonly (DownstreamCall & { readonly patience: Micros })[];
  private readonly parallel: boolean;
  /** Nothing but work. */
  private readonly isPlain: boolean;

  constructor(options: ServerOptions) {
    this.service = compile(options.service ?? '1ms', 'server.service');
    this.servers = options.servers ?? 1;
    this.places = options.queue ?? Infinity;
    this.maxInFlight = atLeast(1, options.maxInFlight ?? Infinity, 'server.maxInFlight');
    this.maxQueueTime =
      options.maxQueueTime === undefined ? undefined : parseDuration(options.maxQueueTime, 'server.maxQueueTime');
    this.errorRate = options.errorRate ?? 0;
    if (!(this.errorRate >= 0 && this.errorRate <= 1))
      throw new ConfigError('server.errorRate', this.errorRate, 'a probability from 0 to 1');
    this.calls = (options.calls ?? []).map((call) => ({
      ...call,
      patience: parseDuration(call.deadline ?? '1s', 'server.calls.deadline'),
    }));
    this.parallel = options.parallel ?? false;
    this.isPlain = this.maxQueueTime === undefined && this.errorRate === 0 && this.calls.length === 0;
  }

  *request(payload: ServiceRequest, ctx: ServerContext): Flow<ServiceReply> {
    const expires = payload.within === undefined ? Infinity : ctx.clock.monotonic + payload.within;
    if (ctx.state.inFlight >= this.maxInFlight) {
      ctx.count('shed');
      throw reject('overloaded', `${ctx.self.id} has ${ctx.state.inFlight} requests in progress`);
    }
    ctx.update((state) => state.inFlight++);
    try {
      const amount = this.service.sample(ctx.random);
      // Most servers do no more than that, and a flow within the flow would cost as much again.
      if (this.isPlain && expires === Infinity) yield* ctx.work(amount);
      else yield* this.serve(amount, payload, expires, ctx);
      ctx.count('served');
      return { by: ctx.self.id };
    } catch (error) {
      ctx.count('failed');
      throw error;
    } finally {
      ctx.update((state) => state.inFlight--);
    }
  }

  private *serve(amount: Micros, payload: ServiceRequest, expires: number, ctx: ServerContext): Flow {
    if (this.maxQueueTime !== undefined) yield* this.serveInTurn(amount, this.maxQueueTime, expires, ctx);
    else if (expires === Infinity) yield* ctx.work(amount);
    else yield* this.workWithin(amount, expires, ctx);
    if (this.errorRate > 0 && ctx.random.chance(this.errorRate)) throw reject('error', `${ctx.self.id} failed`);
    if (this.calls.length === 0) return;
    const calls = this.calls.map((call) => this.call(call, payload, expires, ctx));
    if (this.parallel) yield* ctx.all(calls);
    else for (const call of calls) yield* call;
  }

  /** Leaves the queue when the caller has given up; work that has begun runs to its end, for nobody. */
  private *workWithin(amount: Micros, expires: number, ctx: ServerContext): Flow {
    const left = expires - ctx.clock.monotonic;
    const inTime = left > 0 && (yield* ctx.race<boolean>([this.worked(amount, ctx), this.expired(left, ctx)]));
    if (inTime) return;
    ctx.count('expired');
    throw new CallError('timeout', 'expired', `the caller of ${ctx.self.id} has given up`, true);
  }

  private *worked(amount: Micros, ctx: ServerContext): Flow<boolean> {
    yield* ctx.work(amount);
    return true;
  }

  private *expired(left: Micros, ctx: ServerContext): Flow<boolean> {
    yield* ctx.sleep(left);
    return false;
  }

  /** Queues in the state, so that whoever has waited too long can be refused. */
  private *serveInTurn(amount: Micros, maxQueueTime: Micros, expires: number, ctx: ServerContext): Flow {
    const ticket = ctx.update((state) => this.enter(state, ctx));
    if (ticket >= 0) yield* this.awaitTurn(ticket, Math.min(maxQueueTime, expires - ctx.clock.monotonic), ctx);
    try {
      yield* ctx.work(amount);
    } finally {
      ctx.update((state) => {
        const next = state.queue.shift();
        if (next === undefined) state.busy--;
        else ctx.signal(`turn ${next}`);
        ctx.gauge('queue', state.queue.length);
      });
    }
  }

  /** A place in the queue; −1: a worker is free. */
  private enter(state: ServerState, ctx: ServerContext): number {
    if (state.busy < this.servers) {
      state.busy++;
      return -1;
    }
    if (state.queue.length >= this.places) {
      ctx.count('shed');
      throw new CallError('overloaded', 'queue-full', `${ctx.self.id} has ${state.queue.length} requests queued`, true);
    }
    const ticket = state.nextTicket++;
    state.queue.push(ticket);
    ctx.gauge('queue', state.queue.length);
    return ticket;
  }

  private *awaitTurn(ticket: number, patience: Micros, ctx: ServerContext): Flow {
    try {
      yield* ctx.wait(`turn ${ticket}`, Math.max(0, patience));
    } catch {
      ctx.update((state) => state.queue.splice(state.queue.indexOf(ticket), 1));
      ctx.count('shed');
      throw reject('queue-timeout', `queued at ${ctx.self.id} for too long`);
    }
  }

  private *call(
    call: DownstreamCall & { readonly patience: Micros },
    payload: ServiceRequest,
    expires: number,
    ctx: ServerContext,
  ): Flow {
    const left = expires - ctx.clock.monotonic;
    const deadline = Math.max(0, Math.min(call.patience, left));
    const passed = call.payload ?? (left === Infinity ? payload : { ...payload, within: deadline });
    const retry = call.retry === undefined ? {} : { retry: call.retry };
    try {
      yield* ctx.forward(call.target, call.message ?? 'request', passed, { deadline, ...retry });
    } catch (error) {
      if (call.optional === true && error instanceof CallError) return;
      throw error;
    }
  }
}
