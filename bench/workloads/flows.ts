/**
 * Calls from a flow three generators deep, as layered services write them: 100 callers in a closed loop, a server that
 * answers at once, exponential latency. The bare loop has the two messages of each call. Counted: calls.
 */
import { defineActor, exponential, World, type Context, type Flow, type NodeRef } from '../../sim/index.ts';
import type { Contestant } from '../contest.ts';
import { TypedHeap } from '../reference/typed-heap.ts';
import { Draws } from './draws.ts';
import { advance } from './drive.ts';
import { versus } from './versus.ts';

const CALLERS = 100;
const CALLS = 100_000;
const MEAN_LATENCY = 1_000;

interface Store {
  get(payload: { key: number }): { value: number };
}

type Calling = Context<{ calls: number }>;

function* ask(ctx: Calling, store: NodeRef<Store>, key: number): Flow<number> {
  const { value } = yield* ctx.call(store, 'get', { key });
  return value;
}

function* look(ctx: Calling, store: NodeRef<Store>, key: number): Flow<number> {
  return (yield* ask(ctx, store, key)) + 1;
}

function* work(ctx: Calling, store: NodeRef<Store>): Flow {
  for (let key = 0; ;) {
    key = yield* look(ctx, store, key);
    ctx.update((state) => void state.calls++);
  }
}

function callWorld(calls: number): Contestant {
  const world = new World({ seed: 'flows' });
  world.links({ latency: exponential({ mean: MEAN_LATENCY }) });
  const store: NodeRef<Store> = world.node<{ served: number }, Store>('store', {
    actor: defineActor<{ served: number }, Store>({
      role: 'store',
      init: () => ({ served: 0 }),
      on: {
        get(state, { key }) {
          state.served++;
          return { value: key };
        },
      },
    }),
  });
  const actor = defineActor<{ calls: number }, object>({
    role: 'caller',
    init: () => ({ calls: 0 }),
    start: (_state, ctx) => ctx.spawn(work(ctx, store)),
  });
  for (const ref of world.refs<object>('c', CALLERS)) world.node(ref, { actor });
  const served = (): number => (world.named('store').state as { served: number } | undefined)?.served ?? 0;
  return {
    run(): number {
      const before = served();
      advance(world, Math.round((calls / CALLERS) * 2 * MEAN_LATENCY));
      return served() - before;
    },
  };
}

function callLoop(calls: number): Contestant {
  const heap = new TypedHeap(CALLERS + 1);
  const draws = new Draws();
  const later = (): number => heap.now + draws.exponential(MEAN_LATENCY);
  let served = 0;
  for (let i = 0; i < CALLERS; i++) heap.push(later(), 1, i, 0, { key: 0 });
  const handle = (): void => {
    if (heap.kind === 1) {
      served++;
      heap.push(later(), 2, heap.node, 0, { value: (heap.payload as { key: number }).key });
    } else {
      heap.push(later(), 1, heap.node, 0, { key: (heap.payload as { value: number }).value + 1 });
    }
  };
  return {
    run(): number {
      const before = served;
      heap.run(handle, Math.round(2 * calls));
      return served - before;
    },
  };
}

export const flows = versus({
  name: 'flows',
  work: 'calls from a flow three generators deep, per call',
  atLeast: 0.25,
  engine: ({ size }) => callWorld(CALLS * size),
  reference: ({ size }) => callLoop(CALLS * size),
});
