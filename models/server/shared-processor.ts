/**
 * A processor that all requests share (processor-sharing.ts): one flow does the work of the one that will be done first, at the speed that
 * its share is; whoever comes or goes interrupts it, and what has been done is credited to all.
 */
import { NEVER } from '../../sim/index.ts';
import type { Context, Flow, Micros } from '../../sim/index.ts';
import { removeTicket } from './discipline.ts';
import type { ServerState, Share, Shared } from './server-state.ts';

/** µs of work that are none: sums of shares are not exact. */
const NOTHING = 1e-3;

export class SharedProcessor {
  private readonly servers: number;

  constructor(servers: number) {
    this.servers = servers;
  }

  init(): Shared {
    return { sharing: [], joining: [], runs: false };
  }

  present({ shared }: ServerState): number {
    return shared === undefined ? 0 : shared.sharing.length + shared.joining.length;
  }

  /** One more shares from now on. Returns its ticket; `turn <ticket>` is signalled when it is done. */
  join(state: ServerState, amount: Micros, ctx: Context<ServerState>): number {
    const ticket = state.nextTicket++;
    const shared = state.shared as Shared;
    shared.joining.push({ ticket, left: amount });
    this.show(state, ctx);
    if (shared.runs) {
      ctx.signal('shares change');
    } else {
      shared.runs = true;
      ctx.spawn(this.run(ctx));
    }
    return ticket;
  }

  leave(state: ServerState, ticket: number, ctx: Context<ServerState>): void {
    const { sharing, joining } = state.shared as Shared;
    if (!removeTicket(sharing, ticket)) removeTicket(joining, ticket);
    this.show(state, ctx);
    ctx.signal('shares change');
  }

  private *run(ctx: Context<ServerState>): Flow {
    for (;;) {
      const plan = ctx.update((state) => this.plan(state.shared as Shared));
      if (plan === undefined) return;
      const amount = Math.ceil(plan.least / plan.rate);
      const work = ctx.interruptibleWork(amount);
      yield* ctx.race<unknown>([work, ctx.wait('shares change', NEVER / 16)]);
      const progress = work.left === 0 ? plan.least : (amount - work.left) * plan.rate;
      ctx.update((state) => this.credit(state, progress, ctx));
    }
  }

  /** What is done next; undefined when nobody is there. */
  private plan(shared: Shared): { readonly least: number; readonly rate: number } | undefined {
    shared.sharing.push(...shared.joining);
    shared.joining = [];
    const { sharing } = shared;
    if (sharing.length === 0) {
      shared.runs = false;
      return undefined;
    }
    const least = sharing.reduce((min, { left }) => Math.min(min, left), Infinity);
    return { least, rate: Math.min(1, this.servers / sharing.length) };
  }

  private credit(state: ServerState, progress: number, ctx: Context<ServerState>): void {
    const shared = state.shared as Shared;
    const rest: Share[] = [];
    for (const { ticket, left } of shared.sharing) {
      if (left - progress > NOTHING) rest.push({ ticket, left: left - progress });
      else ctx.signal(`turn ${ticket}`);
    }
    shared.sharing = rest;
    this.show(state, ctx);
  }

  private show(state: ServerState, ctx: Context<ServerState>): void {
    ctx.gauge('queue', Math.max(0, this.present(state) - this.servers));
  }
}
