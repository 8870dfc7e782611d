/** How a replica changes its role, and how long it waits before it wants to. */
import type { Flow, Micros } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { ReplicaSettings } from './replica-protocol.ts';
import { enterTerm, type ReplicaContext, type ReplicaState } from './replica-state.ts';
import { termAt } from './replicated-log.ts';

/** Wakes the requests that wait on this node for its log to be committed, or for its office to end. */
export const PROGRESS = 'progress';

/** "Not in this life": before every reading of a monotonic clock. */
export const NEVER_HEARD = -1;

/**
 * How long to wait for a primary. Naive, and in a group that has had none yet: by rank, so that the first node alive takes over
 * before the second one moves (as VRRP's skew time does, RFC 5798 §6.1). Otherwise drawn anew each time, so that two candidates
 * seldom meet.
 */
function electionDelay(
  term: number,
  { failover, electionTimeout, nodes }: ReplicaSettings,
  ctx: ReplicaContext,
): Micros {
  if (failover !== 'naive' && failover !== 'operator' && term > 0)
    return electionTimeout + ctx.random.int(electionTimeout);
  const rank = nodes.findIndex((node) => node.id === ctx.self.id);
  return electionTimeout + Math.floor((rank * electionTimeout) / 4);
}

/** Starts waiting for a primary anew. */
export const awaitPrimary = ({ term }: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void =>
  ctx.setTimer('election', electionDelay(term, settings, ctx));

/** Follows `primary` ('' when it is not known) in the present term. */
export function becomeReplica(
  state: ReplicaState,
  primary: string,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  if (state.role !== 'replica') {
    ctx.note(
      `${state.role} no more in term ${state.term}: ${primary === '' ? 'no primary known' : `follows ${primary}`}`,
    );
    ctx.cancelTimer('heartbeat');
    ctx.signal(PROGRESS);
    state.role = 'replica';
    state.votes = [];
    state.trial = false;
    state.peers = {};
  }
  state.primary = primary;
  awaitPrimary(state, settings, ctx);
}

/** A later term has been seen: whatever this node was, it is a replica now. */
export function followTerm(state: ReplicaState, term: number, settings: ReplicaSettings, ctx: ReplicaContext): void {
  enterTerm(state, term, '', ctx);
  becomeReplica(state, '', settings, ctx);
}

/** Waits until everything written is on disk; a node whose disk has failed takes part in nothing more. */
export function* onDisk(settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  const { term, votedFor, log } = ctx.state;
  const index = log.length;
  const lastTerm = termAt(log, index);
  yield* syncOrStop(ctx, (state) => {
    becomeReplica(state, '', settings, ctx);
    ctx.cancelTimer('election');
    state.broken = true;
  });
  ctx.update(({ synced, log: now }) => {
    if (term > synced.term || (term === synced.term && votedFor !== '')) {
      synced.term = term;
      synced.votedFor = votedFor;
    }
    // Unless it has been cut off meanwhile.
    if (index > synced.index && index <= now.length && termAt(now, index) === lastTerm) synced.index = index;
  });
}

/** Whether a majority, itself included, has answered appends sent within the lease. */
export function holdsLease(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): boolean {
  const since = ctx.clock.monotonic - settings.lease;
  let answering = 1;
  for (const peer of Object.values(state.peers))
    if (peer.heardFrom !== NEVER_HEARD && peer.heardFrom >= since) answering++;
  return answering >= settings.majority;
}
