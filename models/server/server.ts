/**
 * A server: requests queue for a number of workers, each takes a service time, and some need answers from further down.
 *
 * With Poisson arrivals and exponential service it is an M/M/c/K station: c workers, K − c places in the queue, refusal beyond.
 * Unless a `discipline` says otherwise the queue is first come first served. Under overload such a queue fills with requests whose callers
 * have long given up, and the server does useless work only; so it can shed load: refuse at the door beyond `maxInFlight`, and refuse
 * what has waited for `maxQueueTime` (which needs no tuning to the load: Nichols and Jacobson's CoDel builds on the same measure).
 * A request that carries `within`, the time its caller still has, leaves the queue when that is over and is not begun after it
 * (deadline propagation, as gRPC does it: durations travel, not instants, so that clocks need not agree).
 *
 * Refusals are definite and cost no work. A crash loses the queue and the work in progress.
 */
import { CallError, defineActor, reject } from '../../sim/index.ts';
import type { Actor, Context, Flow, Micros, NodeOptions, Sampler } from '../../sim/index.ts';
import { PolicyChain, type PolicyStates } from '../resilience/chain.ts';
import { Downstream } from './downstream.ts';
import { RequestQueue, type Job } from './request-queue.ts';
import { settingsOf, type ServerOptions, type ServerSettings } from './server-options.ts';
import type { Guard, ServerState } from './server-state.ts';
import type { ServiceProtocol, ServiceReply, ServiceRequest } from './service-protocol.ts';

export type { ServiceProtocol } from './service-protocol.ts';

type ServerContext = Context<ServerState>;

/** A node with a server: `world.node('s1', serverNode({ servers: 2, queue: 10, service: exponential({ mean: '10ms' }) }))`. */
export function serverNode(
  options: ServerOptions = {},
): Pick<NodeOptions<ServerState, ServiceProtocol>, 'actor' | 'cpu'> {
  const { servers, places, queuesInState, discipline } = settingsOf(options);
  // All share one CPU; it runs at the speed of all workers together.
  const cpus = discipline?.shares === true ? 1 : servers;
  return { actor: server(options), cpu: { servers: cpus, ...(queuesInState ? {} : { queue: places }) } };
}

/** The actor; `serverNode` also sizes the CPU that it runs on. Counters: served, failed, shed, expired, cancelled, async-failed. */
export function server(options: ServerOptions = {}): Actor<ServerState, ServiceProtocol> {
  const desk = new ServiceDesk(options);
  return defineActor<ServerState, ServiceProtocol>({
    role: options.role ?? 'server',
    init: (ctx) => desk.initial(ctx.clock.monotonic),
    on: {
      health: () => ({ ok: true }),
      ...(options.cancellable === true && { cancel: (state, { id }, ctx) => desk.queue.cancel(state, id, ctx) }),
    },
    flows: { request: (payload, ctx) => desk.request(payload, ctx) },
    phase: (state) => (state.inFlight > 0 ? 'serving' : 'idle'),
  });
}

/** Where the states of the policies of admission are. */
const admitted = (state: ServerState): PolicyStates => (state.guard as Guard).states[0] as PolicyStates;

const begun = (state: ServerState): number => state.inFlight++;
const ended = (state: ServerState): number => state.inFlight--;

/** What a server does with a request. Holds options only. */
class ServiceDesk {
  readonly queue: RequestQueue;
  private readonly service: Sampler;
  private readonly maxInFlight: number;
  private readonly settings: ServerSettings;
  private readonly downstream: Downstream;
  private readonly admission: PolicyChain | undefined;
  /** First come first served by the CPU, and whoever comes is let in. */
  private readonly isPlain: boolean;

  constructor(options: ServerOptions) {
    this.settings = settingsOf(options);
    this.service = this.settings.service;
    this.maxInFlight = this.settings.maxInFlight;
    this.queue = new RequestQueue(this.settings);
    this.downstream = new Downstream(options.calls ?? [], options.parallel ?? false, 1);
    this.admission = options.admission && new PolicyChain(options.admission, 'server.admission');
    this.isPlain = !this.settings.queuesInState && this.admission === undefined;
  }

  initial(now: Micros): ServerState {
    const state = this.queue.init();
    if (this.admission === undefined && !this.downstream.isGuarded) return state;
    const states = [this.admission?.init() ?? [], ...this.downstream.init()];
    return { ...state, guard: { booted: now, nextCall: 0, states } };
  }

  *request(payload: ServiceRequest, ctx: ServerContext): Flow<ServiceReply> {
    const expires = payload.within === undefined ? Infinity : ctx.clock.monotonic + payload.within;
    if (ctx.state.inFlight >= this.maxInFlight) {
      ctx.count('shed');
      throw reject('overloaded', `${ctx.self.id} has ${ctx.state.inFlight} requests in progress`);
    }
    ctx.update(begun);
    try {
      const amount = this.workFor(ctx);
      if (this.isPlain && expires === Infinity) {
        // Most servers are like this, and flows within the flow would cost as much again.
        yield* ctx.work(amount);
        this.failAtTimes(ctx);
        const calls = this.downstream.make({ payload, expires }, ctx);
        if (calls !== undefined) yield* calls;
      } else if (this.admission === undefined) yield* this.serve({ amount, payload, expires }, ctx);
      else yield* this.admit(this.admission, { amount, payload, expires }, ctx);
      ctx.count('served');
      return { by: ctx.self.id };
    } catch (error) {
      ctx.count('failed');
      throw error;
    } finally {
      ctx.update(ended);
    }
  }

  /** Side by side each takes longer. */
  private workFor(ctx: ServerContext): Micros {
    const amount = this.service.sample(ctx.random);
    const { slowdown, capacity } = this.settings;
    if (slowdown === undefined) return amount;
    return Math.round(amount * slowdown(Math.min(capacity, ctx.state.inFlight)));
  }

  private *admit(admission: PolicyChain, job: Job, ctx: ServerContext): Flow {
    const { payload, expires } = job;
    const scope = { expires, attempt: 0, priority: payload.priority ?? 0, key: payload.key ?? '' };
    yield* admission.run((now) => this.serve({ ...job, expires: now.expires }, ctx), scope, ctx, admitted);
  }

  private *serve(job: Job, ctx: ServerContext): Flow {
    if (this.settings.queuesInState) {
      yield* this.queue.serve(job, () => this.afterWork(job, ctx), ctx);
      return;
    }
    if (job.expires === Infinity) yield* ctx.work(job.amount);
    else yield* this.workWithin(job.amount, job.expires, ctx);
    yield* this.afterWork(job, ctx);
  }

  private *afterWork(job: Job, ctx: ServerContext): Flow {
    this.failAtTimes(ctx);
    const calls = this.downstream.make(job, ctx);
    if (calls !== undefined) yield* calls;
  }

  private failAtTimes(ctx: ServerContext): void {
    const { errorRate } = this.settings;
    if (errorRate > 0 && ctx.random.chance(errorRate)) throw reject('error', `${ctx.self.id} failed`);
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
}
