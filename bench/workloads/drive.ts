/** Drives a world of the bench's own by hand, a stretch of virtual time at each turn. */
import { runUntil } from '../../sim/kernel/engine.ts';
import { limitsFrom } from '../../sim/kernel/limits.ts';
import type { World } from '../../sim/world/world.ts';
import type { Contestant } from '../contest.ts';
import type { TypedHeap } from '../reference/typed-heap.ts';

const LIMITS = limitsFrom({ maxEvents: 1_000_000_000 });

/** Runs the world for `duration` µs more; returns the events handled. */
export function advance(world: World, duration: number): number {
  if (!world.running) world.start();
  return runUntil(world.queue, world.now + duration, LIMITS, () => world.dispatch()).events;
}

/** Counts events. */
export const driven = (world: World, duration: number): Contestant => ({
  run: () => advance(world, Math.round(duration)),
});

/** The bare loop, `events` at each turn. */
export const looped = (heap: TypedHeap, handle: (heap: TypedHeap) => void, events: number): Contestant => ({
  run: () => heap.run(handle, Math.round(events)),
});
