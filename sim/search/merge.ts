/** Sums of nested counts. */

/** Named counts. */
export type Counts<K extends string> = Readonly<Record<K, number>>;

/** Nested records with numbers at the leaves, added leaf by leaf; keys come out sorted, so that the order of merging does not show. */
export function mapMerged<T extends object>(a: T, b: T): T {
  return merged(a as Tree, b as Tree) as T;
}

interface Tree {
  readonly [key: string]: Tree | number;
}

function merged(a: Tree, b: Tree): Tree {
  const sum: Record<string, Tree | number> = {};
  for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const x = Object.hasOwn(a, key) ? a[key] : undefined;
    const y = Object.hasOwn(b, key) ? b[key] : undefined;
    sum[key] = both(x, y);
  }
  return sum;
}

function both(x: Tree | number | undefined, y: Tree | number | undefined): Tree | number {
  if (typeof x === 'number' || typeof y === 'number')
    return ((x as number | undefined) ?? 0) + ((y as number | undefined) ?? 0);
  return merged(x ?? {}, y ?? {});
}
