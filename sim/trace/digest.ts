/**
 * The fingerprint of a run: 64 bits over everything that is folded in, in order. Two runs with the same digest did the same
 * things; it is no cryptographic hash, nobody attacks it.
 *
 * Two 32-bit lanes. A fold is a bijection of the state for a given word, and of the first lane for a given state, so that no
 * information leaks away on long runs and a single changed word always shows.
 */

/** Precedes words that are not a whole int32, so that a double and two integers stay apart. */
const DOUBLE = 0x6a09e667;
const NAN = 0x3c6ef372;
const TEXT = 0x1b873593;

function avalanche(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const hex8 = (x: number): string => (x >>> 0).toString(16).padStart(8, '0');

export class Digest {
  #a = 0x243f6a88;
  #b = 0x13198a2e;
  /** Made for the first double. */
  #bytes: DataView | undefined;

  /** Folds in any number: an int32 in one word, else all 64 bits. −0 counts as 0, and all NaN as one. */
  fold(value: number): void {
    if (value === (value | 0)) this.#word(value | 0);
    else this.#double(value);
  }

  /** Folds in an event in two words: its time in µs (below 2^52), its kind (0…255), its node and one more int32. */
  foldEvent(at: number, kind: number, node: number, a: number): void {
    this.#word(at | 0);
    this.#word((kind << 24) ^ node ^ Math.imul(a, 0x27d4eb2f) ^ Math.imul((at / 0x1_0000_0000) | 0, 0x165667b1));
  }

  /** Folds in the length and all UTF-16 code units. */
  foldText(text: string): void {
    this.#word(TEXT);
    this.#word(text.length);
    let i = 0;
    for (; i + 1 < text.length; i += 2) this.#word(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
    if (i < text.length) this.#word(text.charCodeAt(i));
  }

  /** The fingerprint so far: 16 hexadecimal digits. Folding can go on. */
  hex(): string {
    const first = this.word();
    const second = avalanche(this.#b ^ first);
    return hex8(avalanche(first + second)) + hex8(second);
  }

  /** A 32-bit word of the fingerprint so far. */
  word(): number {
    return avalanche(this.#a + Math.imul(this.#b, 0x9e3779b1)) | 0;
  }

  #word(word: number): void {
    let a = Math.imul(this.#a ^ word, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    const b = Math.imul((this.#b + a) | 0, 0x85ebca77);
    this.#a = a;
    this.#b = b ^ (b >>> 15);
  }

  #double(value: number): void {
    if (Number.isNaN(value)) {
      this.#word(NAN);
      return;
    }
    const bytes = (this.#bytes ??= new DataView(new ArrayBuffer(8)));
    bytes.setFloat64(0, value);
    this.#word(DOUBLE);
    this.#word(bytes.getInt32(0));
    this.#word(bytes.getInt32(4));
  }
}

/** The fingerprint of one text. */
export function textDigest(text: string): string {
  const digest = new Digest();
  digest.foldText(text);
  return digest.hex();
}
