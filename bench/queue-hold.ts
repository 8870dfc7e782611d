/**
 * What the event queue costs, beside two reference heaps in the same process, taking turns; medians of 7, in nanoseconds.
 *
 * Hold: pop an event and push one an exponential time later, with 100, 10,000 and 1,000,000 pending. Timers: the same with
 * 10,000 periodic timers of different periods. Timeouts: 10,000 actors with 5 timeouts of 1 s each pending; a step each microsecond
 * cancels one of them and arms it anew, so that hardly any is ever due.
 *
 * `node dist/bench/queue-hold.js`, or bundle with esbuild and run. Compare columns; absolute values belong to a machine.
 */
import { EventQueue } from '../sim/kernel/event-queue.ts';
import type { HeapEvent } from './reference/object-heap.ts';
import { ObjectHeap } from './reference/object-heap.ts';
import { TypedHeap } from './reference/typed-heap.ts';

const ROUNDS = 7;
const ACTORS = 10_000;
const TIMEOUTS = 5;
const TIMEOUT_US = 1_000_000;

/** Delays drawn ahead, so that the draws cost all contestants the same and little. Mean 1 s. */
const DELAYS = ((): Float64Array => {
  let state = 12_345;
  const delays = new Float64Array(1 << 16);
  for (let i = 0; i < delays.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    delays[i] = 1 + Math.round(-Math.log((state + 1) / 2 ** 32) * 1_000_000);
  }
  return delays;
})();

/** A contestant performs `steps` steps on a state that it keeps. */
type Contestant = (steps: number) => void;

function holdQueue(pending: number): Contestant {
  const queue = new EventQueue({ initialCapacity: Math.max(64, pending) });
  let draw = 0;
  const delay = (): number => DELAYS[draw++ & 65_535] as number;
  for (let i = 0; i < pending; i++) queue.push(delay(), 1, i, 0, 0, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      queue.pop();
      queue.push(queue.now + delay(), 1, queue.node, 0, 0, 0, undefined);
    }
  };
}

function holdTyped(pending: number): Contestant {
  const heap = new TypedHeap(pending + 1);
  let draw = 0;
  const delay = (): number => DELAYS[draw++ & 65_535] as number;
  for (let i = 0; i < pending; i++) heap.push(delay(), 1, i, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      heap.pop();
      heap.push(heap.now + delay(), 1, heap.node, 0, undefined);
    }
  };
}

function holdObjects(pending: number): Contestant {
  const heap = new ObjectHeap();
  let draw = 0;
  const delay = (): number => DELAYS[draw++ & 65_535] as number;
  for (let i = 0; i < pending; i++) heap.push(delay(), 1, i, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      const event = heap.pop() as HeapEvent;
      heap.push(heap.now + delay(), 1, event.node, 0, undefined);
    }
  };
}

const period = (node: number): number => 900_000 + (DELAYS[node & 65_535] as number) / 16;

function timersQueue(pending: number): Contestant {
  const queue = new EventQueue();
  const periods = Float64Array.from({ length: pending }, (_, i) => Math.round(period(i)));
  for (let i = 0; i < pending; i++) queue.push(periods[i] as number, 1, i, 0, 0, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      queue.pop();
      const node = queue.node;
      queue.push(queue.now + (periods[node] as number), 1, node, 0, 0, 0, undefined);
    }
  };
}

function timersTyped(pending: number): Contestant {
  const heap = new TypedHeap(pending + 1);
  const periods = Float64Array.from({ length: pending }, (_, i) => Math.round(period(i)));
  for (let i = 0; i < pending; i++) heap.push(periods[i] as number, 1, i, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      heap.pop();
      const node = heap.node;
      heap.push(heap.now + (periods[node] as number), 1, node, 0, undefined);
    }
  };
}

