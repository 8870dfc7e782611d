/** Runs of a cache table without a simulation around it. */
import { NEVER, RandomStream } from '../../sim/index.ts';
import { CacheShape } from '../../models/index.ts';
import type { EvictionPolicy, Zipf } from '../../models/index.ts';

/** Misses on a string of pages, separated by blanks. */
export function missesOn<S>(pages: string, frames: number, policy: EvictionPolicy<S>): number {
  const shape = new CacheShape<number, S>(frames, policy);
  const table = shape.empty();
  const random = new RandomStream('pages', policy.name);
  let misses = 0;
  for (const page of pages.split(' ')) {
    if (shape.lookup(table, page, 0) !== undefined) continue;
    misses++;
    shape.insert(table, page, 0, NEVER, random);
  }
  return misses;
}

/** Hit ratio over `requests` independent references, after a tenth as many to warm up. */
export function hitRatio<S>(
  law: Zipf,
  capacity: number,
  policy: EvictionPolicy<S>,
  seed: string,
  requests: number,
): number {
  const shape = new CacheShape<number, S>(capacity, policy);
  const table = shape.empty();
  const random = new RandomStream(seed, 'references');
  const keys = Array.from({ length: law.count }, (_, i) => `k${i}`);
  const warmUp = Math.round(requests / 10);
  let hits = 0;
  for (let i = 0; i < warmUp + requests; i++) {
    const key = keys[law.sample(random)] as string;
    if (shape.lookup(table, key, 0) === undefined) shape.insert(table, key, 0, NEVER, random);
    else if (i >= warmUp) hits++;
  }
  return hits / requests;
}
