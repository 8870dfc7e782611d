/**
 * Universally unique identifiers, RFC 9562 (2024).
 *
 * Version 4: 122 random bits. Nobody has to agree on anything; after 2.7 · 10¹⁸ of them two are the same with probability ½ (the birthday bound). They are in
 * no order. Version 7: 48 bits of unix milliseconds, then a counter of 12 bits (§6.2, method 1: "fixed bit-length dedicated counter"), then 62 random
 * bits. Those of one generator grow: in one millisecond the counter does; where the counter is full, the timestamp runs ahead of the
 * clock; and where the clock goes back, the last timestamp is kept. A restart forgets it: ids are then still unique, but
 * may sort before older ones when the clock has gone back.
 */
import type { RandomSource } from '../../sim/index.ts';

/** What a generator of version 7 remembers. */
export interface UuidV7State {
  /** Of the last id, unix ms; −1: none. */
  timestamp: number;
  counter: number;
}

const word = (random: RandomSource): number => Math.floor(random.next() * 2 ** 32);
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** The last 64 bits: the variant, `10`, and 62 random ones. */
function tail(random: RandomSource): string {
  const high = ((word(random) & 0x3fff_ffff) | 0x8000_0000) >>> 0;
  const text = hex(high, 8);
  return `${text.slice(0, 4)}-${text.slice(4)}${hex(word(random), 8)}`;
}

/** Version 4, 122 random bits. Costs 4 draws. */
export function uuidV4(random: RandomSource): string {
  const second = word(random);
  return `${hex(word(random), 8)}-${hex(second >>> 16, 4)}-4${hex(second & 0xfff, 3)}-${tail(random)}`;
}

/** Version 7 at `unixMs`, greater than all that `state` has made. Costs 2 draws, and one more in each new millisecond. */
export function uuidV7(state: UuidV7State, unixMs: number, random: RandomSource): string {
  if (unixMs > state.timestamp) {
    state.timestamp = unixMs;
    // Begins in the lower half, so that at least 2,048 fit into the millisecond.
    state.counter = word(random) & 0x7ff;
  } else if (state.counter >= 0xfff) {
    state.timestamp++;
    state.counter = word(random) & 0x7ff;
  } else state.counter++;
  const time = hex(state.timestamp, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(state.counter, 3)}-${tail(random)}`;
}

/** The version of a UUID. */
export const uuidVersion = (id: string): number => Number.parseInt(id.charAt(14), 16);
