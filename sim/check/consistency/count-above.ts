/** How many of the numbers added so far are above a bound: a Fenwick tree over numbers known beforehand. */
export class CountAbove {
  private readonly sorted: readonly number[];
  private readonly tree: Int32Array;
  private added = 0;

  constructor(numbers: readonly number[]) {
    this.sorted = numbers.toSorted((a, b) => a - b);
    this.tree = new Int32Array(numbers.length + 1);
  }

  /** Adds one of the known numbers. */
  add(number: number): void {
    this.added++;
    for (let i = this.upTo(number - 1) + 1; i < this.tree.length; i += i & -i)
      this.tree[i] = (this.tree[i] as number) + 1;
  }

  count(bound: number): number {
    let below = 0;
    for (let i = this.upTo(bound); i > 0; i -= i & -i) below += this.tree[i] as number;
    return this.added - below;
  }

  /** How many of the known numbers are at most `bound`. */
  private upTo(bound: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.sorted[middle] as number) <= bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
