/** A node's part in being promoted by an operator: it says where it stands, lets itself be fenced, and becomes primary. */
import { reject, type Flow } from '../../sim/index.ts';
import { beginAsPrimary } from './election.ts';
import type { ReplicaSettings, ReplicaStatus } from './replica-protocol.ts';
import { followTerm, holdsLease, onDisk } from './replica-role.ts';
import type { ReplicaContext, ReplicaState } from './replica-state.ts';
import { termAt } from './replicated-log.ts';

export function statusOf(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): ReplicaStatus {
  const { term, log } = state;
  mustWork(state);
  const serving = state.role === 'primary' && holdsLease(state, settings, ctx);
  return { id: ctx.self.id, term, last: { index: log.length, term: termAt(log, log.length) }, serving };
}

/** What it answers stays so: it takes nothing more from primaries of earlier terms, and what its log has is on disk. */
export function* fence(term: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow<ReplicaStatus> {
  ctx.update((state) => {
    mustWork(state);
    if (term <= state.term) throw reject('superseded', `term ${state.term} has begun`, { term: state.term });
    followTerm(state, term, settings, ctx);
    ctx.note(`fenced for term ${term}`);
  });
  yield* onDisk(settings, ctx);
  const { state } = ctx;
  if (state.term !== term) throw reject('superseded', `term ${state.term} has begun`, { term: state.term });
  return statusOf(state, settings, ctx);
}

export function* promote(term: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  mustWork(ctx.state);
  if (ctx.state.term !== term) throw reject('superseded', `not fenced for term ${term}`, { term: ctx.state.term });
  yield* beginAsPrimary(term, settings, ctx);
}

function mustWork({ broken }: ReplicaState): void {
  if (broken) throw reject('disk-failed');
}
