/** Hit ratios under independent references: Che's approximation for LRU, its counterpart for FIFO and random eviction, perfect LFU. */
import type { Zipf } from '../../models/index.ts';

/** Solves Σ inCache(p, t) = capacity for the characteristic time t; returns Σ p · inCache(p, t). */
function hitRatioOf(law: Zipf, capacity: number, inCache: (p: number, t: number) => number): number {
  const probabilities = Array.from({ length: law.count }, (_, i) => law.probability(i));
  const filled = (t: number): number => probabilities.reduce((sum, p) => sum + inCache(p, t), 0);
  let low = 0;
  let high = 1;
  while (filled(high) < capacity) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (filled(middle) < capacity) low = middle;
    else high = middle;
  }
  return probabilities.reduce((sum, p) => sum + p * inCache(p, high), 0);
}

export const lruHitRatio = (law: Zipf, capacity: number): number =>
  hitRatioOf(law, capacity, (p, t) => 1 - Math.exp(-p * t));

export const fifoHitRatio = (law: Zipf, capacity: number): number =>
  hitRatioOf(law, capacity, (p, t) => (p * t) / (1 + p * t));

/** What is held are the most popular keys. */
export const lfuHitRatio = (law: Zipf, capacity: number): number =>
  Array.from({ length: capacity }, (_, i) => law.probability(i)).reduce((sum, p) => sum + p, 0);
