/**
 * Failure detection: 1,000 or 10,000 nodes send a heartbeat to five others each second, and each heartbeat cancels a timeout and
 * arms it again, so that of the timeouts none is ever due. Counted: timers and deliveries.
 */
import { defineActor, exponential, World, type NodeRef } from '../../sim/index.ts';
import type { Contestant } from '../contest.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { Draws } from './draws.ts';
import { driven, looped } from './drive.ts';
import { versus } from './versus.ts';

const WATCHED = 5;
const EVENTS = 300_000;
const PERIOD = 1_000_000;
const TIMEOUT = 5_000_000;
const MEAN_LATENCY = 1_000;
/** Entries in the reference's heap: it leaves those of cancelled timeouts behind until they are due. */
const ENTRIES = 600_000;

interface Detector {
  beat(payload: { watch: number }): void;
}

const SUSPECT = Array.from({ length: WATCHED }, (_, k) => `suspect ${k}`);

function heartbeatWorld(nodes: number): World {
  const world = new World({ seed: 'heartbeats' });
  world.links({ latency: exponential({ mean: MEAN_LATENCY }) });
  const refs: NodeRef<Detector>[] = world.refs('n', nodes);
  const suspect = (state: { suspected: number }): void => void state.suspected++;
  const actor = defineActor<{ suspected: number }, Detector>({
    role: 'detector',
    init: () => ({ suspected: 0 }),
    // Each at a phase of its own.
    start: (_state, ctx) => ctx.setTimer('beat', ctx.self.index * (PERIOD / nodes)),
    on: {
      beat(_state, { watch }, ctx) {
        ctx.setTimer(SUSPECT[watch] as string, TIMEOUT);
      },
    },
    timers: {
      beat(_state, ctx) {
        for (let k = 0; k < WATCHED; k++) {
          ctx.send(refs[(ctx.self.index + k + 1) % nodes] as NodeRef<Detector>, 'beat', { watch: k });
        }
        ctx.setTimer('beat', PERIOD);
      },
      ...Object.fromEntries(SUSPECT.map((name) => [name, suspect])),
    },
  });
  for (const ref of refs) world.node(ref, { actor });
  return world;
}

function heartbeatLoop(nodes: number, events: number): Contestant {
  const heap = new TypedHeap(ENTRIES);
  const draws = new Draws();
  const armed = new Float64Array(nodes * WATCHED);
  for (let i = 0; i < nodes; i++) heap.push(i * (PERIOD / nodes), 1, i, 0, undefined);
  const beat = (from: number): void => {
    for (let k = 0; k < WATCHED; k++) {
      heap.push(heap.now + draws.exponential(MEAN_LATENCY), 2, (from + k + 1) % nodes, k, { watch: k });
    }
    heap.push(heap.now + PERIOD, 1, from, 0, undefined);
  };
  const hear = (node: number, watch: number): void => {
    const place = node * WATCHED + watch;
    const before = armed[place] as number;
    if (before !== 0) heap.cancel(before);
    armed[place] = heap.push(heap.now + TIMEOUT, 3, node, watch, undefined);
  };
  return looped(
    heap,
    () => {
      if (heap.kind === 1) beat(heap.node);
      else if (heap.kind === 2) hear(heap.node, (heap.payload as { watch: number }).watch);
    },
    events,
  );
}

const heartbeat = (nodes: number, atLeast?: number) =>
  versus({
    name: `heartbeats-${nodes}`,
    work: `heartbeats of ${nodes.toLocaleString('en')} nodes, each cancelling a timeout, per event`,
    ...(atLeast === undefined ? {} : { atLeast }),
    engine: ({ size }) => driven(heartbeatWorld(nodes), ((EVENTS * size) / (nodes * (WATCHED + 1))) * PERIOD),
    reference: ({ size }) => heartbeatLoop(nodes, EVENTS * size),
  });

export const heartbeats = [heartbeat(1_000), heartbeat(10_000, 1.5)];
