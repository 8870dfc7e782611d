/** Bytes in very few bytes, by arithmetic coding of well-guessed bits: see `BitPredictor`. */
import { BitPredictor } from './bit-predictor.ts';

/** Bytes of `bytes` packed; `unsqueezed` gives them back. Takes about 3 s and 60 MB of memory a megabyte. */
export function squeezed(bytes: Uint8Array): Uint8Array {
  const out: number[] = [24, 16, 8, 0].map((shift) => (bytes.length >>> shift) & 255);
  const predictor = new BitPredictor(bytes);
  let [low, high] = [0, 0xffffffff];
  for (const byte of bytes) {
    for (let i = 7; i >= 0; i--) {
      const bit = (byte >> i) & 1;
      const middle = low + Math.floor((high - low) * predictor.guess());
      if (bit === 1) high = middle;
      else low = middle + 1;
      predictor.learn(bit);
      while ((low ^ high) >>> 24 === 0) {
        out.push(high >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
      }
    }
  }
  for (const shift of [24, 16, 8, 0]) out.push((high >>> shift) & 255);
  return Uint8Array.from(out);
}

/** What `squeezed` packed. Anything else gives bytes without sense. */
export function unsqueezed(code: Uint8Array): Uint8Array {
  let at = 0;
  const next = (): number => code[at++] ?? 0;
  const word = (): number => ((next() << 24) | (next() << 16) | (next() << 8) | next()) >>> 0;
  const bytes = new Uint8Array(word());
  const predictor = new BitPredictor(bytes);
  let [low, high, value] = [0, 0xffffffff, word()];
  for (let i = 0; i < bytes.length; i++) {
    let byte = 1;
    while (byte < 256) {
      const middle = low + Math.floor((high - low) * predictor.guess());
      const bit = value <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      byte = byte * 2 + bit;
      bytes[i] = byte;
      predictor.learn(bit);
      while ((low ^ high) >>> 24 === 0) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        value = ((value << 8) | next()) >>> 0;
      }
    }
  }
  return bytes;
}
