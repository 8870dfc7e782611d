/** The bare loop with nothing in it: pops an event and pushes one an exponential time later ("hold"). Counted: events. */
import type { Contestant } from '../contest.ts';
import { ObjectHeap } from '../reference/object-heap.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { Draws } from './draws.ts';
import { looped } from './drive.ts';

const MEAN = 1_000;

/** For rows whose work no bare loop can do: an event of theirs beside an event that does nothing. */
export function bareLoop(pending: number, events: number): Contestant {
  const heap = new TypedHeap(pending + 1);
  const draws = new Draws();
  for (let i = 0; i < pending; i++) heap.push(draws.exponential(MEAN), 1, i, 0, undefined);
  return looped(
    heap,
    () => void heap.push(heap.now + draws.exponential(MEAN), 1, heap.node, 0, undefined),
    Math.round(events),
  );
}

/** The same over objects. */
export function bareObjectLoop(pending: number, events: number): Contestant {
  const heap = new ObjectHeap();
  const draws = new Draws();
  for (let i = 0; i < pending; i++) heap.push(draws.exponential(MEAN), 1, i, 0, undefined);
  return {
    run: () =>
      heap.run(
        ({ node }) => void heap.push(heap.now + draws.exponential(MEAN), 1, node, 0, undefined),
        Math.round(events),
      ),
  };
}
