/**
 * Multi-primary replication: every node accepts updates, alone and at once, and sends them to the others afterwards. So each node that
 * a client can reach serves it, whatever it is cut off from; and updates meet that knew nothing of each other, which the conflict
 * policy brings together: last write wins, version vectors with siblings, or conflict-free types (lww-values.ts, siblings.ts, merged.ts).
 *
 * It promises that what was acknowledged is in every node's state some time after the network has healed, as far as the policy
 * keeps it, and that nodes which have been delivered the same edits are in the same state (strong eventual consistency). An acknowledged
 * edit is on one disk: a node lost for good takes with it what no other has got. Reads are of one node, and may be stale.
 *
 * Edits travel as the key's whole state (crdt/crdt.ts), so that loss, duplicates and order do not matter. A mesh sends to all; a ring
 * to the next node, which passes on whatever it did not accept itself, until the next one is the origin: a change makes one round, as
 * the server ids of MySQL's circular replication see to. One node of a ring that is down cuts it; what messages bring or fail
 * to bring, comparisons of version vectors make good (anti-entropy: Demers et al., PODC 1987). Edits are sent before they are on disk, which a
 * crash can undo only at their own node: its next life takes a new name, so that no number of an edit is ever used twice.
 */
import { copyOf, defineActor, reject, type Actor, type Flow, type NodeRef } from '../../sim/index.ts';
import { nextLife } from '../durability/next-life.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { ReadRequest, UpdateReply } from '../replication/command.ts';
import { includes, type VersionVector } from '../versioning/version-vector.ts';
import {
  absorb,
  accept,
  deliveredOf,
  freshMultiPrimary,
  recovered,
  type MultiPrimaryContext,
  type MultiPrimaryState,
} from './cells.ts';
import type { Reading, SentEdit } from './conflict-policy.ts';
import {
  multiPrimarySettings,
  type Cell,
  type MultiPrimaryOptions,
  type MultiPrimaryProtocol,
  type MultiPrimarySettings,
  type Replicated,
} from './settings.ts';

/** One node of the store. All nodes are given the same actor. Throws ConfigError naming the option. */
export function multiPrimary(options: MultiPrimaryOptions): Actor<MultiPrimaryState, MultiPrimaryProtocol> {
  const settings = multiPrimarySettings(options);
  return defineActor<MultiPrimaryState, MultiPrimaryProtocol>({
    role: options.role ?? 'primary',
    init: (ctx) => freshMultiPrimary(ctx.self.id),
    recover: (disk, ctx) => recovered(nextLife(ctx), disk, settings, ctx),
    start(_state, ctx) {
      if (settings.antiEntropy !== undefined) ctx.setTimer('compare', settings.antiEntropy);
      if (settings.flushEvery !== undefined) ctx.setTimer('flush', settings.flushEvery);
    },
    on: {
      replicate: (state, message, ctx) => onReplicate(state, message, settings, ctx),
      compare: (state, message, ctx) => onCompare(state, message, settings, ctx),
      repair: (state, message, ctx) => onRepair(state, message, settings, ctx),
    },
    flows: {
      read: (request, ctx) => onRead(request, settings, ctx),
      edit: (edit, ctx) => onEdit(edit, settings, ctx),
    },
    timers: {
      compare: (state, ctx) => compareWithNext(state, settings, ctx),
      flush(state, ctx) {
        if (state.broken) return;
        ctx.spawn(flushed(ctx));
        ctx.setTimer('flush', settings.flushEvery ?? 0);
      },
    },
    phase: (state) => (state.broken ? 'broken' : 'primary'),
  });
}

const flushed = (ctx: MultiPrimaryContext): Flow => syncOrStop(ctx, (state) => void (state.broken = true));

/** What is shown is on disk first, where that is promised of edits: no client builds on what a crash can take back. */
function* onRead({ key }: ReadRequest, settings: MultiPrimarySettings, ctx: MultiPrimaryContext): Flow<Reading> {
  const { cells, broken } = ctx.state;
  if (broken) throw reject('disk-failed');
  const policy = settings.policyOf(key);
  const reading = copyOf(policy.value(cells[key]?.state ?? policy.empty()));
  if (settings.flushEvery === undefined) yield* flushed(ctx);
  return reading;
}

