/** Published examples with one exact answer, for the table; the same models under other input are in the tests beside. */
import { describe, expect, test } from '@jest/globals';
import {
  crc16,
  fifo,
  jumpHash,
  keySlot,
  lru,
  maglevTable,
  rangeAssignor,
  roundRobinAssignor,
} from '../../models/index.ts';
import { missesOn } from './cache-runs.ts';
import { fewestMisses } from './eviction-models.ts';
import { judge, tell } from './oracle-table.ts';

/** An answer that is a text. */
function same(name: string, published: string, simulated: string): void {
  tell(`${name}  ${published}  ${simulated}  ${published === simulated ? 'agrees' : 'OFF BY the text'}`);
  expect(simulated).toBe(published);
}

describe('[H3] golden vectors', () => {
  test.each([
    [1, 1, 0],
    [42, 57, 43],
    [0xdead10cc, 1, 0],
    [0xdead10cc, 666, 361],
    [256, 1024, 520],
    [0, 60, 0],
    [1, 60, 55],
    [2, 60, 46],
  ])('jump hash of %d over %d buckets', (key, buckets, published) => {
    judge([{ name: `[H3] jump hash of ${key} over ${buckets}`, published, figures: [jumpHash(0, key, buckets)] }]);
  });

  test.each([
    ['foo', 12182],
    ['bar', 5061],
    ['hello', 866],
    ['somekey', 11058],
    ['user:1000', 1649],
    ['{user1000}.x', 3443],
  ])('the slot of %s in Redis Cluster', (key, published) => {
    judge([{ name: `[H3] slot of ${key}`, published, figures: [keySlot(key)] }]);
  });

  test('CRC-16/XMODEM', () => {
    judge([{ name: '[H3] CRC-16/XMODEM of 123456789', published: 0x31c3, figures: [crc16('123456789')] }]);
  });

  test('Maglev, its paper’s example', () => {
    const [b0, b1, b2] = [
      { offset: 3, skip: 4, weight: 1 },
      { offset: 0, skip: 2, weight: 1 },
      { offset: 3, skip: 1, weight: 1 },
    ] as const;
    same('[H3] Maglev, M = 7', '1010220', [...maglevTable([b0, b1, b2], 7)].join(''));
    same('[H3] Maglev without B1', '0000222', [...maglevTable([b0, b2], 7)].map((i) => [0, 2][i]).join(''));
  });
});

describe('[C3] misses of the classic page strings', () => {
  const belady = '1 2 3 4 1 2 5 1 2 3 4 5';
  const silberschatz = '7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1';
  test.each([
    ['12 pages, 3 frames', belady, 3, [9, 10, 7]],
    ['12 pages, 4 frames', belady, 4, [10, 8, 6]],
    ['20 pages, 3 frames', silberschatz, 3, [15, 12, 9]],
  ] as const)('%s', (what, pages, frames, published) => {
    const misses = [
      missesOn(pages, frames, fifo()),
      missesOn(pages, frames, lru()),
      fewestMisses(pages.split(' '), frames),
    ];
    const policies = ['FIFO', 'LRU', 'the fewest possible'];
    judge(
      misses.map((figure, i) => ({
        name: `[C3] ${what}, ${policies[i]}`,
        published: published[i] as number,
        figures: [figure],
      })),
    );
  });
});

test('[S7] Kafka’s assignors: two consumers, two topics of three partitions', () => {
  const members = ['C0', 'C1'].map((member) => ({ member, topics: ['t0', 't1'], owned: [] }));
  const said = (assignment: Readonly<Record<string, readonly string[]>>): string =>
    ['C0', 'C1'].map((member) => `${member} ${assignment[member]?.join(' ')}`).join('; ');
  const topics = { t0: 3, t1: 3 };
  same('[S7] range', 'C0 t0-0 t0-1 t1-0 t1-1; C1 t0-2 t1-2', said(rangeAssignor.assign(members, topics)));
  same('[S7] round robin', 'C0 t0-0 t0-2 t1-1; C1 t0-1 t1-0 t1-2', said(roundRobinAssignor.assign(members, topics)));
});
