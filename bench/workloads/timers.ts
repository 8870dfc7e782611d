/** 10,000 nodes, each with a periodic timer of its own period: the engine's named timers against the bare loop. */
import { defineActor, World } from '../../sim/index.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { driven, looped } from './drive.ts';
import { versus } from './versus.ts';

const NODES = 10_000;
const EVENTS = 400_000;
const MEAN_PERIOD = 1_000_000;

/** From 0.9 to 1.1 s, spread evenly in a scattered order. */
const period = (node: number): number => 900_000 + ((node * 7_919) % NODES) * 20;

function timersWorld(): World {
  const world = new World({ seed: 'timers' });
  const actor = defineActor<{ period: number; ticks: number }, object>({
    role: 'ticker',
    init: (ctx) => ({ period: period(ctx.self.index), ticks: 0 }),
    start: (state, ctx) => ctx.setTimer('tick', state.period),
    timers: {
      tick(state, ctx) {
        state.ticks++;
        ctx.setTimer('tick', state.period);
      },
    },
  });
  for (const ref of world.refs<object>('n', NODES)) world.node(ref, { actor });
  return world;
}

function timersLoop(events: number) {
  const heap = new TypedHeap(NODES + 1);
  const states = Array.from({ length: NODES }, (_, node) => ({ period: period(node), ticks: 0 }));
  states.forEach((state, node) => heap.push(state.period, 1, node, 0, undefined));
  return looped(
    heap,
    () => {
      const state = states[heap.node] as { period: number; ticks: number };
      state.ticks++;
      heap.push(heap.now + state.period, 1, heap.node, 0, undefined);
    },
    events,
  );
}

export const timers = versus({
  name: 'timers',
  work: '10,000 timers that reschedule themselves, per timer',
  atLeast: 1.2,
  engine: ({ size }) => driven(timersWorld(), ((EVENTS * size) / NODES) * MEAN_PERIOD),
  reference: ({ size }) => timersLoop(EVENTS * size),
});
