/**
 * Keys for draws that belong to an ordered pair of names, such as a link. Two keys of each name are hashed once; those of a pair
 * are mixed from them when they are needed, which is quicker than to keep a million. They depend on the seed and on the two
 * names alone, so a name more or less changes nobody else's luck.
 */
import { GOLDEN, mix } from './mix.ts';
import { keysFor } from './seed-key.ts';

export class PairKeys {
  private readonly salt0: number;
  private readonly salt1: number;
  /** Two for each name. */
  private keys = new Int32Array(128);

  /** `consumer` keeps the pairs of one use apart from those of another. */
  constructor(seed: string, consumer: string) {
    const { key0, key1 } = keysFor(seed, consumer);
    this.salt0 = key0;
    this.salt1 = key1;
  }

  /** Gives `name` its place: a whole number from 0, chosen by the caller, dense. */
  set(place: number, name: string): void {
    if (2 * place + 1 >= this.keys.length) this.grow(2 * place + 2);
    let a = this.salt0;
    let b = this.salt1;
    for (let i = 0; i < name.length; i++) {
      a = Math.imul(a ^ name.charCodeAt(i), GOLDEN);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b + a, 0x85ebca77);
      b ^= b >>> 15;
    }
    this.keys[2 * place] = mix(a + Math.imul(b, GOLDEN));
    this.keys[2 * place + 1] = mix(b ^ name.length);
  }

  /** The pair's first key. */
  first(from: number, to: number): number {
    return mix((this.keys[2 * from] as number) + (this.keys[2 * to + 1] as number));
  }

  /** The pair's second key: to be used with the first, which has the avalanche. */
  second(from: number, to: number): number {
    return (this.keys[2 * from + 1] as number) ^ Math.imul(this.keys[2 * to] as number, GOLDEN);
  }

  private grow(least: number): void {
    const keys = new Int32Array(Math.max(least, this.keys.length * 2));
    keys.set(this.keys);
    this.keys = keys;
  }
}
