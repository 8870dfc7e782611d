/**
 * Blocks: stretches of a linearization that nothing else may come between, such as a write with all reads of its value, or
 * a lock from its acquisition to its release.
 *
 * Let l be the first completion and r the last invocation in a block. Of two blocks one must come wholly before the
 * other, so they contradict each other if and only if l(A) < r(B) and l(B) < r(A). If no two do, a total order of the
 * blocks exists: along a shortest cycle of "must come before", l(i+1) ≥ r(i) > l(i-1), so l would grow for ever.
 * From Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 26(4), 1997.
 */
export interface Block {
  readonly l: number;
  readonly r: number;
}

/** Two blocks that contradict each other: O(n log n). */
export function contradictingBlocks<B extends Block>(blocks: readonly B[]): readonly [B, B] | undefined {
  const forward = blocks.filter(({ l, r }) => l < r).sort((a, b) => a.l - b.l);
  for (let i = 1; i < forward.length; i++) {
    const a = forward[i - 1] as B;
    const b = forward[i] as B;
    if (b.l < a.r) return [a, b];
  }
  for (const block of blocks) {
    if (block.l < block.r) continue;
    let low = 0;
    let high = forward.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((forward[middle] as B).l < block.r) low = middle + 1;
      else high = middle;
    }
    const candidate = forward[low - 1];
    if (candidate !== undefined && block.l < candidate.r) return [candidate, block];
  }
  return undefined;
}
