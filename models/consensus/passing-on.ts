/**
 * Requests that a server which does not lead passes on to the one that does. Clients ask for it when they cannot reach a leader that
 * followers still hear: as long as these are loyal to it, nobody else can be elected whom clients would reach ("partial
 * connectivity": Ng, Haridi and Carbone, "Omni-Paxos: breaking the barriers of partial connectivity", EuroSys 2023).
 */
import type { Context, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { Passable } from '../replication/session-store.ts';

/** A server's view of who leads; '' when it knows nobody. */
interface Led {
  readonly role: string;
  readonly leader: string;
}

/**
 * How a server of the group answers a client's request: itself, or by asking the leader, once and for `deadline`, when the client wants
 * the request passed on. Fails as either of them does.
 */
export const servedByLeader = (nodes: readonly NodeRef[], deadline: Micros) =>
  function* <S extends Led, Q extends Passable, R>(
    message: string,
    request: Q,
    ctx: Context<S>,
    serve: (request: Q) => Flow<R>,
  ): Flow<R> {
    if (request.passOn !== true) return yield* serve(request);
    const { passOn: _, ...bare } = request;
    const { role, leader } = ctx.state;
    const other = role === 'leader' ? undefined : nodes.find(({ id }) => id === leader);
    if (other === undefined) return yield* serve(bare as Q);
    return (yield* ctx.forward(other, message, bare, { deadline })) as R;
  };
