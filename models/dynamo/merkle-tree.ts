/**
 * Merkle trees (R. Merkle, 1987) over the keys of one range, for anti-entropy (Dynamo, section 4.7): a leaf's hash is that of
 * the keys that fall to it, with their versions; a parent's is that of its children. Equal roots: nothing to do. Else the
 * comparison goes down where hashes differ: one differing leaf of a tree of depth d costs 2d + 1 comparisons, the root and
 * two children on each level.
 *
 * Nodes are numbered as in a heap: the root is 1, the children of i are 2i and 2i + 1, the leaves 2^d … 2^(d+1) − 1. Subtrees
 * without keys have the hash 0 and take no room. Hashes have 32 bits here: two that are equal by chance hide a difference
 * until the next write.
 */
import { murmur3 } from '../hashing/murmur3.ts';

export interface MerkleTree {
  readonly depth: number;
  /** By number of the node; absent: 0, no keys. */
  readonly hashes: ReadonlyMap<number, number>;
}

export const ROOT = 1;

/** The leaf that a key falls to. */
export const leafOf = (key: string, depth: number): number => (1 << depth) + (murmur3(key) % (1 << depth));

/** `entries`: keys, each once, with a text that is equal for equal versions. */
export function merkleTree(entries: readonly (readonly [key: string, version: string])[], depth: number): MerkleTree {
  const hashes = new Map<number, number>();
  let level = new Set<number>();
  for (const [key, version] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const leaf = leafOf(key, depth);
    hashes.set(leaf, murmur3(`${hashes.get(leaf) ?? 0} ${key} ${version}`));
    level.add(leaf);
  }
  for (let height = 0; height < depth; height++) {
    const parents = new Set([...level].map((node) => node >> 1));
    for (const node of parents)
      hashes.set(node, murmur3(`${hashes.get(2 * node) ?? 0} ${hashes.get(2 * node + 1) ?? 0}`));
    level = parents;
  }
  return { depth, hashes };
}

export const hashAt = ({ hashes }: MerkleTree, node: number): number => hashes.get(node) ?? 0;

export interface TreeDifference {
  readonly leaves: readonly number[];
  /** Nodes whose hashes were compared. */
  readonly compared: number;
}

/**
 * The leaves in which a tree differs from another one of the same depth, whose root is known to differ. Yields nodes, the
 * children of what differs level by level, and is to be given the other one's hashes of them.
 */
export function* differingLeaves(tree: MerkleTree): Generator<readonly number[], readonly number[], readonly number[]> {
  let nodes: readonly number[] = [ROOT];
  for (let level = 0; level < tree.depth && nodes.length > 0; level++) {
    const children = nodes.flatMap((node) => [2 * node, 2 * node + 1]);
    const theirs = yield children;
    nodes = children.filter((node, i) => hashAt(tree, node) !== theirs[i]);
  }
  return nodes;
}

/** The leaves in which two trees of one depth differ, both being here. */
export function treeDifference(a: MerkleTree, b: MerkleTree): TreeDifference {
  let compared = 1;
  if (hashAt(a, ROOT) === hashAt(b, ROOT)) return { leaves: [], compared };
  const walk = differingLeaves(a);
  let step = walk.next();
  for (; step.done !== true; step = walk.next(step.value.map((node) => hashAt(b, node)))) compared += step.value.length;
  return { leaves: step.value, compared };
}
