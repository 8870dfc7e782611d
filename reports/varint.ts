/**
 * Columns of whole numbers in few bytes: LEB128 varints of zig-zagged values. Differences of neighbours are small, so a column
 * is written as differences wherever it runs with something else: time with the row before, causes with the row itself.
 */

/** Writes safe integers, up to 2^52 in magnitude. */
export class VarintWriter {
  #bytes = new Uint8Array(1 << 16);
  #size = 0;

  write(value: number): void {
    if (this.#size + 9 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    // Arithmetic, not shifts: these numbers do not fit 32 bits.
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= 128) {
      this.#bytes[this.#size++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#size++] = rest;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }
}

export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('the column ends in the middle of a number');
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