function timersObjects(pending: number): Contestant {
  const heap = new ObjectHeap();
  const periods = Float64Array.from({ length: pending }, (_, i) => Math.round(period(i)));
  for (let i = 0; i < pending; i++) heap.push(periods[i] as number, 1, i, 0, undefined);
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      const event = heap.pop() as HeapEvent;
      heap.push(heap.now + (periods[event.node] as number), 1, event.node, 0, undefined);
    }
  };
}

function timeoutsQueue(): Contestant {
  const queue = new EventQueue();
  const armed = new Float64Array(ACTORS * TIMEOUTS);
  for (let i = 0; i < armed.length; i++) armed[i] = queue.push(TIMEOUT_US + i, 2, i, 0, 0, 0, undefined);
  queue.push(0, 1, 0, 0, 0, 0, undefined);
  let turn = 0;
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      queue.pop();
      const k = (turn++ * 7) % armed.length;
      queue.cancel(armed[k] as number);
      armed[k] = queue.push(queue.now + TIMEOUT_US, 2, k, 0, 0, 0, undefined);
      queue.push(queue.now + 1, 1, 0, 0, 0, 0, undefined);
    }
  };
}

function timeoutsTyped(): Contestant {
  const heap = new TypedHeap(4_000_000);
  const armed = new Float64Array(ACTORS * TIMEOUTS);
  for (let i = 0; i < armed.length; i++) armed[i] = heap.push(TIMEOUT_US + i, 2, i, 0, undefined);
  heap.push(0, 1, 0, 0, undefined);
  let turn = 0;
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      heap.pop();
      const k = (turn++ * 7) % armed.length;
      heap.cancel(armed[k] as number);
      armed[k] = heap.push(heap.now + TIMEOUT_US, 2, k, 0, undefined);
      heap.push(heap.now + 1, 1, 0, 0, undefined);
    }
  };
}

function timeoutsObjects(): Contestant {
  const heap = new ObjectHeap();
  const armed: HeapEvent[] = [];
  for (let i = 0; i < ACTORS * TIMEOUTS; i++) armed.push(heap.push(TIMEOUT_US + i, 2, i, 0, undefined));
  heap.push(0, 1, 0, 0, undefined);
  let turn = 0;
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      heap.pop();
      const k = (turn++ * 7) % armed.length;
      heap.cancel(armed[k] as HeapEvent);
      armed[k] = heap.push(heap.now + TIMEOUT_US, 2, k, 0, undefined);
      heap.push(heap.now + 1, 1, 0, 0, undefined);
    }
  };
}

const median = (values: number[]): number => values.sort((x, y) => x - y)[values.length >> 1] as number;

function measure(title: string, steps: number, contestants: readonly Contestant[]): void {
  const times: number[][] = contestants.map(() => []);
  for (const step of contestants) step(steps);
  for (let round = 0; round < ROUNDS; round++) {
    contestants.forEach((step, i) => {
      const from = performance.now();
      step(steps);
      times[i]?.push(((performance.now() - from) * 1e6) / steps);
    });
  }
  const [queue = 0, typed = 0, objects = 0] = times.map(median);
  const cells = [queue, typed, objects].map((ns) => `${ns.toFixed(0)} ns`.padStart(9));
  console.log(
    `${title.padEnd(24)}${cells.join('')}   ${(typed / queue).toFixed(2)}× typed, ${(objects / queue).toFixed(2)}× object`,
  );
}

console.log(`${''.padEnd(24)}${['queue', 'typed', 'object'].map((name) => name.padStart(9)).join('')}`);
for (const pending of [100, 10_000, 1_000_000]) {
  const steps = pending > 100_000 ? 1_000_000 : 400_000;
  measure(`hold, ${pending}`, steps, [holdQueue(pending), holdTyped(pending), holdObjects(pending)]);
}
measure('timers, 10000', 400_000, [timersQueue(10_000), timersTyped(10_000), timersObjects(10_000)]);
measure('cancelled timeouts', 400_000, [timeoutsQueue(), timeoutsTyped(), timeoutsObjects()]);
