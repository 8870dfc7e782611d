import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { septetBytes, septetText } from '../../reports/packing/septets.ts';
import { squeezed, unsqueezed } from '../../reports/packing/squeeze.ts';

/** Bytes as they come, and many of those that do not stand for themselves. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(0, 13, 60, 120, 26, 255), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
);

describe('bytes as text of seven bits a character', () => {
  test('come back as they were, to the last one', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect([...septetBytes(septetText(bytes))]).toEqual([...bytes]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('hold nothing that a parser of HTML changes, and take a seventh more room at most', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = septetText(bytes);
        expect(text).not.toMatch(/[\0\r<]|[\u0080-\u009f\u00ad\u200b-\u200f\u2028-\u202e\ud800-\udfff\ufeff]/);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.ceil((bytes.length * 8) / 7) + 1);
        expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('squeezed bytes', () => {
  test('come back as they were', () => {
    const texts = fc.array(fc.constantFrom('this.at', 'const ', '(x)', '=>', '\u{1f600}', 'return'), {
      maxLength: 400,
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      texts.map((words) => new TextEncoder().encode(words.join(''))),
    );
    fc.assert(
      fc.property(bytes, (plain) => {
        expect(Buffer.compare(unsqueezed(squeezed(plain)), plain)).toBe(0);
      }),
      { numRuns: 8 },
    );
    for (const plain of [Uint8Array.of(), Uint8Array.of(0), new Uint8Array(5_000), new Uint8Array(5_000).fill(255)])
      expect(Buffer.compare(unsqueezed(squeezed(plain)), plain)).toBe(0);
  });

  test('of a program take a seventh less room than gzipped ones', () => {
    const program = readFileSync('node_modules/valibot/dist/index.min.mjs').subarray(0, 60_000);
    const small = squeezed(program);
    expect(small.length).toBeLessThan(gzipSync(program, { level: 9 }).length * (6 / 7));
    expect(Buffer.compare(unsqueezed(small), program)).toBe(0);
  });
});
