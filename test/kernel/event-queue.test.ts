import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AssertionError } from '../../sim/base/assert.ts';
import { ConfigError, SimulationError } from '../../sim/base/errors.ts';
import { NEVER } from '../../sim/base/time.ts';
import type { EventHandle } from '../../sim/kernel/event-queue.ts';
import { EventQueue, NO_EVENT } from '../../sim/kernel/event-queue.ts';

const HOUR = 3_600_000_000;

const push = (queue: EventQueue, at: number, payload?: unknown): EventHandle => queue.push(at, 1, 2, 3, 4, 5, payload);

interface Expected {
  handle: EventHandle;
  at: number;
  sequence: number;
  /** The sequence number of its first push, and its time then: its other fields derive from them. */
  born: number;
  first: number;
}

/** The queue beside an array that is searched for its first event: what both do must agree at every step. */
class Pair {
  readonly queue = new EventQueue({ initialCapacity: 1 });
  readonly sorted: Expected[] = [];
  private pushed = 0;

  push(delay: number): void {
    const at = Math.min(this.queue.now + delay, NEVER - 1);
    const sequence = ++this.pushed;
    const handle = this.queue.push(at, sequence & 255, sequence, -sequence, at % 1000, 7, sequence);
    this.insert({ handle, at, sequence, born: sequence, first: at });
  }

  private insert(item: Expected): void {
    // Equal times: after all that is there.
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as Expected).at <= item.at) low = middle + 1;
      else high = middle;
    }
    this.sorted.splice(low, 0, item);
  }

  cancel(pick: number): void {
    if (this.sorted.length === 0) return;
    const [item] = this.sorted.splice(pick % this.sorted.length, 1) as [Expected];
    if (!this.queue.isPending(item.handle) || this.queue.timeOf(item.handle) !== item.at)
      throw new Error('not pending');
    if (!this.queue.cancel(item.handle) || this.queue.cancel(item.handle)) throw new Error('cancelled wrongly');
  }

  rearm(pick: number, delay: number): void {
    if (this.sorted.length === 0) return;
    const [item] = this.sorted.splice(pick % this.sorted.length, 1) as [Expected];
    const at = Math.min(this.queue.now + delay, NEVER - 1);
    const sequence = ++this.pushed;
    const handle = this.queue.rearm(item.handle, at, sequence);
    if (this.queue.isPending(item.handle) || this.queue.timeOf(handle) !== at) throw new Error('rearmed wrongly');
    this.insert({ ...item, handle, at, sequence });
  }

  /** Pops from both, with a look at the first time before it when `peek`. */
  pop(peek: boolean): void {
    const { queue } = this;
    const first = this.sorted.shift();
    if (peek && queue.peekTime() !== (first?.at ?? NEVER)) throw new Error(`peeked ${queue.peekTime()}`);
    const popped = queue.pop();
    if (first === undefined) {
      if (popped) throw new Error('popped from an empty queue');
      return;
    }
    const wrong =
      !popped ||
      queue.at !== first.at ||
      queue.now !== first.at ||
      queue.sequence !== first.sequence ||
      queue.payload !== first.sequence ||
      queue.node !== first.born ||
      queue.a !== -first.born ||
      queue.b !== first.first % 1000 ||
      queue.kind !== (first.born & 255) ||
      queue.isPending(first.handle) ||
      queue.size !== this.sorted.length;
    if (wrong) throw new Error(`expected event ${first.sequence} at ${first.at}, got ${queue.sequence} at ${queue.at}`);
  }

  popAll(): void {
    while (this.sorted.length > 0) this.pop((this.sorted.length & 3) === 0);
    this.pop(true);
  }
}

/** A small generator for long scripts, where drawing every step through fast-check would be slow. */
const stepsFrom = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

type Delay = (draw: (below: number) => number) => number;

const DELAYS: Readonly<Record<string, Delay>> = {
  'spread evenly': (draw) => draw(1_000_000),
  'full of ties': (draw) => draw(4),
  'all at the same instant': () => 1_000,
  'of 1 µs or about an hour': (draw) => (draw(2) === 0 ? 1 : HOUR + draw(1_000)),
  'of 1 µs, rarely up to 2^51 µs': (draw) => (draw(50) === 0 ? 2 ** 51 - draw(1_000) : 1),
  'of every magnitude': (draw) => Math.floor(2 ** draw(51)) + draw(3),
  'zero one time in three': (draw) => (draw(3) === 0 ? 0 : draw(10_000)),
  'close behind each other after a far start': (draw) => 2 ** 40 + draw(100),
};

