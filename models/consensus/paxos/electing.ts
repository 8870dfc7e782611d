/**
 * How a server comes to lead: phase 1 for all slots at once ("Paxos made simple", §3: "a newly chosen leader executes phase 1 for
 * infinitely many instances"), and what it must propose first.
 *
 * Who wants to lead canvasses first whether others miss a leader too: ballots then rise only when somebody can win. That, the timeouts
 * and who gives way to whom are for progress alone; with a handful of leaders at a time nothing wrong is chosen.
 */
import type { Flow } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { awaitLeader } from '../election-timing.ts';
import { mayPromise, reportsFrom } from './accepting.ts';
import { ballotAbove } from './ballots.ts';
import { applyChosen, askForChosen, learn } from './learning.ts';
import { heartbeatAll, proposeAt } from './leading.ts';
import type { Canvass, Canvassed, Promised, Proposal, Refused, Report } from './multi-paxos-protocol.ts';
import type { Candidacy, MultiPaxosState, PaxosContext } from './multi-paxos-state.ts';
import { becomeFollower, isLoyal } from './roles.ts';
import { nodeNamed, type MultiPaxosSettings } from './settings.ts';
import { onDisk, writePromise } from './storage.ts';
import { tells } from './telling.ts';

/** No leader has been heard for an election timeout. */
export function onElectionTimeout(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  awaitLeader(settings, ctx);
  // Whose own memory has holes could hide a vote from itself.
  if (state.role === 'leader' || !mayPromise(state)) return;
  state.leader = '';
  unlessDiskFull(() => {
    if (settings.canvass) canvass(state, settings, ctx);
    else stand(state, settings, ctx);
  });
}

const nextBallot = ({ seen, promised }: MultiPaxosState, { nodes }: MultiPaxosSettings, ctx: PaxosContext): number =>
  ballotAbove(
    Math.max(seen, promised),
    nodes.findIndex(({ id }) => id === ctx.self.id),
    nodes.length,
  );

function canvass(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  becomeFollower(state, '', settings, ctx);
  const ballot = nextBallot(state, settings, ctx);
  state.role = 'canvassing';
  state.ballot = ballot;
  state.willing = [ctx.self.id];
  ctx.note(`hears no leader: asks who would promise ballot ${ballot}`);
  if (settings.prepareQuorum === 1) {
    stand(state, settings, ctx);
    return;
  }
  for (const node of settings.nodes)
    if (node.id !== ctx.self.id) ctx.send(node, 'canvass', { from: ctx.self.id, ballot }, { sizeBytes: 128 });
}

export function onCanvass(
  state: MultiPaxosState,
  message: Canvass,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (!mayPromise(state)) return;
  const { from, ballot } = message;
  const { promised } = state;
  const willing = ballot > promised && !isLoyal(state, settings, ctx);
  ctx.send(
    nodeNamed(settings, from),
    'canvassed',
    { from: ctx.self.id, ballot, willing, promised },
    { sizeBytes: 128 },
  );
}

export function onCanvassed(
  state: MultiPaxosState,
  { from, ballot, willing, promised }: Canvassed,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.broken !== '') return;
  state.seen = Math.max(state.seen, promised);
  if (state.role !== 'canvassing' || ballot !== state.ballot || !willing || state.willing.includes(from)) return;
  state.willing.push(from);
  if (state.willing.length >= settings.prepareQuorum) stand(state, settings, ctx);
}

/** Enters a ballot of its own, which it promises itself. */
function stand(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  const ballot = nextBallot(state, settings, ctx);
  becomeFollower(state, '', settings, ctx);
  writePromise(state, ballot, ctx);
  state.role = 'candidate';
  state.ballot = ballot;
  state.seen = ballot;
  state.candidacy = { from: state.appliedTo + 1, promises: [], found: {} };
  ctx.note(`stands with ballot ${ballot}`);
  awaitLeader(settings, ctx);
  ctx.spawn(campaign(ballot, settings, ctx));
}

