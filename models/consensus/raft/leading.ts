/** A leader's log: it only appends (Leader Append-Only, paper §5.3), and commits what a quorum has on its disks (§5.3, §5.4.2). */
import type { Flow } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { commitTo } from './applying.ts';
import { isJoint, isVoter, reachedByQuorum } from './configuration.ts';
import { lastIndex, lastTerm, termAt, type Content } from './raft-log.ts';
import { configurationOf, type RaftContext, type RaftState } from './raft-state.ts';
import { becomeFollower } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { keepBooks, shipAll } from './shipping.ts';
import { onDisk, writeEntry } from './storage.ts';

/** Appends an entry of this term. Its own disk and the others' work at the same time (dissertation §10.2.1). Throws CallError when the disk is full. */
export function appendAsLeader(state: RaftState, content: Content, settings: RaftSettings, ctx: RaftContext): number {
  const index = lastIndex(state.log) + 1;
  writeEntry(state, { index, term: state.term, before: lastTerm(state.log), content }, ctx);
  ctx.spawn(ownEntriesDurable(state.term, settings, ctx));
  return index;
}

/** Counts the leader's own copy once it is on its disk. */
function* ownEntriesDurable(term: number, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role === 'leader' && state.term === term) advanceCommit(state, settings, ctx);
  });
}

/** Commits what a quorum holds. */
export function advanceCommit(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  const reached = (id: string): number =>
    id === ctx.self.id ? state.durable.lastIndex : (state.peers[id]?.matched ?? 0);
  const configuration = configurationOf(state);
  const index = Math.min(reachedByQuorum(configuration, reached), lastIndex(state.log));
  if (index <= state.commitIndex) return;
  // Only an entry of its own term is committed by counting copies; those before it follow (paper §5.4.2, figure 8).
  if (termAt(state.log, index) !== state.term) return;
  state.countedBy = configuration.index;
  commitTo(state, index, settings, ctx);
  unlessDiskFull(() => finishChange(state, settings, ctx));
}

/** A change of members takes its next step when the last one is committed, under whichever leader (paper §6). */
function finishChange(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  const configuration = configurationOf(state);
  const { index, voters, learners } = configuration;
  if (index > state.commitIndex) return;
  if (isJoint(configuration)) {
    // C(old,new) is committed: from here on C(new) decides alone.
    const next = { kind: 'configuration', voters: [...voters], outgoing: [], learners: [...learners] } as const;
    appendConfiguration(state, next, settings, ctx);
  } else if (!isVoter(configuration, ctx.self.id)) {
    // It has led a group that it does not belong to until C(new) was committed (paper §6).
    ctx.note('is no member any more: steps down');
    const heir = voters.find((id) => state.peers[id]?.matched === lastIndex(state.log));
    if (heir !== undefined) ctx.send(nodeNamed(settings, heir), 'timeoutNow', { from: ctx.self.id, term: state.term });
    becomeFollower(state, '', settings, ctx);
  }
}

/** Appends a configuration, in use from now on. Throws CallError when the disk is full. */
export function appendConfiguration(
  state: RaftState,
  content: Content & { readonly kind: 'configuration' },
  settings: RaftSettings,
  ctx: RaftContext,
): number {
  const index = appendAsLeader(state, content, settings, ctx);
  const { voters, outgoing, learners } = content;
  const from = outgoing.length === 0 ? '' : `, from ${outgoing.join(' ')}`;
  const others = learners.length === 0 ? '' : `, learning ${learners.join(' ')}`;
  ctx.note(`configuration ${index}: voters ${voters.join(' ')}${from}${others}`);
  keepBooks(state, ctx);
  shipAll(state, settings, ctx);
  return index;
}
