/**
 * A ring of actors in which each passes on what it gets, one message per actor on its way at any time, over links with
 * exponential latency. The bare loop has the same messages and latencies, and no nodes, links, causes or digest.
 */
import { defineActor, exponential, World, type NodeRef } from '../../sim/index.ts';
import type { Contestant } from '../contest.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { Draws } from './draws.ts';
import { driven, looped } from './drive.ts';
import { versus } from './versus.ts';

const EVENTS = 300_000;
const MEAN_LATENCY = 1_000;

interface Passing {
  token(payload: { hop: number }): void;
}

export function ringWorld(nodes: number, options: ConstructorParameters<typeof World>[0] = { seed: 'ring' }): World {
  const world = new World(options);
  world.links({ latency: exponential({ mean: MEAN_LATENCY }) });
  const refs: NodeRef<Passing>[] = world.refs('n', nodes);
  const actor = defineActor<{ next: NodeRef<Passing>; seen: number }, Passing>({
    role: 'ring',
    init: (ctx) => ({ next: refs[(ctx.self.index + 1) % nodes] as NodeRef<Passing>, seen: 0 }),
    start: (state, ctx) => ctx.send(state.next, 'token', { hop: 0 }),
    on: {
      token(state, { hop }, ctx) {
        state.seen++;
        ctx.send(state.next, 'token', { hop: hop + 1 });
      },
    },
  });
  for (const ref of refs) world.node(ref, { actor });
  return world;
}

function ringLoop(nodes: number, events: number): Contestant {
  const heap = new TypedHeap(nodes + 1);
  const draws = new Draws();
  const states = Array.from({ length: nodes }, (_, i) => ({ next: (i + 1) % nodes, seen: 0 }));
  const send = (to: number, hop: number): void => {
    heap.push(heap.now + draws.exponential(MEAN_LATENCY), 1, to, 0, { hop });
  };
  for (let i = 0; i < nodes; i++) send((i + 1) % nodes, 0);
  return looped(
    heap,
    () => {
      const state = states[heap.node] as { next: number; seen: number };
      state.seen++;
      send(state.next, (heap.payload as { hop: number }).hop + 1);
    },
    events,
  );
}

/** How long a ring takes for its share of events. */
export const ringTime = (nodes: number, events: number): number => Math.max(1, (events / nodes) * MEAN_LATENCY);

const ring = (nodes: number, atLeast?: number) =>
  versus({
    name: `ring-${nodes}`,
    work: `messages in a ring of ${nodes.toLocaleString('en')}, random latency, digest on, per delivery`,
    ...(atLeast === undefined ? {} : { atLeast }),
    engine: ({ size }) => driven(ringWorld(nodes), ringTime(nodes, EVENTS * size)),
    reference: ({ size }) => ringLoop(nodes, EVENTS * size),
  });

export const rings = [ring(100, 0.6), ring(1_000), ring(10_000, 1), ring(100_000, 1)];
