/**
 * The queue of a server whose requests wait in the actor's state: by any discipline, with limits on waiting, and with requests that can
 * be taken back. Each request that enters leaves once: served, dropped, refused, cancelled, or given up.
 */
import { CallError, NEVER, reject } from '../../sim/index.ts';
import type { Context, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { QueueDiscipline, Waiting } from './discipline.ts';
import { removeTicket } from './discipline.ts';
import { firstComeFirstServed } from './disciplines/first-come-first-served.ts';
import { SharedProcessor } from './shared-processor.ts';
import type { ServerSettings } from './server-options.ts';
import type { RequestNames, ServerState } from './server-state.ts';
import type { ServiceProtocol, ServiceRequest } from './service-protocol.ts';

type ServerContext = Context<ServerState>;

/** A request that wants to be served. */
export interface Job {
  readonly payload: ServiceRequest;
  readonly amount: Micros;
  /** When its caller gives up, on the node's clock; Infinity. */
  readonly expires: number;
}

/** Waits that nobody limits. */
const WITHOUT_END = NEVER / 16;
const REMEMBERED = 1_000;
const UNTICKETED = -1;
const SERVED = -1;

/** Holds options only. */
export class RequestQueue {
  readonly discipline: QueueDiscipline;
  private readonly settings: ServerSettings;
  private readonly processor: SharedProcessor | undefined;

  constructor(settings: ServerSettings) {
    this.settings = settings;
    this.discipline = settings.discipline ?? (firstComeFirstServed() as QueueDiscipline);
    this.processor = this.discipline.shares === true ? new SharedProcessor(settings.servers) : undefined;
  }

  /** The state of a server with this queue, and nothing in it. */
  init(): ServerState {
    return {
      inFlight: 0,
      busy: 0,
      queue: this.discipline.init(),
      nextTicket: 0,
      ...(this.discipline.preempts === undefined ? {} : { running: [] }),
      ...(this.processor === undefined ? {} : { shared: this.processor.init() }),
      ...(this.settings.cancellable ? { names: { tickets: new Map<string, number>(), cancelled: [] } } : {}),
    };
  }

  /** Queues, works, and does `rest` while it holds its worker or thread. */
  *serve(job: Job, rest: () => Flow, ctx: ServerContext): Flow {
    const { id } = job.payload;
    if (id !== undefined && this.settings.cancellable) this.refuseCancelled(id, ctx);
    const maxWait = this.maxWait(job, ctx);
    if (this.processor !== undefined) {
      yield* this.share(this.processor, job, maxWait, ctx);
      yield* rest();
      return;
    }
    const item = ctx.update((state) => this.itemOf(state, job, ctx));
    yield* this.turn(item, maxWait, id, ctx);
    this.begun(job.payload, ctx);
    yield* this.work(item, rest, ctx);
  }

  private maxWait({ expires }: Job, ctx: ServerContext): Micros {
    const { maxQueueTime, patience } = this.settings;
    const now = ctx.clock.monotonic;
    let wait = Math.min(maxQueueTime, expires - now, WITHOUT_END);
    if (patience !== undefined) wait = Math.min(wait, patience.sample(ctx.random));
    if (this.discipline.patience !== undefined) {
      wait = Math.min(
        wait,
        ctx.update((state) => this.discipline.patience?.(state.queue, now) ?? WITHOUT_END),
      );
    }
    return Math.max(0, wait);
  }

  private itemOf(state: ServerState, { payload, amount, expires }: Job, ctx: ServerContext): Waiting {
    return {
      // Without pre-emption only those who queue need one.
      ticket: this.discipline.preempts === undefined ? UNTICKETED : state.nextTicket++,
      arrived: ctx.clock.monotonic,
      work: amount,
      priority: payload.priority ?? 0,
      flow: payload.key ?? '',
      expires: Math.min(expires, NEVER),
    };
  }

  /** Waits until a worker is free for it. */
  private *turn(item: Waiting, maxWait: Micros, id: string | undefined, ctx: ServerContext, isBack = false): Flow {
    const ticket = ctx.update((state) => this.enter(state, item, id, isBack, ctx));
    if (ticket === SERVED) return;
    let ended: unknown = 'given up';
    try {
      ended = yield* ctx.wait(`turn ${ticket}`, maxWait);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    } finally {
      ctx.update((state) => {
        if (id !== undefined) state.names?.tickets.delete(id);
        if (ended === 'given up') this.giveUp(state, ticket, ctx);
      });
    }
    if (ended === 'given up' || ended === 'dropped') {
      ctx.count('shed');
      throw reject('queue-timeout', `queued at ${ctx.self.id} for too long`);
    }
    if (ended === 'cancelled') throw reject('cancelled', `${id} was cancelled`);
  }

  /** A ticket to wait with, or SERVED: there is a worker for it. One that is back from a pre-emption keeps its place. */
  private enter(
    state: ServerState,
    item: Waiting,
    id: string | undefined,
    isBack: boolean,
    ctx: ServerContext,
  ): number {
    const { capacity, places } = this.settings;
    if (state.busy < capacity) {
      state.busy++;
      this.runs(state, item);
      return SERVED;
    }
    const victim = this.victim(state, item);
    if (victim !== undefined) {
      removeTicket(state.running ?? [], victim.ticket);
      this.runs(state, item);
      ctx.signal(`stop ${victim.ticket}`);
      return SERVED;
    }
    const length = this.discipline.length(state.queue);
    if (length >= places && !isBack) {
      ctx.count('shed');
      throw new CallError('overloaded', 'queue-full', `${ctx.self.id} has ${length} requests queued`, true);
    }
    const ticket = item.ticket === UNTICKETED ? state.nextTicket++ : item.ticket;
    this.discipline.enter(state.queue, { ...item, ticket }, ctx.clock.monotonic);
    if (id !== undefined) state.names?.tickets.set(id, ticket);
    ctx.gauge('queue', length + 1);
    return ticket;
  }

  private runs(state: ServerState, item: Waiting): void {
    state.running?.push(item);
  }

  /** Of those served whose worker it may take, the one that came last among the least important. */
  private victim(state: ServerState, item: Waiting): Waiting | undefined {
    const { discipline } = this;
    const weaker = (one: Waiting, other: Waiting): boolean =>
      discipline.preempts?.(other, one) === true ||
      (discipline.preempts?.(one, other) === false && one.ticket > other.ticket);
    let victim: Waiting | undefined;
    for (const running of state.running ?? []) {
      if (discipline.preempts?.(item, running) !== true) continue;
      if (victim === undefined || weaker(running, victim)) victim = running;
    }
    return victim;
  }

  /** Its patience is at an end. When its turn has come at this very instant, the worker goes to the next. */
  private giveUp(state: ServerState, ticket: number, ctx: ServerContext): void {
    if (this.discipline.leave(state.queue, ticket)) ctx.gauge('queue', this.discipline.length(state.queue));
    else this.release(state, ticket, ctx);
  }

  /** The other server that has the same request need not do it. */
  private begun({ id, tie }: ServiceRequest, ctx: ServerContext): void {
    if (id !== undefined && tie !== undefined) ctx.send(tie as NodeRef<ServiceProtocol>, 'cancel', { id });
  }

  private *work(item: Waiting, rest: () => Flow, ctx: ServerContext): Flow {
    const { holdsThread } = this.settings;
    try {
      if (this.discipline.preempts === undefined) yield* ctx.work(item.work);
      else yield* this.workInPieces(item, ctx);
      if (holdsThread) yield* rest();
    } finally {
      ctx.update((state) => this.release(state, item.ticket, ctx));
    }
    if (!holdsThread) yield* rest();
  }

  /** Work that can be interrupted goes on from where it stood, when its turn comes again. */
  private *workInPieces(item: Waiting, ctx: ServerContext): Flow {
    let left = item.work;
    for (;;) {
      if (ctx.state.running?.some(({ ticket }) => ticket === item.ticket) === true) {
        const work = ctx.interruptibleWork(left);
        yield* ctx.race<unknown>([work, ctx.wait(`stop ${item.ticket}`, WITHOUT_END)]);
        left = work.left;
        if (left === 0) return;
      }
      yield* this.turn({ ...item, work: left }, WITHOUT_END, undefined, ctx, true);
    }
  }

  /** A worker is free: the next begins. */
  release(state: ServerState, ticket: number, ctx: ServerContext): void {
    // Somebody more important has its worker already.
    if (state.running !== undefined && !removeTicket(state.running, ticket)) return;
    state.busy--;
    while (state.busy < this.settings.capacity) {
      const { serve, drop } = this.discipline.next(state.queue, ctx.clock.monotonic);
      for (const dropped of drop) ctx.signal(`turn ${dropped.ticket}`, 'dropped');
      if (serve === undefined) break;
      state.busy++;
      this.runs(state, serve);
      ctx.signal(`turn ${serve.ticket}`);
    }
    ctx.gauge('queue', this.discipline.length(state.queue));
  }

  private refuseCancelled(id: string, ctx: ServerContext): void {
    const known = ctx.update((state) => {
      const { cancelled } = state.names as RequestNames;
      const at = cancelled.indexOf(id);
      if (at >= 0) cancelled.splice(at, 1);
      return at >= 0;
    });
    if (known) throw reject('cancelled', `${id} was cancelled`);
  }

  /** Takes a request back; one that has not come yet will be refused. */
  cancel(state: ServerState, id: string, ctx: ServerContext): void {
    const { tickets, cancelled } = state.names as RequestNames;
    const ticket = tickets.get(id);
    if (ticket === undefined) {
      cancelled.push(id);
      if (cancelled.length > REMEMBERED) cancelled.shift();
    } else if (this.discipline.leave(state.queue, ticket)) {
      ctx.count('cancelled');
      ctx.gauge('queue', this.discipline.length(state.queue));
      ctx.signal(`turn ${ticket}`, 'cancelled');
    }
  }

  private *share(processor: SharedProcessor, job: Job, maxWait: Micros, ctx: ServerContext): Flow {
    const ticket = ctx.update((state) => {
      const present = processor.present(state);
      if (present >= this.settings.places + this.settings.servers) {
        ctx.count('shed');
        throw new CallError('overloaded', 'queue-full', `${ctx.self.id} has ${present} requests in service`, true);
      }
      return processor.join(state, job.amount, ctx);
    });
    let done = false;
    try {
      yield* ctx.wait(`turn ${ticket}`, maxWait);
      done = true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      ctx.count('shed');
      throw reject('queue-timeout', `in service at ${ctx.self.id} for too long`);
    } finally {
      if (!done) ctx.update((state) => processor.leave(state, ticket, ctx));
    }
  }
}
