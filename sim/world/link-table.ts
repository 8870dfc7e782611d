/**
 * What every directed link has: how many messages it has carried, and the first key of its draws. A link without faults and
 * without a law of its own needs nothing else, and a large network has millions of them: so they are rows of one hash table (open
 * addressing, linear probing), and no objects.
 */
import type { PairKeys } from '../random/pair-keys.ts';

const FROM = 0;
const TO = 1;
const COUNT = 2;
const KEY = 3;
const WIDTH = 4;

export class LinkTable {
  /** Links that have carried anything. */
  size = 0;
  /** [from + 1, to, count, key]; 0 in the first column: free. */
  private rows = new Int32Array(WIDTH * 256);
  private mask = 255;
  private readonly keys: PairKeys;

  constructor(keys: PairKeys) {
    this.keys = keys;
  }

  /** The link's row, made if need be. Good until another link is looked for. */
  row(from: number, to: number): number {
    const { rows, mask } = this;
    for (let i = hash(from, to) & mask; ; i = (i + 1) & mask) {
      const row = i * WIDTH;
      const occupant = rows[row + FROM] as number;
      if (occupant === from + 1 && rows[row + TO] === to) return row;
      if (occupant === 0) return this.insert(row, from, to);
    }
  }

  /** Counts one more message and returns how many there were before: its index. */
  count(row: number): number {
    const count = this.rows[row + COUNT] as number;
    this.rows[row + COUNT] = count + 1;
    return count;
  }

  key(row: number): number {
    return this.rows[row + KEY] as number;
  }

  private insert(row: number, from: number, to: number): number {
    this.size++;
    if (this.size * 2 > this.mask) {
      this.grow();
      row = this.freeRow(from, to);
    }
    const { rows } = this;
    rows[row + FROM] = from + 1;
    rows[row + TO] = to;
    rows[row + KEY] = this.keys.first(from, to);
    return row;
  }

  private freeRow(from: number, to: number): number {
    let i = hash(from, to) & this.mask;
    while (this.rows[i * WIDTH + FROM] !== 0) i = (i + 1) & this.mask;
    return i * WIDTH;
  }

  private grow(): void {
    const old = this.rows;
    this.rows = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let row = 0; row < old.length; row += WIDTH) {
      const from = old[row + FROM] as number;
      if (from === 0) continue;
      const moved = this.freeRow(from - 1, old[row + TO] as number);
      for (let column = 0; column < WIDTH; column++) this.rows[moved + column] = old[row + column] as number;
    }
  }
}

/**
 * Four neighbours lie side by side, in one line of the processor's cache: nodes often talk to neighbours. Beyond that both ends are
 * mixed: where every node knows every other, a sum of products makes long runs under linear probing.
 */
function hash(from: number, to: number): number {
  const mixed = Math.imul(from, 0x2545f491) ^ Math.imul(to >>> 2, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) << 2) | (to & 3);
}
