/**
 * The contract of eviction policies: which key leaves a full cache.
 *
 * A policy is plain functions over a plain state; the cache keeps the values. Every policy: knows exactly the keys that were
 * inserted and neither evicted nor removed; evicts one of them, and only when asked; needs constant time for everything, except
 * where its file says otherwise. What it remembers of keys that are gone is bounded by its capacity, with the same exception.
 */
import type { RandomStream } from '../../sim/index.ts';

export interface EvictionPolicy<S> {
  readonly name: string;
  /** `capacity`: keys that the cache holds, at least 1. */
  init(capacity: number): S;
  /** A key that it knows was asked for. */
  touched(state: S, key: string): void;
  /** A key that it does not know yet is now in the cache. */
  inserted(state: S, key: string): void;
  /** A key that it knows is gone for another reason: expired, invalidated. */
  removed(state: S, key: string): void;
  /** Chooses a key that it knows, forgets it, and returns it, to make room for `incoming`; undefined when it knows none. */
  evict(state: S, random: RandomStream, incoming: string): string | undefined;
}
