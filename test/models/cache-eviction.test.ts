/** Who leaves a full cache, and when values are over. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, RandomStream, s } from '../../sim/index.ts';
import {
  CacheShape,
  Expiry,
  arc,
  clock,
  fifo,
  lfu,
  lru,
  randomEviction,
  sieve,
  tinyLfu,
  twoQueue,
  zipf,
} from '../../models/index.ts';
import type { EvictionPolicy } from '../../models/index.ts';
import { hitRatio, missesOn, ttlHitRatio } from './cache-runs.ts';
import { PAGE_STRINGS } from './published-vectors.ts';
import { PLAIN, fewestMisses } from './eviction-models.ts';

const random = new RandomStream('seed', 'eviction');
const entryOf = <V>(value: V, expires = NEVER) => ({ value, filled: 0, expires, took: 0 });

const POLICIES = (
  [
    lru,
    fifo,
    randomEviction,
    lfu,
    () => lfu({ counts: 'for-ever' }),
    twoQueue,
    arc,
    tinyLfu,
    clock,
    sieve,
  ] as (() => EvictionPolicy<unknown>)[]
).map((make) => [make().name, make] as const);

const key = fc.constantFrom(...'abcdefghij');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('ask'), key }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('remove'), key }) },
);
const steps = fc.array(step, { maxLength: 120 });
const places = fc.integer({ min: 1, max: 7 });

describe.each(POLICIES)('the contract of eviction policies: %s', (name, make) => {
  test('knows the keys that came and have not gone, and evicts one of them, each once', () => {
    fc.assert(
      fc.property(steps, places, (acts, capacity) => {
        const policy = make();
        const state = policy.init(capacity);
        const known = new Set<string>();
        const evict = (incoming: string): void => {
          const victim = policy.evict(state, random, incoming);
          expect(known.delete(victim as string)).toBe(true);
        };
        for (const { act, key: k } of acts) {
          if (act === 'remove' && known.delete(k)) policy.removed(state, k);
          else if (act === 'ask' && known.has(k)) policy.touched(state, k);
          else if (act === 'ask') {
            if (known.size === capacity) evict(k);
            policy.inserted(state, k);
            known.add(k);
          }
        }
        while (known.size > 0) evict('z');
        expect(policy.evict(state, random, 'z')).toBeUndefined();
      }),
    );
  });

  test('a table never holds more than its capacity and serves what it was given', () => {
    fc.assert(
      fc.property(steps, places, (acts, capacity) => {
        const shape = new CacheShape<string, unknown>(capacity, make());
        const table = shape.empty();
        for (const { act, key: k } of acts) {
          if (act === 'remove') shape.remove(table, k);
          else if (shape.lookup(table, k, 0) === undefined) shape.insert(table, k, entryOf(`value of ${k}`), random);
          else expect(shape.lookup(table, k, 0)?.value).toBe(`value of ${k}`);
          expect(table.entries.size).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });

  test('an expired value is not served and makes room', () => {
    const shape = new CacheShape<number, unknown>(2, make());
    const table = shape.empty();
    shape.insert(table, 'a', entryOf(1, 10), random);
    expect(shape.lookup(table, 'a', 9)?.value).toBe(1);
    expect(shape.lookup(table, 'a', 14, 5)?.value).toBe(1);
    expect(shape.lookup(table, 'a', 15, 5)).toBeUndefined();
    expect(table.entries.size).toBe(0);
  });

  const plain = PLAIN[name];
  if (plain === undefined) return;

  test('hits, misses and evicts as the policy written down plainly does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), places, (acts, capacity) => {
        const policy = make();
        const state = policy.init(capacity);
        const known = new Set<string>();
        const reference = plain(capacity);
        for (const { act, key: k } of acts) {
          if (act === 'remove') {
            // ARC's paper has none.
            if (name === 'arc' || !known.delete(k)) continue;
            policy.removed(state, k);
            reference.remove(k);
            continue;
          }
          const hit = known.has(k);
          const evicted = !hit && known.size === capacity ? policy.evict(state, random, k) : undefined;
          if (hit) policy.touched(state, k);
          else policy.inserted(state, k);
          known.add(k);
          if (evicted !== undefined) known.delete(evicted);
          expect({ hit, ...(evicted === undefined ? {} : { evicted }) }).toEqual(reference.ask(k));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('[C3] the classic page strings', () => {
  // With 4 frames FIFO misses more of the same string than with 3: Belady’s anomaly.
  test.each(PAGE_STRINGS)(
    '%s: FIFO, LRU and the fewest possible miss as published',
    (_what, pages, frames, published) => {
      const misses = [missesOn(pages, frames, fifo()), missesOn(pages, frames, lru())];
      expect([...misses, fewestMisses(pages.split(' '), frames)]).toEqual(published);
    },
  );
  test('LRU never misses more with more frames, on any string', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 80 }), fc.integer({ min: 1, max: 7 }), (pages, frames) => {
        const string = pages.join(' ');
        expect(missesOn(string, frames + 1, lru())).toBeLessThanOrEqual(missesOn(string, frames, lru()));
      }),
    );
  });
  test.each(POLICIES)('%s never misses less than the fewest possible', (_name, make) => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (numbers, frames) => {
        const pages = numbers.map(String);
        if (pages.length === 0) return;
        expect(missesOn(pages.join(' '), frames, make())).toBeGreaterThanOrEqual(fewestMisses(pages, frames));
      }),
      { numRuns: 50 },
    );
  });
});

describe('[C1] Zipf hit ratios, quickly (the full runs are in cache.validate.ts)', () => {
  test.each([
    ['lru', lru, 0.37779],
    ['fifo', fifo, 0.33368],
    ['random', randomEviction, 0.33368],
    ['perfect lfu', () => lfu({ counts: 'for-ever' }), 0.52583],
  ] as const)('%s, 1,000 keys, exponent 0.8, 100 places', (_name, make, published) => {
    const ratio = hitRatio(zipf(1_000, 0.8), 100, make() as EvictionPolicy<unknown>, 'c1-quick', 100_000);
    expect(Math.abs(ratio - published)).toBeLessThan(0.006);
  });

  test('what is cleverer than LRU hits more often where popularity is skewed and fixed', () => {
    const ratio = (make: () => EvictionPolicy<unknown>): number =>
      hitRatio(zipf(1_000, 0.8), 100, make(), 'clever', 60_000);
    const plain = ratio(lru as () => EvictionPolicy<unknown>);
    for (const make of [lfu, twoQueue, arc, tinyLfu, sieve, clock] as (() => EvictionPolicy<unknown>)[]) {
      const name = make().name;
      if (name !== 'clock') expect([name, ratio(make) > plain + 0.02]).toEqual([name, true]);
      // CLOCK is an LRU that is cheaper.
      else expect(Math.abs(ratio(make) - plain)).toBeLessThan(0.02);
    }
  });

  test('a scan empties LRU, and passes by 2Q, ARC and W-TinyLFU', () => {
    const survivors = (make: () => EvictionPolicy<unknown>): number => {
      const shape = new CacheShape<number, unknown>(20, make());
      const table = shape.empty();
      const ask = (k: string): void => {
        if (shape.lookup(table, k, 0) === undefined) shape.insert(table, k, entryOf(0), random);
      };
      // Five keys that are asked for all the time, between others, so that every policy has come to know them.
      for (let i = 0; i < 300; i++) {
        ask(`hot${i % 5}`);
        ask(`other${i % 40}`);
      }
      for (let i = 0; i < 100; i++) ask(`scan${i}`);
      return Array.from({ length: 5 }, (_, i) => table.entries.has(`hot${i}`)).filter(Boolean).length;
    };
    expect(survivors(lru as () => EvictionPolicy<unknown>)).toBe(0);
    for (const make of [twoQueue, arc, tinyLfu] as (() => EvictionPolicy<unknown>)[])
      expect([make().name, survivors(make)]).toEqual([make().name, 5]);
  });

  test('W-TinyLFU forgets what was popular once, and in-cache LFU does not', () => {
    const late = (make: () => EvictionPolicy<unknown>): number => {
      const shape = new CacheShape<number, unknown>(50, make());
      const table = shape.empty();
      const law = zipf(200, 1);
      const draws = new RandomStream('change', 'keys');
      let hits = 0;
      for (let i = 0; i < 24_000; i++) {
        const k = `${i < 12_000 ? 'old' : 'new'}${law.sample(draws)}`;
        if (shape.lookup(table, k, 0) === undefined) shape.insert(table, k, entryOf(0), random);
        else if (i >= 18_000) hits++;
      }
      return hits / 6_000;
    };
    expect(late(tinyLfu as () => EvictionPolicy<unknown>)).toBeGreaterThan(0.7);
    expect(late(lfu as () => EvictionPolicy<unknown>)).toBeLessThan(0.5);
  });

  test('the sampler draws each rank with its probability', () => {
    const law = zipf(5, 1);
    const draws = new RandomStream('zipf', 'ranks');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) {
      const rank = law.sample(draws);
      counts[rank] = (counts[rank] as number) + 1;
    }
    counts.forEach((count, i) => {
      const p = 1 / (i + 1) / (137 / 60);
      expect(law.probability(i)).toBeCloseTo(p, 12);
      expect(Math.abs(count / 100_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 100_000));
    });
  });
});

describe('expiry', () => {
  test('[C4] a value that is asked for λ times in its time to live: λT/(1+λT), renewed on hits 1−e^(−λT)', () => {
    expect(Math.abs(ttlHitRatio(1, false, 'c4-quick', 100_000) - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(ttlHitRatio(1, true, 'c4-quick', 100_000) - 0.632121)).toBeLessThan(0.01);
  });

  test('jitter shortens a time to live by at most its share, and spreads what came together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (ttl, jitter) => {
        const expiry = new Expiry({ ttl, jitter }, 'test');
        const after = expiry.after(1_000, random) - 1_000;
        expect(after).toBeLessThanOrEqual(ttl);
        expect(after).toBeGreaterThanOrEqual(Math.max(1, Math.floor(ttl * (1 - jitter))));
      }),
    );
    const spread = new Expiry({ ttl: s(10), jitter: 0.2 }, 'test');
    const seconds = Array.from({ length: 1_000 }, () => spread.after(0, random) / s(1));
    for (const half of [8, 9]) {
      const share = seconds.filter((at) => at >= half && at < half + 1).length / 1_000;
      expect(Math.abs(share - 0.5)).toBeLessThan(0.07);
    }
  });

  test('says what is wrong with its options', () => {
    expect(() => new Expiry({ ttl: 0 }, 'cache')).toThrow(/cache\.ttl.*above 0/);
    expect(() => new Expiry({ jitter: 2 }, 'cache')).toThrow(/cache\.jitter.*from 0 to 1/);
    expect(() => lfu({ counts: 'often' as never })).toThrow(/lfu\.counts/);
    expect(() => twoQueue({ inShare: -1 })).toThrow(/twoQueue\.inShare/);
    expect(() => twoQueue({ outShare: Infinity })).toThrow(/twoQueue\.outShare/);
    expect(() => tinyLfu({ windowShare: 1 })).toThrow(/tinyLfu\.windowShare/);
    expect(() => tinyLfu({ protectedShare: 1.1 })).toThrow(/tinyLfu\.protectedShare/);
    expect(() => new CacheShape(0, lru())).toThrow(/cache\.capacity/);
  });
});
