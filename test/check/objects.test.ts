import { describe, expect, test } from '@jest/globals';
import { NEVER } from '../../sim/base/time.ts';
import { searchRegister } from '../../sim/check/linearizability/guided-search.ts';
import { registerSteps, ValueNumbers } from '../../sim/check/linearizability/register-step.ts';
import { judgeLinearizable } from '../../sim/check/linearizable.ts';
import {
  appendStore,
  counter,
  elementSet,
  fencedLock,
  fifoQueue,
  growOnlySet,
  mutex,
  ownedLock,
  register,
  specification,
  timestampOracle,
  uniqueIds,
  type Specification,
} from '../../sim/check/specification.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { LARGE, largeHistory } from './large-histories.ts';
import { randomHistory } from './register-histories.ts';
import { SUBJECTS } from './object-subjects.ts';
import { drawnHistory, faultOf, type Subject } from './objects-oracle.ts';

describe('every object against brute force', () => {
  test.each(Object.entries(SUBJECTS))('%s', (_name, subject) => {
    const verdicts = { held: 0, violated: 0, undecided: 0 };
    for (let seed = 1; seed <= 200; seed++) {
      const operations = drawnHistory(subject as Subject<unknown>, seed);
      const result = subject.specification.decide(operations);
      const fault = faultOf(subject as Subject<unknown>, operations, result);
      if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}`);
      verdicts[result.status]++;
    }
    expect(verdicts.undecided).toBe(0);
    expect(verdicts.held).toBeGreaterThan(20);
    expect(verdicts.violated).toBeGreaterThan(20);
  });
});

/** Changes the last operation of these names that succeeded. */
const lastAnswer =
  (f: string, change: (operation: Operation) => Partial<Operation>) =>
  (operations: readonly Operation[]): Operation[] => {
    const at = operations.findLastIndex((op) => op.f === f && op.outcome === 'ok' && op.output !== null);
    return operations.map((op, i) => (i === at ? { ...op, ...change(op) } : op));
  };

const MUTATIONS: Readonly<Record<string, (operations: readonly Operation[]) => readonly Operation[]>> = {
  register: lastAnswer('read', () => ({ output: 'ghost' })),
  'append store': lastAnswer('read', (op) => ({ output: (op.output as string).slice(0, -3) })),
  counter: lastAnswer('read', (op) => ({ output: (op.output as number) + 100 })),
  'grow-only set': lastAnswer('read', (op) => ({ output: (op.output as unknown[]).slice(1) })),
  'element set': lastAnswer('contains', () => ({ input: 'ghost', output: true })),
  'fifo queue': lastAnswer('dequeue', (op) => ({ output: (op.output as number) - 1 })),
  'owned lock': lastAnswer('release', () => ({ client: 'stranger' })),
  'fenced lock': lastAnswer('acquire', () => ({ output: 3 })),
  'unique ids': lastAnswer('generate', () => ({ output: 3 })),
  'timestamp oracle': lastAnswer('timestamp', () => ({ output: 0 })),
};

test.each(Object.entries(LARGE))(
  'a long history of a working %s holds, and one wrong answer in it is found',
  (name, large) => {
    const operations = largeHistory(
      { ...large, ...(name === 'append store' || name === 'grow-only set' ? { draw: seldom(name) } : {}) },
      2_000,
    );
    expect(large.specification.decide(operations)).toMatchObject({ status: 'held' });
    const { status, witness } = large.specification.decide((MUTATIONS[name] as (typeof MUTATIONS)[string])(operations));
    expect(status).toBe('violated');
    expect(witness?.mandatory?.length).toBeLessThanOrEqual(12);
  },
);

const seldom =
  (name: string): Subject<never>['draw'] =>
  (below, _client, count) => {
    if (below(150) === 0) return { f: 'read', input: undefined };
    return name === 'append store' ? { f: 'append', input: `<${count}>` } : { f: 'add', input: count };
  };

/** [client, f, input, output, invoked, completed], in milliseconds; never completed: info. */
type Row = readonly [string, string, unknown, unknown, number, number?, Partial<Operation>?];

const history = (...rows: readonly Row[]): Operation[] =>
  rows.map(([client, f, input, output, invoked, completed, more], id) => ({
    id,
    client,
    f,
    key: '',
    input,
    output,
    outcome: completed === undefined ? 'info' : 'ok',
    invoked,
    completed: completed ?? Number.MAX_SAFE_INTEGER,
    invokedAt: invoked * 1_000,
    completedAt: completed === undefined ? NEVER : completed * 1_000,
    ...more,
  }));

const no = undefined;

describe('a violation is told in the terms of the object', () => {
  test.each<[string, Specification, Operation[], string, number[]]>([
    [
      'a value overtaken in a queue',
      fifoQueue(),
      history(['c1', 'enqueue', 'a', no, 1, 2], ['c1', 'enqueue', 'b', no, 3, 4], ['c2', 'dequeue', no, 'b', 5, 6]),
      `c2's dequeue returned "b" (0.0050–0.0060 s) although nobody had dequeued "a"; c1's enqueue of "a" had ended at 0.0020 s, before c1's enqueue of "b" was invoked at 0.0030 s`,
      [0, 1, 2],
    ],
    [
      'an empty queue that was not',
      fifoQueue(),
      history(['c1', 'enqueue', 'a', no, 1, 2], ['c2', 'dequeue', no, null, 3, 4], ['c2', 'dequeue', no, 'a', 5, 6]),
      `c2's dequeue found the queue empty (0.0030–0.0040 s) although "a" was in it all that time`,
      [0, 1],
    ],
    [
      'a value dequeued twice',
      fifoQueue(),
      history(['c1', 'enqueue', 'a', no, 1, 2], ['c2', 'dequeue', no, 'a', 3, 6], ['c3', 'dequeue', no, 'a', 4, 5]),
      `c2's dequeue returned "a" (0.0030–0.0060 s) although c3's dequeue returned "a" (0.0040–0.0050 s) too, and it was enqueued only once`,
      [0, 1, 2],
    ],
    [
      'a counter that went back',
      counter(),
      history(['c1', 'add', no, no, 1, 20], ['c2', 'read', no, 1, 2, 3], ['c3', 'read', no, 0, 4, 5]),
      `c3's read returned 0 (0.0040–0.0050 s) although c2's read returned 1 (0.0020–0.0030 s) before, and no addition leads back`,
      [1, 2],
    ],
    [
      'a counter that counted too much',
      counter(),
      history(['c1', 'add', no, no, 1, 2], ['c2', 'read', no, 2, 3, 4]),
      `c2's read returned 2 (0.0030–0.0040 s), but only one addition had been invoked by then`,
      [0, 1],
    ],
    [
      'a lock held twice',
      ownedLock(),
      history(['c1', 'acquire', no, no, 1, 2], ['c2', 'acquire', no, no, 3, 4], ['c1', 'release', no, no, 5, 6]),
      'the lock was held twice at once: by c1 from 0.0020 s at the latest, not released by then, and by c2 from 0.0040 s at the latest, not released by then',
      [0, 1],
    ],
    [
      'a stale fencing token accepted',
      fencedLock(),
      history(
        ['c1', 'acquire', no, 1, 1, 2],
        ['c2', 'acquire', no, 2, 3, 4],
        ['c2', 'use', 2, no, 5, 6],
        ['c1', 'use', 1, no, 7, 8],
      ),
      "c1's use of 1 succeeded (0.0070–0.0080 s) although a greater token had been accepted: c2's use of 2 had ended at 0.0060 s, before c1's use of 1 was invoked at 0.0070 s",
      [2, 3],
    ],
    [
      'a timestamp that is not greater',
      timestampOracle(),
      history(['c1', 'timestamp', no, 7, 1, 2], ['c2', 'timestamp', no, 6, 3, 4]),
      "c2's timestamp returned 6 (0.0030–0.0040 s), not more than 7; but c1's timestamp had ended at 0.0020 s, before c2's timestamp was invoked at 0.0030 s",
      [0, 1],
    ],
    [
      'an id issued twice',
      uniqueIds(),
      history(['c1', 'generate', no, 'x', 1, 2], ['c2', 'generate', no, 'x', 3, 4]),
      `c2's generate returned "x" (0.0030–0.0040 s) although c1's generate returned "x" (0.0010–0.0020 s) too`,
      [0, 1],
    ],
    [
      'an element that a read of a set lacks',
      growOnlySet(),
      history(['c1', 'add', 'a', no, 1, 2], ['c2', 'read', no, [], 3, 4]),
      `c2's read returned [] (0.0030–0.0040 s), without the element of c1's add of "a"; but c1's add of "a" had ended at 0.0020 s, before c2's read was invoked at 0.0030 s`,
      [0, 1],
    ],
    [
      'an element still there after it was removed',
      elementSet(),
      history(['c1', 'add', 'a', no, 1, 2], ['c1', 'remove', 'a', no, 3, 4], ['c2', 'contains', 'a', true, 5, 6]),
      `c2's contains of "a" returned true (0.0050–0.0060 s), but no order of the 3 operations shown explains it; it could have returned false`,
      [0, 1, 2],
    ],
    [
      'an append that a read lacks',
      appendStore(),
      history(['c1', 'append', 'a', no, 1, 2], ['c2', 'read', no, '', 3, 4]),
      `c2's read returned "" (0.0030–0.0040 s), without c1's append of "a"; but c1's append of "a" had ended at 0.0020 s, before c2's read was invoked at 0.0030 s`,
      [0, 1],
    ],
    [
      'a mutex acquired twice',
      mutex(),
      history(['c1', 'acquire', no, no, 1, 2], ['c2', 'acquire', no, no, 3, 4]),
      "c2's acquire succeeded (0.0030–0.0040 s), but no order of the 2 operations shown explains it",
      [0, 1],
    ],
  ])('%s', (_name, object, operations, sentence, shown) => {
    const { witness } = object.decide(operations);
    expect(witness?.sentence).toBe(sentence);
    expect(witness?.operations).toEqual(shown);
  });
});

