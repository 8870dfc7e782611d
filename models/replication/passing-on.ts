/**
 * Requests that a server which does not lead passes on to the one that does. Clients ask for it when they cannot reach a leader that
 * followers still hear: as long as these are loyal to it, nobody else can be elected whom clients would reach ("partial
 * connectivity": Ng, Haridi and Carbone, "Omni-Paxos: breaking the barriers of partial connectivity", EuroSys 2023).
 */
import type { Context, Flow, Micros, NodeRef } from '../../sim/index.ts';

/** A request that a server may have to pass on. */
export interface Passable {
  /** The client has had no answer from some server: one that does not lead is to ask the leader, instead of refusing. */
  readonly passOn?: true;
}

/**
 * How a server of the group answers a client's request: itself, or by asking the leader, once and for `deadline`, when the client wants
 * the request passed on. Fails as either of them does. `leaderOf`: the other server that leads, by its own lights; '' for none.
 */
export function servedByLeader<S>(nodes: readonly NodeRef[], deadline: Micros, leaderOf: (state: S) => string) {
  type Serve<Q, R> = (request: Q) => Flow<R>;

  function* passedOn<Q extends Passable, R>(message: string, request: Q, ctx: Context<S>, serve: Serve<Q, R>): Flow<R> {
    const { passOn: _, ...bare } = request;
    const id = leaderOf(ctx.state);
    const leader = nodes.find((node) => node.id === id);
    if (leader === undefined) return yield* serve(bare as Q);
    return (yield* ctx.forward(leader, message, bare, { deadline })) as R;
  }

  return <Q extends Passable, R>(message: string, request: Q, ctx: Context<S>, serve: Serve<Q, R>): Flow<R> =>
    request.passOn === true ? passedOn(message, request, ctx, serve) : serve(request);
}
