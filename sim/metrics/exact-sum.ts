import { assert } from '../base/assert.ts';

const CARRY = 2 ** 52;
const CARRY_BITS = 52n;

/** A sum of whole numbers that never rounds: the same whatever the order, however many. */
export class ExactSum {
  #low = 0;
  /** In units of 2⁵². A bigint is slow, but a carry is rare. */
  #high = 0n;

  /** Adds a whole number from 0 to 2⁵². */
  add(term: number): void {
    this.#low += term;
    if (this.#low >= CARRY) {
      this.#low -= CARRY;
      this.#high += 1n;
    }
  }

  /** Adds a non-negative whole number of any size; slow. */
  addBig(term: bigint): void {
    assert(term >= 0n, `ExactSum.addBig: ${term} is negative`);
    this.#high += term >> CARRY_BITS;
    this.add(Number(term & ((1n << CARRY_BITS) - 1n)));
  }

  /** The exact value. */
  toBigInt(): bigint {
    return (this.#high << CARRY_BITS) + BigInt(this.#low);
  }
}
