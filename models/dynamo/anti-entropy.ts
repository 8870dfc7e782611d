/**
 * Anti-entropy (Dynamo, section 4.7): a node compares, range by range, the Merkle trees of what it and a peer both own, and
 * exchanges the keys of the leaves that differ. It repairs what hints and reads do not: a replica that was away when a
 * stand-in was lost, or whose disk came back empty.
 */
import { CallError, copyOf, type Actor, type Flow } from '../../sim/index.ts';
import { keep, OWN, ownEntries } from './cell-tables.ts';
import { durable } from './commit-log.ts';
import type { DynamoProtocol, KeyedCell, RangeHash } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { nodeNamed, serving, type DynamoContext, type DynamoState } from './dynamo-state.ts';
import { differingLeaves, hashAt, leafOf, merkleTree, ROOT, type MerkleTree } from './merkle-tree.ts';
import { rangeOf } from './preference-list.ts';
import { callPeer } from './reachability.ts';

/** The tree of this node's own cells in a range. */
function treeOf(state: DynamoState, range: number, { ranges, treeDepth, versioning }: DynamoSettings): MerkleTree {
  const entries = [...ownEntries(state)].filter(([key]) => rangeOf(key, ranges) === range);
  return merkleTree(
    entries.map(([key, { cell }]) => [key, versioning.textOf(cell)]),
    treeDepth,
  );
}

/** The ranges whose roots differ from what a peer has sent. */
const differingRanges = (
  state: DynamoState,
  roots: readonly RangeHash[],
  settings: DynamoSettings,
): readonly number[] =>
  roots.filter(({ range, hash }) => hashAt(treeOf(state, range, settings), ROOT) !== hash).map(({ range }) => range);

/** The cells under some leaves of a range's tree. */
const cellsUnder = (
  state: DynamoState,
  range: number,
  leaves: readonly number[],
  { ranges, treeDepth }: DynamoSettings,
): readonly KeyedCell[] =>
  [...ownEntries(state)]
    .filter(([key]) => rangeOf(key, ranges) === range && leaves.includes(leafOf(key, treeDepth)))
    .map(([key, { cell }]) => ({ key, cell: copyOf(cell) }));

type ComparingStep = 'roots' | 'hashes' | 'leaves';

/** What a node answers that is compared with. */
export const comparingSteps = (
  settings: DynamoSettings,
): Pick<Required<NonNullable<Actor<DynamoState, Pick<DynamoProtocol, ComparingStep>>['on']>>, ComparingStep> => ({
  roots(state, { roots }) {
    serving(state);
    return differingRanges(state, roots, settings);
  },
  hashes(state, { range, nodes }) {
    serving(state);
    const tree = treeOf(state, range, settings);
    return nodes.map((node) => hashAt(tree, node));
  },
  leaves(state, { range, leaves }) {
    serving(state);
    return cellsUnder(state, range, leaves, settings);
  },
});

/** Compares with one peer. What cannot be done now is done another time. False when it has not been done. */
export function* compareWith(peer: string, settings: DynamoSettings, ctx: DynamoContext): Flow<boolean> {
  const shared = sharedRanges(peer, settings, ctx);
  if (shared.length === 0) return true;
  try {
    const roots = shared.map((range) => ({ range, hash: hashAt(treeOf(ctx.state, range, settings), ROOT) }));
    const ranges = yield* callPeer(peer, 'roots', { roots }, settings, ctx);
    for (const range of ranges) yield* exchange(peer, range, settings, ctx);
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return false;
  }
}

/** Ranges that both own. */
function sharedRanges(peer: string, settings: DynamoSettings, ctx: DynamoContext): readonly number[] {
  const { lists } = settings.placementOf(ctx.state.ring);
  return lists.flatMap((list, range) => {
    const owners = list.slice(0, settings.replicas);
    return owners.includes(peer) && owners.includes(ctx.self.id) ? [range] : [];
  });
}

/** Finds the differing leaves of a range, level by level, and brings both sides' keys together. */
function* exchange(peer: string, range: number, settings: DynamoSettings, ctx: DynamoContext): Flow {
  const walk = differingLeaves(treeOf(ctx.state, range, settings));
  let step = walk.next();
  while (step.done !== true) {
    const nodes: readonly number[] = step.value;
    const theirs = yield* callPeer(peer, 'hashes', { range, nodes }, settings, ctx);
    ctx.count('tree nodes compared', nodes.length);
    step = walk.next(theirs);
  }
  const leaves = step.value;
  if (leaves.length === 0) return;
  const theirs = yield* callPeer(peer, 'leaves', { range, leaves }, settings, ctx);
  ctx.update((state) => {
    for (const { key, cell } of theirs) keep(state, OWN, key, cell, settings, ctx);
  });
  yield* durable(settings, ctx);
  yield* send(peer, cellsUnder(ctx.state, range, leaves, settings), theirs, settings, ctx);
}

/** Sends what the peer does not have. */
function* send(
  peer: string,
  mine: readonly KeyedCell[],
  theirs: readonly KeyedCell[],
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow {
  const { versioning } = settings;
  for (const { key, cell } of mine) {
    const known = theirs.find((other) => other.key === key)?.cell ?? versioning.empty;
    if (versioning.compare(known, cell) === 'equal') continue;
    ctx.count('cells repaired');
    yield* ctx.call(nodeNamed(peer, settings), 'store', { key, cell }, { deadline: 2 * settings.attempt });
  }
}