function* onEdit(edit: SentEdit, settings: MultiPrimarySettings, ctx: MultiPrimaryContext): Flow<UpdateReply> {
  ctx.update((state) => {
    if (state.broken) throw reject('disk-failed');
    if (!accept(state, edit, settings, ctx)) return;
    const { key } = edit.change;
    const message = { origin: ctx.self.id, key, cell: copyOf(state.cells[key] as Cell) };
    if (settings.topology === 'ring') passOn(message, settings, ctx);
    else for (const node of others(settings, ctx)) ctx.send(node, 'replicate', message);
  });
  if (settings.flushEvery === undefined) yield* flushed(ctx);
  return { applied: true };
}

/** The other nodes, beginning with the next one in the ring. */
function others({ nodes }: MultiPrimarySettings, ctx: MultiPrimaryContext): NodeRef<MultiPrimaryProtocol>[] {
  const place = nodes.findIndex(({ id }) => id === ctx.self.id);
  return [...nodes.slice(place + 1), ...nodes.slice(0, place)];
}

/** To the next node in the ring, unless the change comes from there. */
function passOn(message: Replicated, settings: MultiPrimarySettings, ctx: MultiPrimaryContext): void {
  const next = others(settings, ctx)[0];
  if (next !== undefined && next.id !== message.origin) ctx.send(next, 'replicate', message);
}

function onReplicate(
  state: MultiPrimaryState,
  message: Replicated,
  settings: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): void {
  if (message.origin === ctx.self.id) state.returned++;
  absorb(state, message.key, message.cell, settings, ctx);
  if (settings.topology === 'ring') passOn(copyOf(message), settings, ctx);
}

/** With each other node in turn; in a ring with the next one. */
function compareWithNext(state: MultiPrimaryState, settings: MultiPrimarySettings, ctx: MultiPrimaryContext): void {
  ctx.setTimer('compare', settings.antiEntropy ?? 0);
  const peers = others(settings, ctx);
  const peer = settings.topology === 'ring' ? peers[0] : peers[state.compared % peers.length];
  state.compared++;
  if (peer === undefined) return;
  const delivered = Object.fromEntries(Object.entries(state.cells).map(([key, cell]) => [key, copyOf(cell.delivered)]));
  ctx.send(peer, 'compare', { from: ctx.self.id, delivered });
}

/** Answers with what the other lacks, and asks for what it has more. */
function onCompare(
  state: MultiPrimaryState,
  { from, delivered }: { readonly from: string; readonly delivered: Readonly<Record<string, VersionVector>> },
  settings: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): void {
  const newer = Object.keys(state.cells).filter((key) => !includes(delivered[key] ?? {}, deliveredOf(state, key)));
  const wanted = Object.keys(delivered).filter((key) => !includes(deliveredOf(state, key), delivered[key] ?? {}));
  if (newer.length > 0 || wanted.length > 0) sendRepair(state, from, newer, wanted, settings, ctx);
}

function onRepair(
  state: MultiPrimaryState,
  message: {
    readonly from: string;
    readonly cells: Readonly<Record<string, Cell>>;
    readonly wanted: readonly string[];
  },
  settings: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): void {
  for (const [key, cell] of Object.entries(message.cells)) absorb(state, key, cell, settings, ctx);
  if (message.wanted.length > 0) sendRepair(state, message.from, message.wanted, [], settings, ctx);
}

function sendRepair(
  state: MultiPrimaryState,
  to: string,
  keys: readonly string[],
  wanted: readonly string[],
  { nodes }: MultiPrimarySettings,
  ctx: MultiPrimaryContext,
): void {
  const peer = nodes.find(({ id }) => id === to);
  if (peer === undefined) return;
  const known = keys.filter((key) => state.cells[key] !== undefined);
  const cells = Object.fromEntries(known.map((key) => [key, copyOf(state.cells[key] as Cell)]));
  ctx.count('keys repaired', known.length);
  ctx.send(peer, 'repair', { from: ctx.self.id, cells, wanted: [...wanted] });
}