describe('order', () => {
  test('any short script of pushes, cancels, rearmings and pops agrees with a sorted array', () => {
    const delay = fc.oneof(fc.constant(0), fc.nat(5), fc.nat(100_000), fc.nat(2 ** 40), fc.constant(2 ** 51));
    const step = fc.oneof(
      { weight: 5, arbitrary: delay.map((us) => (pair: Pair) => pair.push(us)) },
      { weight: 2, arbitrary: fc.nat().map((pick) => (pair: Pair) => pair.cancel(pick)) },
      {
        weight: 2,
        arbitrary: fc.tuple(fc.nat(), delay).map(
          ([pick, us]) =>
            (pair: Pair) =>
              pair.rearm(pick, us),
        ),
      },
      { weight: 4, arbitrary: fc.boolean().map((peek) => (pair: Pair) => pair.pop(peek)) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (script) => {
        const pair = new Pair();
        for (const take of script) take(pair);
        pair.popAll();
      }),
      { numRuns: 200 },
    );
  });

  test.each(Object.entries(DELAYS))('long queues agree with a sorted array when delays are %s', (_, delay) => {
    const pair = new Pair();
    const draw = stepsFrom(1);
    // Up beyond the switch to the window, down below the switch back, and up again; then empty.
    for (const [target, growth] of [
      [6_000, 8],
      [3_000, 4],
      [7_000, 7],
      [200, 3],
      [5_000, 8],
    ] as const) {
      const grows = pair.sorted.length < target;
      while (grows ? pair.sorted.length < target : pair.sorted.length > target) {
        const pick = draw(10);
        if (pick < growth) pair.push(delay(draw));
        else if (pick === 9 && draw(2) === 0) pair.cancel(draw(1 << 30));
        else if (pick === 9) pair.rearm(draw(1 << 30), delay(draw));
        else pair.pop(pick === 8);
        if (!grows) pair.pop(false);
      }
    }
    pair.popAll();
  });

  test('a mass of cancellations in a long queue leaves the order of the rest', () => {
    const pair = new Pair();
    const draw = stepsFrom(3);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 8_000; i++) pair.push(draw(1_000_000));
      for (let i = 0; i < 500; i++) pair.pop(false);
      for (let i = 0; i < 7_000; i++) pair.cancel(draw(1 << 30));
    }
    pair.popAll();
  });

  test('timeouts far ahead that are always put off, among few near events, agree with a sorted array', () => {
    const pair = new Pair();
    const draw = stepsFrom(5);
    for (let i = 0; i < 20; i++) pair.push(30_000_000 + draw(1_000));
    for (let round = 0; round < 20_000; round++) {
      pair.push(draw(1_000));
      const kind = draw(4);
      if (kind === 0) pair.rearm(pair.sorted.length - 1 - draw(15), 30_000_000 + draw(1_000));
      else if (kind === 1) {
        pair.cancel(pair.sorted.length - 1);
        pair.push(30_000_000);
      }
      pair.pop(kind === 2);
    }
    pair.popAll();
  });

  test('an event that has fired cannot be rearmed', () => {
    const queue = new EventQueue();
    const handle = push(queue, 5);
    queue.pop();
    expect(() => queue.rearm(handle, 10, undefined)).toThrow(AssertionError);
    const pending = push(queue, 10);
    expect(() => queue.rearm(pending, 4, undefined)).toThrow(AssertionError);
  });

  test('an event pushed earlier for an instant goes before those pushed at the instant', () => {
    const queue = new EventQueue();
    push(queue, 10, 'first');
    push(queue, 10, 'second');
    const seen: unknown[] = [];
    while (queue.pop()) {
      seen.push(queue.payload);
      if (queue.payload === 'first') push(queue, 10, 'third');
      if (queue.payload === 'second') push(queue, 10, 'fourth');
      if (queue.payload === 'third') push(queue, 10, 'fifth');
    }
    expect(seen).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
  });

  test('the clock may be raised to an instant before which nothing is due, and order holds there', () => {
    for (const others of [0, 6_000]) {
      const queue = new EventQueue();
      for (let i = 0; i < others; i++) push(queue, 200 + i);
      push(queue, 100, 'scheduled before');
      queue.now = 100;
      push(queue, 100, 'scheduled at the instant');
      queue.pop();
      expect(queue.payload).toBe('scheduled before');
      queue.pop();
      expect(queue.payload).toBe('scheduled at the instant');
    }
  });

  test('a push after a peek is seen by the next pop', () => {
    const queue = new EventQueue();
    push(queue, 50, 'later');
    expect(queue.peekTime()).toBe(50);
    push(queue, 20, 'sooner');
    expect(queue.peekTime()).toBe(20);
    queue.pop();
    expect(queue.payload).toBe('sooner');
  });
});

