/**
 * Writes (Dynamo, sections 4.3–4.6). Any node takes a put and passes it on to the first node of the key's preference list
 * that can be reached, unless it is among the first itself. That one, the coordinator, makes the new version and writes it to
 * its own disk; only then do others hear of it, so that no version is given twice. It answers when W nodes, itself included,
 * have the cell durably. The whole cell is replicated, siblings included (dotted-version-vectors.ts says why).
 */
import { CallError, copyOf, reject, type Flow } from '../../sim/index.ts';
import { consult, entryOf, OWN, replace } from './cell-tables.ts';
import { durable } from './commit-log.ts';
import type { CoordinateRequest, KeyedCell, PutReply, PutRequest } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { ownersOf, serving, type DynamoContext, type DynamoState } from './dynamo-state.ts';
import { gather } from './gather.ts';
import { atFirstOrSpare, callPeer, firstReachable, REFUSALS, targetsFor, type Target } from './reachability.ts';

/** Nodes that a put is passed on to at most, one after the other. */
const HOPS = 3;

export function* put(request: PutRequest, settings: DynamoSettings, ctx: DynamoContext): Flow<PutReply> {
  serving(ctx.state);
  let certain = true;
  for (let hop = 1; ; hop++) {
    const { targets } = targetsFor(request.key, settings, ctx);
    const { node, hintFor } = targets.find((target) => target.node === ctx.self.id) ?? firstReachable(targets, ctx);
    const passedOn: CoordinateRequest = hintFor === undefined ? request : { ...request, hintFor };
    try {
      if (node === ctx.self.id) return yield* coordinate(passedOn, settings, ctx);
      return yield* callPeer(node, 'coordinate', passedOn, settings, ctx, settings.patience);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      certain &&= error.definite;
      if (hop === HOPS || node === ctx.self.id || REFUSALS.includes(error.code))
        throw reject(error.code, error.message, undefined, certain);
    }
  }
}

export function* coordinate(
  { key, value, context, hintFor }: CoordinateRequest,
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow<PutReply> {
  serving(ctx.state);
  const { targets, spare } = targetsFor(key, settings, ctx);
  const owners = ownersOf(key, ctx.state, settings);
  const mine = targets.find(({ node }) => node === ctx.self.id);
  // Who is no owner keeps the cell for one.
  const owner = owners.includes(ctx.self.id) ? OWN : (mine?.hintFor ?? hintFor ?? owners[0] ?? OWN);
  if (owner === OWN) yield* consult(key, settings, ctx);
  const version = ctx.update((state) => write(state, owner, { key, value, context }, settings, ctx));
  if (version === undefined) throw reject('version-conflict', `${key} has been written since it was read`);
  yield* durable(settings, ctx);
  const others = targets.filter((target) => target !== mine && (owner === OWN || kept(target) !== owner));
  const waiting = spare.filter((node) => node !== ctx.self.id);
  const asks = others.map((target) => ({
    node: target.node,
    flow: storeAt(target, waiting, { key, cell: version }, settings, ctx),
  }));
  const needed = Math.min(settings.writeQuorum, targets.length) - 1;
  yield* gather(asks, needed, settings.patience, ctx);
  return { version };
}

/** The owner whose copy a target holds. */
const kept = ({ node, hintFor }: Target): string => hintFor ?? node;

/** Makes the new version. A copy of it, or undefined when the policy refuses it. */
function write(
  state: DynamoState,
  owner: string,
  { key, value, context }: PutRequest,
  settings: DynamoSettings,
  ctx: DynamoContext,
): unknown {
  const { versioning } = settings;
  const entry = entryOf(state, owner, key);
  const actor = entry?.actor || `${ctx.self.id}@${state.boot}.${++state.actors}`;
  const before = entry?.cell ?? versioning.empty;
  const after = versioning.write(before, value, context, { actor, at: ctx.clock.wall });
  if (after === undefined) return undefined;
  const cell = copyOf(after);
  replace(state, owner, key, cell, settings, ctx).actor = actor;
  return copyOf(cell);
}

/** Stores a copy at the target or, when that fails, with the next node that can stand in for it. */
function storeAt(
  target: Target,
  spare: string[],
  { key, cell }: KeyedCell,
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow<void> {
  const owner = kept(target);
  return atFirstOrSpare(target.node, spare, (node) => {
    const request = node === owner ? { key, cell } : { key, cell, hintFor: owner };
    return callPeer(node, 'store', request, settings, ctx);
  });
}
