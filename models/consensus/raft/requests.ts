/** What clients ask for: sessions and updates (paper §8, dissertation §6.3). */
import { reject, type Flow } from '../../../sim/index.ts';
import type { Command, UpdateReply } from '../../replication/command.ts';
import { answerTo, isApplied, sessionName } from '../../replication/session-machine.ts';
import type { SessionOpened } from '../../replication/session-store.ts';
import { mustLead } from '../must-lead.ts';
import { appendAsLeader } from './leading.ts';
import type { Content } from './raft-log.ts';
import type { RaftContext } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';
import { shipAll } from './shipping.ts';
import { until } from './waiting.ts';

/** Opens a session. One that nobody hears of gives way in time. */
export function* open(settings: RaftSettings, ctx: RaftContext): Flow<SessionOpened> {
  const index = yield* committed({ kind: 'session' }, settings, ctx);
  return { session: sessionName(index) };
}

/** Appends, ships, and answers once the entry is applied. */
export function* update(command: Command, settings: RaftSettings, ctx: RaftContext): Flow<UpdateReply> {
  mustLead(ctx.state, ctx);
  if (!isApplied(ctx.state.machine, command)) yield* committed({ kind: 'command', command }, settings, ctx);
  return answerTo(ctx.state.machine, command);
}

function* committed(content: Content, settings: RaftSettings, ctx: RaftContext): Flow<number> {
  const { term, index } = ctx.update((state) => {
    mustLead(state, ctx);
    if (state.transferTo !== '')
      throw reject('transferring', `${ctx.self.id} hands over to ${state.transferTo}`, { primary: '' });
    const at = appendAsLeader(state, content, settings, ctx);
    shipAll(state, settings, ctx);
    return { term: state.term, index: at };
  });
  yield* until({ term, effect: true }, settings, ctx, (state) => state.appliedIndex >= index);
  return index;
}
