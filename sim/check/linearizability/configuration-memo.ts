/** The configurations a search has opened, and whether one of them dominates another. */

/**
 * A configuration is known by its position, value and placed set; the counts of indefinite steps used are compared
 * component by component: what failed with fewer used fails with more.
 */
export class ConfigurationMemo {
  private readonly heads: (Map<number | string, number> | undefined)[];
  private readonly countsLength: number;
  /** Linked lists of counts: the next entry's index (or -1), then the counts. */
  private pool: Int32Array;
  private size = 0;

  constructor(positions: number, countsLength: number) {
    this.heads = Array.from({ length: positions }, () => undefined);
    this.countsLength = countsLength;
    this.pool = new Int32Array(countsLength === 0 ? 0 : 256 * (countsLength + 1));
  }

  /** Whether this configuration, or one that dominates it, was seen before; if not, it is remembered. */
  seen(position: number, value: number, placed: Int32Array, counts: Int32Array): boolean {
    const heads = (this.heads[position] ??= new Map());
    const key = keyOf(value, placed);
    const head = heads.get(key);
    if (head === undefined || this.countsLength === 0) {
      if (head !== undefined) return true;
      heads.set(key, this.countsLength === 0 ? 0 : this.add(-1, counts));
      return false;
    }
    for (let at = head; at !== -1; at = this.pool[at] as number) if (this.dominates(at, counts)) return true;
    heads.set(key, this.add(head, counts));
    return false;
  }

  private dominates(at: number, counts: Int32Array): boolean {
    for (let c = 0; c < this.countsLength; c++)
      if ((this.pool[at + 1 + c] as number) > (counts[c] as number)) return false;
    return true;
  }

  private add(next: number, counts: Int32Array): number {
    const at = this.size;
    this.size += this.countsLength + 1;
    if (this.size > this.pool.length) {
      const larger = new Int32Array(2 * this.pool.length);
      larger.set(this.pool);
      this.pool = larger;
    }
    this.pool[at] = next;
    this.pool.set(counts, at + 1);
    return at;
  }
}

/** One number while at most 32 steps are open at once and there are fewer than 2^21 values, else text. */
function keyOf(value: number, placed: Int32Array): number | string {
  if (placed.length <= 1 && value < 0x200000) return value * 0x100000000 + ((placed[0] ?? 0) >>> 0);
  return `${value} ${placed.join(' ')}`;
}