describe('an order that the model offers', () => {
  const operations = history(
    ['c1', 'write', 1, no, 1, 4],
    ['c2', 'write', 1, no, 2, 5],
    ['c3', 'write', 2, no, 3],
    ['c4', 'read', no, 2, 6, 7],
    ['c4', 'write', 3, no, 8, 9, { outcome: 'fail' }],
  );

  test('is taken without a search when it is legal', () => {
    expect(judgeLinearizable(register(), operations, [0, 1, 2, 3])).toEqual({
      status: 'held',
      message: "linearizable in the model's own order: 5 operations",
      steps: 0,
    });
  });

  test.each([
    [[0, 1, 3], "operation 3, c4's read, could not have had its outcome there"],
    [[0, 2, 3], "operation 1, c2's write, succeeded and is missing"],
    [[3, 0, 1, 2], "operation 3, c4's read, could not have had its outcome there"],
    [[0, 1, 2, 3, 4], "operation 4, c4's write, failed"],
    [[0, 0, 1, 2, 3], 'operation 0 stands in it twice, or is none of those judged'],
    [[2, 3, 0, 1], "operation 0, c1's write, ended before operation 3, which stands earlier, was invoked"],
  ])('is refused when it is %j, and the search decides', (order, reason) => {
    const { status, message } = judgeLinearizable(register(), operations, order);
    expect(status).toBe('held');
    expect(message).toContain(`the model's own order is not a legal one: ${reason}`);
  });

  test('may leave out what only observes: it is placed where it fits', () => {
    const message = (order: number[]): string => judgeLinearizable(register(), operations, order).message;
    expect(message([0, 1, 2])).toBe("linearizable in the model's own order: 5 operations");
    expect(message([2, 0, 1])).toContain("operation 3, c4's read, succeeded and is missing");
    expect(message([0, 1, 9])).toContain('operation 9 stands in it twice, or is none of those judged');
  });

  test('of the updates alone explains whatever an order of all does', () => {
    for (let seed = 0; seed < 300; seed++) {
      const shape = {
        operations: 60,
        clients: 6,
        values: seed % 3,
        reads: 60,
        cas: 15,
        indefinite: 4,
        failed: 4,
        wrong: 0,
      };
      const rows = randomHistory(seed, shape);
      const values = new ValueNumbers(null);
      const { order = [] } = searchRegister(registerSteps(rows, values, false), values.size, 100_000);
      const updates = order.filter(({ kind }) => kind !== 'read').map(({ source }) => source.id);
      // A compare-and-set of a value by itself is a read to the search.
      const all = rows.filter(({ f, input }) => f !== 'cas' || (input as unknown[])[0] !== (input as unknown[])[1]);
      const { message } = judgeLinearizable(register(), all, updates);
      expect([seed, message]).toEqual([seed, `linearizable in the model's own order: ${all.length} operations`]);
    }
  });

  test.each(Object.entries(SUBJECTS))('that brute force would accept is accepted: %s', (_name, subject) => {
    for (let seed = 1; seed <= 40; seed++) {
      // One client at a time: the order of the invocations is the only one.
      const shape = { operations: 8, clients: 1, indefinite: 0, wrong: seed % 2 === 0 ? 10 : 0, failed: 10 };
      const drawn = drawnHistory(subject as Subject<unknown>, seed, shape);
      const order = drawn.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id);
      const { status, message } = judgeLinearizable(subject.specification, drawn, order);
      expect([status, message.includes("in the model's own order")]).toEqual(
        status === 'held' ? ['held', true] : ['violated', false],
      );
    }
  });
});

