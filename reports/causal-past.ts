/**
 * The causal past of an event: everything that could have had a part in it (Lamport's happened-before). Within a node what came
 * earlier precedes what came later; a message's sending precedes its arrival, an event what it scheduled.
 */

export interface CausalColumns {
  readonly node: ArrayLike<number>;
  readonly cause: ArrayLike<number>;
  readonly sending: ArrayLike<number>;
}

/** `flags[row]` is 1 for the rows of the past, the row itself included. */
export function causalPast({ node, cause, sending }: CausalColumns, row: number): Uint8Array {
  const flags = new Uint8Array(node.length + 1);
  if (row < 1 || row > node.length) return flags;
  /** By node: everything up to this row is in the past. */
  const reached = new Map<number, number>();
  flags[row] = 1;
  // Causes come before their effects, so one pass backwards finds all.
  for (let at = row; at > 0; at--) {
    const i = at - 1;
    const where = node[i] as number;
    const inPast = flags[at] === 1 || (where >= 0 && at <= (reached.get(where) ?? 0));
    if (!inPast) continue;
    flags[at] = 1;
    if (where >= 0 && (reached.get(where) ?? 0) < at) reached.set(where, at);
    for (const earlier of [cause[i] as number, sending[i] as number]) if (earlier > 0) flags[earlier] = 1;
  }
  return flags;
}
