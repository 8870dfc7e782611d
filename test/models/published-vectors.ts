/** Published examples with one exact answer: the quick tests and the table of oracles judge the same ones. */

/** [H3] Key, buckets, and the bucket that jump hash gives (Lamping and Veach, 2014). */
export const JUMP_HASHES = [
  [1, 1, 0],
  [42, 57, 43],
  [0xdead10cc, 1, 0],
  [0xdead10cc, 666, 361],
  [256, 1024, 520],
  [0, 60, 0],
  [1, 60, 55],
  [2, 60, 46],
] as const;

/** [H3] Keys and their slots in Redis Cluster. */
export const KEY_SLOTS_OF = [
  ['foo', 12182],
  ['bar', 5061],
  ['hello', 866],
  ['somekey', 11058],
  ['user:1000', 1649],
  ['{user1000}.x', 3443],
] as const;

/** [H3] CRC-16/XMODEM of its check text. */
export const CRC16_CHECK = { text: '123456789', crc: 0x31c3 } as const;

/** [H3] The example of Maglev’s paper, M = 7: three backends, and which one each slot gets with all of them and without the second. */
export const MAGLEV = {
  slots: 7,
  backends: [
    { offset: 3, skip: 4, weight: 1 },
    { offset: 0, skip: 2, weight: 1 },
    { offset: 3, skip: 1, weight: 1 },
  ],
  all: '1010220',
  withoutSecond: '0000222',
} as const;

/** [C3] The classic strings of pages (Belady et al., 1969; Silberschatz), and the misses of FIFO, LRU and the fewest possible. */
export const PAGE_STRINGS = [
  ['12 pages, 3 frames', '1 2 3 4 1 2 5 1 2 3 4 5', 3, [9, 10, 7]],
  ['12 pages, 4 frames', '1 2 3 4 1 2 5 1 2 3 4 5', 4, [10, 8, 6]],
  ['20 pages, 3 frames', '7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1', 3, [15, 12, 9]],
] as const;

/** [S7] The example of Kafka’s assignors: two consumers, two topics of three partitions. */
export const ASSIGNMENTS = {
  topics: { t0: 3, t1: 3 },
  members: ['C1', 'C0'].map((member) => ({ member, topics: ['t0', 't1'], owned: [] })),
  range: { C0: ['t0-0', 't0-1', 't1-0', 't1-1'], C1: ['t0-2', 't1-2'] },
  roundRobin: { C0: ['t0-0', 't0-2', 't1-1'], C1: ['t0-1', 't1-0', 't1-2'] },
} as const;
