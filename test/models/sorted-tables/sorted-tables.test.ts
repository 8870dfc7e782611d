/** Sorted tables and Bloom filters. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError } from '../../../sim/index.ts';
import {
  bestHashes,
  bloomFilter,
  lookUp,
  mayContain,
  mergedRows,
  runToMerge,
  sortedTable,
  valueIn,
} from '../../../models/index.ts';

const key = fc.stringMatching(/^[a-f]{1,2}$/);
const rows = fc.dictionary(key, fc.option(fc.nat(9)), { maxKeys: 12 });
const tableOf = (row: Record<string, number | null>, serial = 1) => sortedTable(serial, Object.entries(row));

describe('a Bloom filter', () => {
  test('never denies a key that was put in', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 20 }), (keys, bitsPerKey) => {
        const filter = bloomFilter(keys, { bitsPerKey });
        expect(keys.every((one) => mayContain(filter, one))).toBe(true);
      }),
    );
  });

  test('without keys denies all', () => {
    expect(mayContain(bloomFilter([]), 'a')).toBe(false);
  });

  test.each([
    [8, 6],
    [10, 7],
    [16, 11],
    [0.1, 1],
  ])('of %d bits for each key is best with %d hashes', (bitsPerKey, hashes) => {
    expect(bestHashes(bitsPerKey)).toBe(hashes);
  });

  test.each([{ bitsPerKey: 0 }, { bitsPerKey: NaN }, { hashes: 0 }, { hashes: 1.5 }])('refuses %j', (options) => {
    expect(() => bloomFilter(['a'], options)).toThrow(ConfigError);
  });
});

describe('a sorted table', () => {
  test('has the rows it was made of, and no others', () => {
    fc.assert(
      fc.property(rows, key, (row, asked) => {
        expect(valueIn(tableOf(row), asked)).toBe(Object.hasOwn(row, asked) ? row[asked] : undefined);
      }),
    );
  });

  test('hides what older ones say of its keys; merged, they say the same', () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 5 }), key, (all, asked) => {
        const tables = all.map((row, i) => tableOf(row, i));
        const newest = all.find((row) => Object.hasOwn(row, asked))?.[asked];
        expect(lookUp(tables, asked).value).toBe(newest);
        expect(mergedRows(tables, false).get(asked)).toBe(newest);
        // Behind the oldest one there is nothing that a tombstone could hide.
        expect(mergedRows(tables, true).get(asked)).toBe(newest ?? undefined);
      }),
    );
  });

  test('is read only when its filter allows for the key, and the older ones only until one has it', () => {
    const tables = [tableOf({ a: 1 }), tableOf({ b: 2 }), tableOf({ a: 3, b: 3 })];
    expect(lookUp(tables, 'a')).toEqual({ value: 1, read: 1 });
    expect(lookUp(tables, 'b')).toEqual({ value: 2, read: 1 });
  });
});

test('three tables are seldom read for a key that none of them has', () => {
  const tables = [1, 2, 3].map((serial) =>
    sortedTable(
      serial,
      Array.from({ length: 500 }, (_, i) => [`${serial}/${i}`, i] as const),
    ),
  );
  const reads = Array.from({ length: 2_000 }, (_, i) => lookUp(tables, `absent ${i}`).read);
  expect(reads.reduce((sum, read) => sum + read, 0) / 2_000).toBeLessThan(3 * 0.012);
});

describe('size-tiered compaction', () => {
  test.each([
    [[20, 20, 20], 4, undefined],
    [[20, 18, 25, 20], 4, { from: 0, to: 4 }],
    [[20, 20, 90, 85, 88], 3, { from: 2, to: 5 }],
    [[20, 90, 20, 90], 2, undefined],
    [[0, 0, 0], 3, { from: 0, to: 3 }],
    [[5, 5, 200, 200], 2, { from: 0, to: 2 }],
  ])('of tables with %j rows, from %d on, takes %j', (sizes, fanIn, run) => {
    expect(runToMerge(sizes, fanIn)).toEqual(run);
  });

  test('keeps the number of tables within the tiers that the data fill', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 400 }), (fanIn, flushes) => {
        let sizes: number[] = [];
        for (let i = 0; i < flushes; i++) {
          sizes = [10, ...sizes];
          for (let run = runToMerge(sizes, fanIn); run; run = runToMerge(sizes, fanIn)) {
            const merged = sizes.slice(run.from, run.to).reduce((sum, size) => sum + size, 0);
            sizes.splice(run.from, run.to - run.from, merged);
          }
        }
        const tiers = Math.ceil(Math.log(flushes) / Math.log(Math.max(2, fanIn / 2))) + 1;
        expect(sizes.length).toBeLessThanOrEqual(fanIn * tiers);
      }),
    );
  });
});