describe('handles', () => {
  test('a handle is stale once its event has fired, even when its slot is used again', () => {
    const queue = new EventQueue();
    const old = push(queue, 1);
    queue.pop();
    const fresh = push(queue, 2);
    expect(fresh % 2 ** 24).toBe(old % 2 ** 24);
    expect(fresh).not.toBe(old);
    expect(queue.isPending(old)).toBe(false);
    expect(queue.cancel(old)).toBe(false);
    expect(queue.isPending(fresh)).toBe(true);
    expect(queue.timeOf(fresh)).toBe(2);
  });

  test('no handle is ever 0, and 0 names no event', () => {
    const queue = new EventQueue();
    expect(push(queue, 1)).not.toBe(NO_EVENT);
    expect(queue.isPending(NO_EVENT)).toBe(false);
    expect(queue.cancel(NO_EVENT)).toBe(false);
  });

  test('an event is cancelled once, and no longer counts at once', () => {
    const queue = new EventQueue();
    const handle = push(queue, 5);
    push(queue, 9);
    expect(queue.cancel(handle)).toBe(true);
    expect(queue.cancel(handle)).toBe(false);
    expect(queue.size).toBe(1);
    expect(queue.peekTime()).toBe(9);
    expect(() => queue.timeOf(handle)).toThrow(AssertionError);
  });

  test('handles never issued are not pending', () => {
    const queue = new EventQueue({ initialCapacity: 1 });
    for (const handle of [1, 2 ** 24, 2 ** 24 + 5, -1, 0.5, NaN, 2 ** 53]) expect(queue.isPending(handle)).toBe(false);
  });
});

describe('the popped event', () => {
  test('it has every field that was pushed, negative integers included', () => {
    const queue = new EventQueue();
    const payload = { text: 'hello' };
    queue.currentCause = 17;
    queue.push(3, 255, -1, -(2 ** 31), 2 ** 31 - 1, -5, payload);
    expect(queue.pop()).toBe(true);
    const { at, now, kind, node, a, b, c, sequence, cause } = queue;
    expect({ at, now, kind, node, a, b, c, sequence, cause }).toEqual({
      at: 3,
      now: 3,
      kind: 255,
      node: -1,
      a: -(2 ** 31),
      b: 2 ** 31 - 1,
      c: -5,
      sequence: 1,
      cause: 17,
    });
    expect(queue.payload).toBe(payload);
  });

  test('it keeps the cause of its push and not a later one', () => {
    const queue = new EventQueue();
    queue.currentCause = 1;
    push(queue, 5);
    queue.currentCause = 2;
    push(queue, 5);
    queue.pop();
    expect(queue.cause).toBe(1);
    queue.pop();
    expect(queue.cause).toBe(2);
  });

  test('an empty queue pops nothing and is due never', () => {
    const queue = new EventQueue();
    expect(queue.pop()).toBe(false);
    expect(queue.peekTime()).toBe(NEVER);
    expect(queue.size).toBe(0);
  });
});

describe('payloads', () => {
  const held = (queue: EventQueue): unknown[] => {
    const { payloads } = (queue as unknown as { slots: { payloads: unknown[] } }).slots;
    return payloads.filter((payload) => payload !== undefined);
  };

  test('a fired event, a cancelled one and a cleared one leave no reference behind', () => {
    const queue = new EventQueue();
    push(queue, 1, { fired: true });
    const cancelled = push(queue, 2, { cancelled: true });
    push(queue, 3, { cleared: true });
    expect(held(queue)).toHaveLength(3);
    queue.pop();
    queue.cancel(cancelled);
    expect(held(queue)).toEqual([{ cleared: true }]);
    queue.clear();
    expect(held(queue)).toEqual([]);
    expect(queue.payload).toBeUndefined();
  });

  test('an event without a payload does not get that of the slot before it', () => {
    const queue = new EventQueue();
    push(queue, 1, 'old');
    queue.pop();
    push(queue, 2);
    queue.pop();
    expect(queue.payload).toBeUndefined();
    push(queue, 3, null);
    queue.pop();
    expect(queue.payload).toBeNull();
  });
});

