/** How requests wait on a leader. */
import { reject, type Flow } from '../../../sim/index.ts';
import { untilSignalled } from '../../replication/until-signal.ts';
import type { RaftContext, RaftState } from './raft-state.ts';
import { PROGRESS } from './roles.ts';
import type { RaftSettings } from './settings.ts';

/** What a request has set in motion, and where. */
export interface Begun {
  /** The term in which this server must go on leading; null: any server in any role will do. */
  readonly term: number | null;
  /** Something may come of it although it is refused. */
  readonly effect: boolean;
}

/** Waits until `reached`. Refuses when the office ends or patience runs out. */
export function* until(
  { term, effect }: Begun,
  { patience }: RaftSettings,
  ctx: RaftContext,
  reached: (state: RaftState) => boolean,
): Flow {
  yield* untilSignalled({ signal: PROGRESS, patience, effect }, ctx, (state) => {
    if (term !== null && (state.role !== 'leader' || state.term !== term)) {
      const what = `${ctx.self.id} is leader of term ${term} no more`;
      throw reject('not-leader', what, { primary: state.leader }, !effect);
    }
    return reached(state);
  });
}
