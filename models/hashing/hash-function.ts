/**
 * The contract of hash functions: a text to 32 bits, the same on every machine and engine. Texts are hashed as UTF-8, as a client
 * in another language would, so that published vectors and other products' placements can be reproduced.
 */

/** An unsigned 32-bit hash of the UTF-8 bytes of `text`. Other seeds, other functions of the same family. Default seed 0. */
export type HashFunction = (text: string, seed?: number) => number;

/**
 * The UTF-8 bytes of `text`, as a string with one character (code 0…255) for each: the text itself when it is ASCII, which costs
 * nothing. A surrogate without its other half counts as U+FFFD, as in the Encoding Standard.
 */
export function byteString(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encoded(text);
  return text;
}

function encoded(text: string): string {
  let bytes = '';
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes += String.fromCharCode(code);
    else if (code < 0x800) bytes += String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000)
      bytes += String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes += String.fromCharCode(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return bytes;
}

/** Four bytes from `i` on, the lowest first, as a signed 32-bit number. */
export const wordAt = (bytes: string, i: number): number =>
  bytes.charCodeAt(i) |
  (bytes.charCodeAt(i + 1) << 8) |
  (bytes.charCodeAt(i + 2) << 16) |
  (bytes.charCodeAt(i + 3) << 24);