test('the budget bounds the search, and undecided is the same each time', () => {
  const operations = drawnHistory(SUBJECTS['queue, repeated'], 3, {
    operations: 60,
    clients: 12,
    indefinite: 20,
    wrong: 0,
    failed: 0,
  });
  const judged = [1, 2].map(() => fifoQueue({ budget: 20 }).decide(operations));
  expect(judged[0]).toEqual(judged[1]);
  expect(judged[0]).toMatchObject({
    status: 'undecided',
    steps: 20,
    message: '20 search steps were not enough to decide linearizability (60 operations)',
  });
});

test('of several objects each is judged by itself', () => {
  const on = (key: string, ...rows: Row[]): Operation[] => history(...rows).map((op) => ({ ...op, key }));
  const operations = [...on('p', ['c1', 'enqueue', 1, no, 1, 2]), ...on('q', ['c2', 'dequeue', no, 1, 3, 4])].map(
    (op, id) => ({ ...op, id }),
  );
  const { status, key, message } = fifoQueue().decide(operations);
  expect({ status, key, message }).toEqual({
    status: 'violated',
    key: 'q',
    message: "c2's dequeue on q returned 1 (0.0030–0.0040 s), but nobody had enqueued 1",
  });
});

test.each<[string, () => unknown, string]>([
  [
    'an unknown operation',
    () => counter().decide(history(['c', 'push', 1, no, 1, 2])),
    'operation 0: f: got "push", expected one of add, read on a counter',
  ],
  [
    'a counter of text',
    () => counter().decide(history(['c', 'add', 'x', no, 1, 2])),
    'input of add: got "x", expected a whole number',
  ],
  [
    'a set that is none',
    () => growOnlySet().decide(history(['c', 'read', no, 5, 1, 2])),
    'output of read: got 5, expected a list of elements',
  ],
  [
    'a text in a store of lists',
    () => appendStore({ initial: [] }).decide(history(['c', 'read', no, 'a', 1, 2])),
    'expected a list, as the initial value is',
  ],
  [
    'a token that is no number',
    () => fencedLock().decide(history(['c', 'acquire', no, 'a', 1, 2])),
    'expected a whole number, the fencing token',
  ],
  ['a budget of nothing', () => mutex({ budget: 0 }).decide([]), 'budget: got 0'],
  ['an initial value that is no number', () => counter({ initial: 0.5 }), 'initial: got 0.5, expected a whole number'],
  [
    'an observer that changes something',
    () => badObserver().decide(history(['c', 'touch', no, 1, 1, 2])),
    'observers: got "touch"',
  ],
  [
    'an observer that is no operation',
    () => specification({ name: 'x', operations: ['a'], observers: ['b'], init: () => 0, step: (n) => n }),
    'specification.observers: got "b"',
  ],
])('%s is refused by name', (_name, attempt, message) => {
  expect(attempt).toThrow(message);
});

const badObserver = (): Specification =>
  specification({
    name: 'touched',
    operations: ['touch'],
    observers: ['touch'],
    init: () => 0,
    step: (n: number) => n + 1,
  });
