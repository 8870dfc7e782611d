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
import { ASSIGNMENTS, CRC16_CHECK, JUMP_HASHES, KEY_SLOTS_OF, MAGLEV, PAGE_STRINGS } from './published-vectors.ts';

/** An answer that is a text. */
function same(name: string, published: string, simulated: string): void {
  tell(`${name}  ${published}  ${simulated}  ${published === simulated ? 'agrees' : 'OFF BY the text'}`);
  expect(simulated).toBe(published);
}

describe('[H3] golden vectors', () => {
  test.each(JUMP_HASHES)('jump hash of %d over %d buckets', (key, buckets, published) => {
    judge([{ name: `[H3] jump hash of ${key} over ${buckets}`, published, figures: [jumpHash(0, key, buckets)] }]);
  });

  test.each(KEY_SLOTS_OF)('the slot of %s in Redis Cluster', (key, published) => {
    judge([{ name: `[H3] slot of ${key}`, published, figures: [keySlot(key)] }]);
  });

  test('CRC-16/XMODEM', () => {
    const { text, crc } = CRC16_CHECK;
    judge([{ name: `[H3] CRC-16/XMODEM of ${text}`, published: crc, figures: [crc16(text)] }]);
  });

  test('Maglev, its paper’s example', () => {
    const { backends, slots, all, withoutSecond } = MAGLEV;
    same('[H3] Maglev, M = 7', all, [...maglevTable(backends, slots)].join(''));
    const two = maglevTable([backends[0], backends[2]], slots);
    same('[H3] Maglev without B1', withoutSecond, [...two].map((i) => [0, 2][i]).join(''));
  });
});

describe('[C3] misses of the classic page strings', () => {
  test.each(PAGE_STRINGS)('%s', (what, pages, frames, published) => {
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
  const { members, topics, range, roundRobin } = ASSIGNMENTS;
  const said = (assignment: Readonly<Record<string, readonly string[]>>): string =>
    ['C0', 'C1'].map((member) => `${member} ${assignment[member]?.join(' ')}`).join('; ');
  same('[S7] range', said(range), said(rangeAssignor.assign(members, topics)));
  same('[S7] round robin', said(roundRobin), said(roundRobinAssignor.assign(members, topics)));
});
