/** What clients ask for: sessions and updates (paper §8, dissertation §6.3). */
import { reject, type Flow } from '../../../sim/index.ts';
import type { Command, UpdateReply } from '../../replication/command.ts';
import { appendAsLeader } from './leading.ts';
import type { Content } from './raft-log.ts';
import type { SessionOpened } from './raft-protocol.ts';
import type { RaftContext, RaftState } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';
import { shipAll } from './shipping.ts';
import { sessionName } from './state-machine.ts';
import { mustLead, until } from './waiting.ts';

/** Opens a session. One that nobody hears of gives way in time. */
export function* open(settings: RaftSettings, ctx: RaftContext): Flow<SessionOpened> {
  const index = yield* committed({ kind: 'session' }, settings, ctx);
  return { session: sessionName(index) };
}

/** Appends, ships, and answers once the entry is applied. */
export function* update(command: Command, settings: RaftSettings, ctx: RaftContext): Flow<UpdateReply> {
  mustLead(ctx.state, ctx);
  // Applied already: the answer was lost on its way.
  if (lastOf(ctx.state, command) !== command.seq) yield* committed({ kind: 'command', command }, settings, ctx);
  const { state } = ctx;
  const session = state.machine.sessions[command.session];
  if (session === undefined) {
    // An earlier attempt may have been applied while the session was there.
    throw reject('session-expired', `session ${command.session} is not there (any more)`, undefined, false);
  }
  if (session.seq !== command.seq)
    throw reject('superseded', `session ${command.session} has gone on to ${session.seq}`, undefined, false);
  return { applied: session.applied };
}

const lastOf = ({ machine }: RaftState, { session }: Command): number | undefined => machine.sessions[session]?.seq;

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