/** Phase 1a. A ballot that a crash could make it forget would be used twice: its own promise comes first. */
function* campaign(ballot: number, settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    const { candidacy } = state;
    if (state.role !== 'candidate' || state.ballot !== ballot || candidacy === null) return;
    tells(state, ballot);
    const message = { from: ctx.self.id, ballot, slot: candidacy.from };
    for (const node of settings.nodes)
      if (node.id !== ctx.self.id) ctx.send(node, 'prepare', message, { sizeBytes: 128 });
    count(state, candidacy, ctx.self.id, reportsFrom(state, candidacy.from), settings, ctx);
  });
}

/** Phase 1b comes in. */
export function onPromise(
  state: MultiPaxosState,
  message: Promised,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  const { candidacy } = state;
  const { from, ballot, reports, compactedTo } = message;
  if (state.role !== 'candidate' || ballot !== state.ballot || candidacy === null) return;
  if (candidacy.promises.includes(from)) return;
  if (compactedTo >= candidacy.from) {
    // What is chosen there cannot be reported any more: it must not be guessed.
    ctx.note(`has missed what ${from} has compacted: catches up first`);
    becomeFollower(state, '', settings, ctx);
    askForChosen(state, from, settings, ctx);
    return;
  }
  count(state, candidacy, from, reports, settings, ctx);
}

function count(
  state: MultiPaxosState,
  candidacy: Candidacy,
  from: string,
  reports: readonly Report[],
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  candidacy.promises.push(from);
  for (const report of reports) {
    const known = candidacy.found[report.slot];
    // P2c: the value of the highest-numbered proposal that any of them has accepted (§2.2).
    if (known === undefined || (!known.chosen && (report.chosen || report.ballot > known.ballot)))
      candidacy.found[report.slot] = report;
  }
  if (candidacy.promises.length >= settings.prepareQuorum) takeOver(state, candidacy, settings, ctx);
}

/** A quorum has promised: leads from here on, and finishes what earlier leaders may have begun (§3). */
function takeOver(state: MultiPaxosState, { found }: Candidacy, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  const { ballot } = state;
  let top = state.appliedTo;
  for (const report of Object.values(found)) {
    top = Math.max(top, report.slot);
    if (report.chosen) learn(state, report.slot, report.content, ctx);
  }
  applyChosen(state, settings, ctx);
  const proposals: Proposal[] = [];
  for (let slot = state.appliedTo + 1; slot <= top; slot++) {
    const report = found[slot];
    // Gaps are filled with commands that leave the state unchanged (§3).
    if (report?.chosen !== true) proposals.push({ slot, content: report?.content ?? { kind: 'none' } });
  }
  state.role = 'leader';
  state.leader = ctx.self.id;
  state.candidacy = null;
  state.nextSlot = top + 1;
  state.barrier = top;
  state.round = 0;
  state.roundWanted = false;
  state.leaderSince = ctx.clock.monotonic;
  state.pending = {};
  state.peers = {};
  for (const { id } of settings.nodes) if (id !== ctx.self.id) state.peers[id] = { round: 0, heardFrom: null };
  ctx.cancelTimer('election');
  ctx.setTimer('heartbeat', settings.heartbeat);
  ctx.count('elections');
  ctx.note(`leads in ballot ${ballot}; proposes again what it found in ${proposals.length} slots up to ${top}`);
  proposeAt(state, proposals, settings, ctx);
  heartbeatAll(state, settings, ctx);
}

/** Somebody has promised a higher ballot than this server's own. */
export function onRefused(
  state: MultiPaxosState,
  { ballot, promised }: Refused,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.broken !== '') return;
  state.seen = Math.max(state.seen, promised);
  if (state.role !== 'follower' && state.role !== 'canvassing' && ballot === state.ballot && promised > ballot)
    becomeFollower(state, '', settings, ctx);
}
