/**
 * Changing the members (paper §6): joint consensus, with new servers catching up as learners first (dissertation §4.2.1).
 *
 * 1. Servers that are new become learners: they get the log, nobody counts them.
 * 2. When they have (nearly) all of it, C(old,new) is appended: from then on, wherever that entry is in the log, both majorities
 *    decide.
 * 3. When it is committed, the leader of the day appends C(new) (leading.ts); a leader that is no member steps down when that is.
 *
 * One change at a time, and none before the leader has committed an entry of its own term: joint consensus does not need the
 * second rule, which single-server changes do (the bug of 2015), but without the first two changes could overlap unseen.
 */
import { reject, type Flow } from '../../../sim/index.ts';
import { mustLead } from '../must-lead.ts';
import { isJoint, membersOf } from './configuration.ts';
import { appendConfiguration } from './leading.ts';
import { lastIndex } from './raft-log.ts';
import type { Reconfiguration } from './raft-protocol.ts';
import { configurationOf, type RaftContext, type RaftState } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';
import { until, type Begun } from './waiting.ts';

/** Changes the members and waits until C(new) is committed. */
export function* reconfigure(
  { voters, learners = [] }: Reconfiguration,
  settings: RaftSettings,
  ctx: RaftContext,
): Flow<{ readonly index: number }> {
  checkNames([...voters, ...learners], voters, settings);
  const { term } = ctx.state;
  const newcomers = ctx.update((state) => admit(state, voters, settings, ctx));
  const begun = { term, effect: true };
  yield* until(begun, settings, ctx, isSettled);
  yield* until(begun, settings, ctx, (state) => newcomers.every((id) => isNear(state, id, settings)));
  const isDone = ctx.update((state) => {
    mustBeFree(state, ctx);
    const { voters: before, learners: learning } = configurationOf(state);
    if (same(before, voters) && same(learning, learners)) return true;
    const joint = {
      kind: 'configuration',
      voters: [...voters],
      outgoing: [...before],
      learners: [...learners],
    } as const;
    appendConfiguration(state, joint, settings, ctx);
    return false;
  });
  if (!isDone) yield* settled(begun, settings, ctx);
  return { index: configurationOf(ctx.state).index };
}

/** Makes learners of those who are no members yet, and returns their names. */
function admit(
  state: RaftState,
  voters: readonly string[],
  settings: RaftSettings,
  ctx: RaftContext,
): readonly string[] {
  mustBeFree(state, ctx);
  const configuration = configurationOf(state);
  const members = membersOf(configuration);
  const strangers = voters.filter((id) => !members.includes(id));
  if (strangers.length > 0) {
    const learners = [...configuration.learners, ...strangers];
    const content = { kind: 'configuration', voters: [...configuration.voters], outgoing: [], learners } as const;
    appendConfiguration(state, content, settings, ctx);
  }
  return voters.filter((id) => id !== ctx.self.id && !configuration.voters.includes(id));
}

/** Refuses while a change is under way, or its end is not known. */
function mustBeFree(state: RaftState, ctx: RaftContext): void {
  mustLead(state, ctx);
  if (state.commitIndex >= state.termStart && isSettled(state)) return;
  throw reject('change-in-progress', `${ctx.self.id} has another change to finish`, undefined, true);
}

const isSettled = (state: RaftState): boolean => {
  const configuration = configurationOf(state);
  return !isJoint(configuration) && configuration.index <= state.commitIndex;
};

/** Close enough that it will not hold up the group: one append behind at most. */
const isNear = (state: RaftState, id: string, { batch }: RaftSettings): boolean =>
  (state.peers[id]?.matched ?? 0) + batch > lastIndex(state.log);

/** Waits for C(new). The leader that removes itself leaves its office in that very moment. */
function* settled({ term, effect }: Begun, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* until({ term: null, effect }, settings, ctx, (state) => isSettled(state) || state.term !== term);
  if (!isSettled(ctx.state)) throw reject('not-leader', `${ctx.self.id} leads no more`, { primary: '' }, !effect);
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id));

function checkNames(names: readonly string[], voters: readonly string[], { nodes }: RaftSettings): void {
  const stranger = names.find((id, i) => !nodes.has(id) || names.indexOf(id) !== i);
  if (voters.length > 0 && stranger === undefined) return;
  throw reject('bad-configuration', `voters and learners are nodes of the group, each once: ${names.join(' ')}`);
}
