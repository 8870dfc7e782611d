/** What clients ask of the leader: sessions, updates, and reads. */
import { copyOf, reject, type Flow } from '../../../sim/index.ts';
import type { Command, ReadReply, ReadRequest, UpdateReply } from '../../replication/command.ts';
import { answerTo, isApplied, sessionName, type MachineInput } from '../../replication/session-machine.ts';
import type { SessionOpened } from '../../replication/session-store.ts';
import { untilSignalled } from '../../replication/until-signal.ts';
import { mustLead } from '../must-lead.ts';
import { heartbeatAll, propose, roundDone } from './leading.ts';
import { PROGRESS, type MultiPaxosState, type PaxosContext } from './multi-paxos-state.ts';
import type { MultiPaxosSettings } from './settings.ts';

/** Opens a session. One that nobody hears of gives way in time. */
export function* open(settings: MultiPaxosSettings, ctx: PaxosContext): Flow<SessionOpened> {
  return { session: sessionName(yield* chosen({ kind: 'session' }, settings, ctx)) };
}

/** Proposes the update and answers once it is applied. */
export function* update(command: Command, settings: MultiPaxosSettings, ctx: PaxosContext): Flow<UpdateReply> {
  mustLead(ctx.state, ctx);
  if (!isApplied(ctx.state.machine, command)) yield* chosen({ kind: 'command', command }, settings, ctx);
  return answerTo(ctx.state.machine, command);
}

/**
 * `read-index`: notes up to where the log may have been acknowledged, makes sure by a round of heartbeats, begun after the read, that
 * no other leader has gone beyond, and answers when that is applied. `log`: a read is a slot of the log, as any command.
 */
export function* read({ key }: ReadRequest, settings: MultiPaxosSettings, ctx: PaxosContext): Flow<ReadReply> {
  if (settings.reads === 'log') yield* chosen({ kind: 'none' }, settings, ctx);
  else yield* confirmed(settings, ctx);
  return { value: copyOf(ctx.state.machine.values[key] ?? null) };
}

function* confirmed(settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  const { ballot, round, slot } = ctx.update((state) => {
    mustLead(state, ctx);
    // What earlier leaders have acknowledged lies within what this one found when it took over.
    const needed = Math.max(state.appliedTo, state.barrier);
    if (roundDone(state, state.round, settings)) heartbeatAll(state, settings, ctx);
    else {
      state.roundWanted = true;
      return { ballot: state.ballot, round: state.round + 1, slot: needed };
    }
    return { ballot: state.ballot, round: state.round, slot: needed };
  });
  const begun = { ballot, effect: false };
  yield* until(begun, settings, ctx, (state) => state.appliedTo >= slot && roundDone(state, round, settings));
}

/** Proposes, and waits until the slot is applied. */
function* chosen(content: MachineInput, settings: MultiPaxosSettings, ctx: PaxosContext): Flow<number> {
  const { ballot, slot } = ctx.update((state) => {
    mustLead(state, ctx);
    return { ballot: state.ballot, slot: propose(state, content, settings, ctx) };
  });
  yield* until({ ballot, effect: true }, settings, ctx, (state) => state.appliedTo >= slot);
  return slot;
}

/** Waits until `reached`, as leader in the ballot in which it was begun: a slot could have another's command otherwise. */
function* until(
  { ballot, effect }: { readonly ballot: number; readonly effect: boolean },
  { patience }: MultiPaxosSettings,
  ctx: PaxosContext,
  reached: (state: MultiPaxosState) => boolean,
): Flow {
  yield* untilSignalled({ signal: PROGRESS, patience, effect }, ctx, (state) => {
    if (state.role !== 'leader' || state.ballot !== ballot) {
      const what = `${ctx.self.id} leads in ballot ${ballot} no more`;
      throw reject('not-leader', what, { primary: state.leader }, !effect);
    }
    return reached(state);
  });
}
