/**
 * Bytes as text that an HTML file in UTF-8 can hold, seven bits to a byte of the file where base64 has six (the idea is K. Albertson's
 * base-122). A character stands for seven bits. The three that a parser of HTML would not leave alone stand together with the seven bits
 * after them in one character of two bytes, so nothing is lost by them.
 */

/** NUL becomes U+FFFD, a carriage return a line feed, and `<` may begin a tag. */
const UNSAFE: readonly number[] = [0, 13, 60];
/** First character of those that stand for an unsafe one and the seven bits after it; and of those that stand for the last one alone. */
const PAIRS = 0x100;
const LAST = PAIRS + UNSAFE.length * 128;

export function septetText(bytes: Uint8Array): string {
  const septets: number[] = [];
  let [bits, count] = [0, 0];
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    count += 8;
    while (count >= 7) septets.push((bits >> (count -= 7)) & 127);
    bits &= 127;
  }
  // The reader leaves out again what is too short for a byte.
  if (count > 0) septets.push((bits << (7 - count)) & 127);
  const parts: string[] = [];
  for (let i = 0; i < septets.length; i++) {
    const septet = septets[i] as number;
    const unsafe = UNSAFE.indexOf(septet);
    const next = unsafe < 0 ? undefined : septets[++i];
    const code = unsafe < 0 ? septet : next === undefined ? LAST + unsafe : PAIRS + unsafe * 128 + next;
    parts.push(String.fromCharCode(code));
  }
  return parts.join('');
}

/** The bytes again. */
export function septetBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((text.length * 2 * 7) / 8));
  let [bits, count, size] = [0, 0, 0];
  const take = (septet: number): void => {
    bits = ((bits << 7) | septet) & 0x3fff;
    count += 7;
    if (count >= 8) bytes[size++] = bits >> (count -= 8);
  };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= LAST) take(UNSAFE[code - LAST] as number);
    else {
      if (code >= PAIRS) take(UNSAFE[(code - PAIRS) >> 7] as number);
      take(code & 127);
    }
  }
  return bytes.subarray(0, size);
}
