/**
 * Hands over what a node keeps for others.
 *
 * *Hints* (Dynamo, section 4.6): cells kept for an owner that could not be reached are sent to it when it can be reached
 * again, and deleted here when it has acknowledged them.
 *
 * *Strays*: when nodes join or leave, cells are with nodes that own them no more. Such a cell is sent to all owners and goes
 * when each of them has it. So are hints for a node that has left the ring. This is all the transfer of keys there is: a
 * joining node gets its ranges from those that lose them, a leaving one hands over everything that it has.
 */
import { CallError, copyOf, type Flow } from '../../sim/index.ts';
import { entryOf, handedOver, keepDurably, OWN, ownEntries } from './cell-tables.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { ownersOf, type DynamoContext } from './dynamo-state.ts';
import { callPeer } from './reachability.ts';

/** One round: everything that is kept for others is tried once. */
export function* handOff(settings: DynamoSettings, ctx: DynamoContext): Flow {
  for (const owner of Object.keys(ctx.state.hints)) {
    const left = ctx.state.members[owner]?.status !== 'in';
    for (const key of Object.keys(ctx.state.hints[owner] ?? {})) {
      const to = left ? ownersOf(key, ctx.state, settings) : [owner];
      // Who does not take one does not take the next either.
      if (!(yield* handOver(owner, key, to, settings, ctx)) && !left) break;
    }
  }
  for (const key of ownEntries(ctx.state).keys()) {
    const owners = ownersOf(key, ctx.state, settings);
    if (!owners.includes(ctx.self.id)) yield* handOver(OWN, key, owners, settings, ctx);
  }
}

/** Sends a cell to all of `to`, and deletes it when all have it. False when one of them has not. */
function* handOver(
  owner: string,
  key: string,
  to: readonly string[],
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow<boolean> {
  const entry = entryOf(ctx.state, owner, key);
  if (entry === undefined) return true;
  const { record } = entry;
  const request = { key, cell: copyOf(entry.cell) };
  try {
    for (const node of to) {
      // A stand-in that has become an owner keeps it as its own.
      if (node === ctx.self.id) yield* keepDurably(OWN, request, settings, ctx);
      else yield* callPeer(node, 'store', request, settings, ctx, 2 * settings.attempt);
    }
    ctx.update((state) => handedOver(state, owner, key, record, settings, ctx));
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return false;
  }
}
