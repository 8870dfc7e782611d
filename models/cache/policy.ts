/**
 * The contract of eviction policies: which key leaves a full cache.
 *
 * A policy is plain functions over a plain state; the cache keeps the values. Every policy: knows exactly the keys that were
 * inserted and neither evicted nor removed; evicts one of them, and only when asked; needs constant time for everything.
 */
import type { RandomStream } from '../../sim/index.ts';

export interface EvictionPolicy<S> {
  readonly name: string;
  init(): S;
  /** A key that it knows was asked for. */
  touched(state: S, key: string): void;
  /** A key that it does not know yet is now in the cache. */
  inserted(state: S, key: string): void;
  /** A key that it knows is gone for another reason: expired, invalidated. */
  removed(state: S, key: string): void;
  /** Chooses a key that it knows, forgets it, and returns it; undefined when it knows none. */
  evict(state: S, random: RandomStream): string | undefined;
}
