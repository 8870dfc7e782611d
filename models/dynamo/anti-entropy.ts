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

/** The trees of this node's own cells in some ranges, in that order. */
function treesOf(
  state: DynamoState,
  wanted: readonly number[],
  { ranges, treeDepth, versioning }: DynamoSettings,
): readonly MerkleTree[] {
  const texts = new Map(wanted.map((range): [number, [string, string][]] => [range, []]));
  for (const [key, { cell }] of ownEntries(state))
    texts.get(rangeOf(key, ranges))?.push([key, versioning.textOf(cell)]);
  return wanted.map((range) => merkleTree(texts.get(range) ?? [], treeDepth));
}

const treeOf = (state: DynamoState, range: number, settings: DynamoSettings): MerkleTree =>
  treesOf(state, [range], settings)[0] as MerkleTree;

/** The ranges whose roots differ from what a peer has sent. */
function differingRanges(state: DynamoState, roots: readonly RangeHash[], settings: DynamoSettings): readonly number[] {
  const wanted = roots.map(({ range }) => range);
  const trees = treesOf(state, wanted, settings);
  return wanted.filter((_, i) => hashAt(trees[i] as MerkleTree, ROOT) !== roots[i]?.hash);
}

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
    const trees = treesOf(ctx.state, shared, settings);
    const roots = shared.map((range, i) => ({ range, hash: hashAt(trees[i] as MerkleTree, ROOT) }));
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