describe('bounds', () => {
  test.each([[-1], [4], [NaN], [5.5], [NEVER], [Infinity]])('an event at %p is refused when it is 5 µs', (at) => {
    const queue = new EventQueue();
    push(queue, 5);
    queue.pop();
    expect(() => push(queue, at)).toThrow(AssertionError);
    expect(queue.size).toBe(0);
  });

  test('the last instant before never is allowed', () => {
    const queue = new EventQueue();
    push(queue, NEVER - 1);
    expect(queue.peekTime()).toBe(NEVER - 1);
  });

  test('one event more than maxPending ends the run by the rule queue-length', () => {
    const queue = new EventQueue({ maxPending: 2 });
    const handle = push(queue, 1);
    push(queue, 1);
    expect(() => push(queue, 1)).toThrow(expect.objectContaining({ rule: 'queue-length' }));
    expect(() => push(queue, 1)).toThrow(SimulationError);
    queue.cancel(handle);
    expect(() => push(queue, 1)).not.toThrow();
  });

  test.each([[{ maxPending: 0 }], [{ maxPending: 2 ** 24 }], [{ initialCapacity: 1.5 }]])(
    '%j is refused',
    (options) => {
      expect(() => new EventQueue(options)).toThrow(ConfigError);
    },
  );
});

describe('all pending events', () => {
  test('they are visited in slot order, and may be cancelled on the way', () => {
    const queue = new EventQueue();
    for (const at of [30, 10, 20, 40]) push(queue, at, `due ${at}`);
    const seen: unknown[] = [];
    queue.forEachPending((handle, at, kind, node, a, b, c, payload) => {
      seen.push([at, kind, node, a, b, c, payload]);
      if (at === 10) queue.cancel(handle);
    });
    expect(seen).toEqual([30, 10, 20, 40].map((at) => [at, 1, 2, 3, 4, 5, `due ${at}`]));
    expect(queue.size).toBe(3);
  });

  test('clearing makes every handle stale, short queue or long, and the queue is of use again', () => {
    for (const count of [10, 6_000]) {
      const queue = new EventQueue();
      const handles = Array.from({ length: count }, (_, i) => push(queue, 1 + i));
      queue.pop();
      push(queue, queue.now);
      queue.clear();
      expect(queue.size).toBe(0);
      expect(handles.some((handle) => queue.isPending(handle))).toBe(false);
      expect(queue.pop()).toBe(false);
      push(queue, 50, 'again');
      expect(queue.pop()).toBe(true);
      expect(queue.payload).toBe('again');
    }
  });
});

describe('memory', () => {
  const entries = (queue: EventQueue): number => {
    const { heap, ring, run, window } = queue as unknown as Record<string, { size?: number; left?: number }>;
    return (heap?.size ?? 0) + (ring?.size ?? 0) + (run?.left ?? 0) + (window?.size ?? 0);
  };

  test.each([[10], [1_000], [5_000]])(
    '%i actors re-arming 5 timeouts each keep the entries within bounds',
    (actors) => {
      const queue = new EventQueue();
      const armed = Array.from({ length: 5 * actors }, (_, i) => push(queue, 1_000_000 + i));
      push(queue, 0);
      for (let step = 0; step < 60_000; step++) {
        queue.pop();
        const k = (step * 7) % armed.length;
        queue.cancel(armed[k] as number);
        armed[k] = push(queue, queue.now + 1_000_000);
        push(queue, queue.now + 1);
      }
      expect(queue.size).toBe(armed.length + 1);
      expect(entries(queue)).toBeLessThanOrEqual(2 * queue.size + 200);
    },
  );

  test('events cancelled at the very instant they were pushed leave a bounded number of entries', () => {
    const queue = new EventQueue();
    for (let step = 0; step < 100_000; step++) queue.cancel(push(queue, 0));
    expect(entries(queue)).toBeLessThanOrEqual(200);
  });
});
