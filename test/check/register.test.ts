import { describe, expect, test } from '@jest/globals';
import { NEVER } from '../../sim/base/time.ts';
import { searchRegister } from '../../sim/check/linearizability/guided-search.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { PRECONDITION_FAILED, registerSteps, ValueNumbers } from '../../sim/check/linearizability/register-step.ts';
import { checkUniqueRegister } from '../../sim/check/linearizability/unique-register.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { randomHistory } from './register-histories.ts';
import { judge, smallHistory } from './register-oracle.ts';

/** [client, f, value written, read or [from, to], invoked, completed], in milliseconds; never completed: info. */
type Row = readonly [string, 'read' | 'write' | 'cas', unknown, number, number?, Partial<Operation>?];

function history(...rows: readonly Row[]): Operation[] {
  return rows.map(([client, f, value, invoked, completed, more], id) => ({
    id,
    client,
    f,
    key: 'x',
    input: f === 'read' ? undefined : value,
    output: f === 'read' ? value : undefined,
    outcome: completed === undefined ? 'info' : 'ok',
    invoked,
    completed: completed ?? Number.MAX_SAFE_INTEGER,
    invokedAt: invoked * 1_000,
    completedAt: completed === undefined ? NEVER : completed * 1_000,
    ...more,
  }));
}

const failed = (output: unknown): Partial<Operation> => ({ outcome: 'fail', output });

/** The sentence and the operations of the violation. */
function violation(operations: readonly Operation[], options: Parameters<typeof checkRegister>[1] = {}) {
  const { status, witness } = checkRegister(operations, options);
  expect(status).toBe('violated');
  return { sentence: witness?.sentence, operations: witness?.operations, kind: witness?.facts?.['kind'], witness };
}

describe('a violation is told with its two contradicting facts', () => {
  test('a stale read', () => {
    const told = violation(
      history(
        ['c1', 'write', 887, 1, 2],
        ['c3', 'write', 1, 3, 4],
        ['c1', 'write', 895, 10, 20],
        ['c4', 'read', 895, 21, 22],
        ['c2', 'read', 887, 23, 24],
      ),
    );
    expect(told.sentence).toBe(
      'c2 read x=887 (0.0230–0.0240 s) although x=895 had been acknowledged to c1 at 0.0200 s, before this read began; ' +
        'x=887 had been acknowledged to c1 at 0.0020 s, before that write was invoked at 0.0100 s',
    );
    expect(told.operations).toEqual([0, 2, 4]);
    expect(told.witness?.facts).toMatchObject({ observed: 887, legal: [895], failingEvent: 24, lastGoodEvent: 23 });
    expect(told.witness?.at).toBe(24_000);
  });

  test('a new value and then the old one, by two reads, while the write is open', () => {
    const told = violation(
      history(['c1', 'write', 1, 1, 2], ['c1', 'write', 2, 5], ['c2', 'read', 2, 6, 7], ['c3', 'read', 1, 8, 9]),
    );
    expect(told.kind).toBe('new-old-inversion');
    expect(told.sentence).toBe(
      'c3 read x=1 (0.0080–0.0090 s) although c2 had read x=2 by 0.0070 s, before this read began; ' +
        'x=1 had been acknowledged to c1 at 0.0020 s, before that read was invoked at 0.0060 s',
    );
    expect(told.operations).toEqual([0, 1, 2, 3]);
  });

  test('an inversion that takes four operations', () => {
    const told = violation(
      history(
        ['c1', 'write', 1, 1, 30],
        ['c2', 'write', 2, 2, 31],
        ['c3', 'read', 1, 3, 4],
        ['c4', 'read', 2, 5, 6],
        ['c3', 'read', 1, 7, 8],
      ),
    );
    expect(told.sentence).toContain(
      'c3 read x=1 (0.0070–0.0080 s) although c4 had read x=2 by 0.0060 s, before this read began',
    );
    expect(told.sentence).toContain('c3 had read x=1 by 0.0040 s, before that read was invoked at 0.0050 s');
    expect(told.witness?.mandatory).toEqual([2, 3, 4]);
  });

  test('a value never written', () => {
    const told = violation(history(['c1', 'write', 1, 1, 2], ['c2', 'read', 7, 3, 4]));
    expect(told.sentence).toBe('c2 read x=7 (0.0030–0.0040 s), but nobody had written x=7; x could only be 1 there');
    expect(told.operations).toEqual([1]);
  });

  test('a value whose write failed', () => {
    const told = violation(history(['c1', 'write', 1, 1, 2, failed('unavailable')], ['c2', 'read', 1, 3, 4]));
    expect(told.kind).toBe('aborted-read');
    expect(told.sentence).toContain(
      "although c1's write of x=1 failed (unavailable) and nothing else wrote it; x could only be null there",
    );
    expect(told.operations).toEqual([0, 1]);
  });

  test('a value read before its write was invoked', () => {
    const told = violation(history(['c2', 'read', 1, 1, 2], ['c1', 'write', 1, 3, 4]));
    expect(told.kind).toBe('read-before-write');
    expect(told.sentence).toContain("although c1's write of x=1 was invoked only at 0.0030 s, after that");
  });

  test('two compare-and-sets that both succeeded on one value', () => {
    const told = violation(history(['c1', 'write', 5, 1, 2], ['c1', 'cas', [5, 6], 3, 8], ['c2', 'cas', [5, 7], 4, 9]));
    expect(told.kind).toBe('lost-cas');
    expect(told.sentence).toBe(
      "c2's compare-and-set of x from 5 to 7 succeeded (0.0040–0.0090 s) although " +
        "c1's compare-and-set of x from 5 to 6 had succeeded too (0.0030–0.0080 s); 5 was written only once",
    );
  });

  test('the initial value after a write', () => {
    const told = violation(history(['c1', 'write', 1, 1, 2], ['c2', 'read', 0, 3, 4]), { initial: 0 });
    expect(told.sentence).toBe(
      'c2 read x=0 (0.0030–0.0040 s) although x=1 had been acknowledged to c1 at 0.0020 s, before this read began; x=0 is only the initial value',
    );
  });

  test('a refusal where the value was there all the time', () => {
    const rows = history(['c1', 'write', 1, 1, 2], ['c2', 'cas', [1, 2], 3, 4, failed(PRECONDITION_FAILED)]);
    expect(checkRegister(rows).status).toBe('held');
    const told = violation(rows, { failedCasObserves: true });
    expect(told.sentence).toBe(
      "c2's compare-and-set of x from 1 to 2 was refused (0.0030–0.0040 s) although nothing but x=1 was possible there",
    );
    expect(
      checkRegister(history(['c1', 'write', 1, 1, 2], ['c2', 'cas', [1, 2], 3, 4, failed('busy')]), {
        failedCasObserves: true,
      }).status,
    ).toBe('held');
  });

  test('every write of a value written several times was over', () => {
    const rows: Row[] = [
      ['c1', 'write', 0, 1, 2],
      ['c1', 'write', 0, 3, 4],
      ['c2', 'write', 0, 5, 7],
      ['c1', 'write', 2, 8, 9],
      ['c3', 'read', 0, 10, 11],
    ];
    const told = violation(history(...rows));
    expect(told.sentence).toContain(
      'the last write of x=0 had ended at 0.0070 s, before that write was invoked at 0.0080 s',
    );
    expect(told.operations).toEqual([2, 3, 4]);
    expect(told.witness?.mandatory).toEqual([3, 4]);
  });
});

describe('the witness', () => {
  test('orders its operations in a cycle of reasons', () => {
    const told = violation(history(['c1', 'write', 1, 1, 2], ['c1', 'write', 2, 3, 4], ['c2', 'read', 1, 5, 6]));
    expect(told.witness?.edges).toEqual([
      { before: 0, after: 1, reason: 'real time: c1 ended at 0.0020 s, c1 began at 0.0030 s' },
      { before: 1, after: 2, reason: 'real time: c1 ended at 0.0040 s, c2 began at 0.0050 s' },
      { before: 0, after: 2, reason: 'reads from: c2 observed x=1, written by c1' },
      {
        before: 2,
        after: 1,
        reason: "overwritten: c1's write of x=2 came when x=1 was over, so c2, which observed x=1, comes before it",
      },
    ]);
  });

  test('says why an indefinite write does not save it', () => {
    const rows = history(
      ['c1', 'write', 1, 1, 2],
      ['c4', 'write', 9, 2.5],
      ['c1', 'write', 2, 3, 4],
      ['c2', 'read', 1, 5, 6],
    );
    expect(violation(rows).witness?.facts?.['indefinite']).toEqual([
      { operations: 1, why: 'they write other values than x=1, so they cannot explain it' },
    ]);
  });

  test('tells instants more exactly when they would look the same', () => {
    const rows = history(['c1', 'write', 1, 1, 2], ['c1', 'write', 2, 3, 3.001], ['c2', 'read', 1, 3.002, 3.003]);
    expect(violation(rows).sentence).toContain('(0.003002–0.003003 s)');
  });

  test('of several registers, tells the violation that shows first', () => {
    const late = history(['c1', 'write', 1, 1, 2], ['c2', 'read', null, 8, 9]);
    const early = history(['c3', 'write', 1, 3, 4], ['c4', 'read', null, 5, 6]).map((op) => ({
      ...op,
      id: op.id + 2,
      key: 'y',
    }));
    expect(checkRegister([...late, ...early])).toMatchObject({ status: 'violated', key: 'y' });
  });
});

describe('what counts as an observation', () => {
  test('a completed read of an unknown value is left out', () => {
    expect(checkRegister(history(['c1', 'write', 1, 1, 2], ['c2', 'read', undefined, 3, 4])).status).toBe('held');
  });

  test('an indefinite write may take effect long after', () => {
    const rows: Row[] = [
      ['c1', 'write', 1, 1],
      ['c2', 'write', 2, 2, 3],
      ['c2', 'read', 2, 4, 5],
      ['c2', 'read', 1, 6, 7],
    ];
    expect(checkRegister(history(...rows)).status).toBe('held');
    expect(checkRegister(history(...rows, ['c2', 'read', 2, 8, 9])).status).toBe('violated');
  });

  test('objects are equal by their canonical JSON, and null is a value', () => {
    expect(
      checkRegister(history(['c1', 'write', { a: 1, b: 2 }, 1, 2], ['c2', 'read', { b: 2, a: 1 }, 3, 4])).status,
    ).toBe('held');
    expect(checkRegister(history(['c1', 'write', '1', 1, 2], ['c2', 'read', 1, 3, 4])).status).toBe('violated');
    expect(checkRegister(history(['c1', 'read', null, 1, 2])).status).toBe('held');
    expect(checkRegister(history(['c1', 'read', null, 1, 2]), { initial: 0 }).status).toBe('violated');
  });

  test('only the order of events counts, not virtual time', () => {
    const rows = history(['c1', 'write', 1, 1, 2], ['c2', 'read', null, 3, 4]).map((op) => ({
      ...op,
      invokedAt: 5,
      completedAt: 5,
    }));
    expect(checkRegister(rows).status).toBe('violated');
  });

  test('an operation that no register has is refused by name', () => {
    expect(() => checkRegister([{ ...(history(['c1', 'write', 1, 1, 2])[0] as Operation), f: 'push' }])).toThrow(
      "operation 0: f: got \"push\", expected 'read', 'write' or 'cas'",
    );
    expect(() => checkRegister(history(['c1', 'cas', 5, 1, 2]))).toThrow('a pair [from, to]');
    expect(() => checkRegister([], { budget: 0 })).toThrow('budget');
  });
});

describe('the two ways to decide', () => {
  test('unique values need no search, values written twice do', () => {
    const once = checkRegister(
      randomHistory(1, {
        operations: 300,
        clients: 8,
        values: 0,
        reads: 50,
        cas: 10,
        indefinite: 5,
        failed: 5,
        wrong: 0,
      }),
    );
    expect(once).toMatchObject({ status: 'held', steps: 0 });
    const again = checkRegister(
      randomHistory(1, {
        operations: 300,
        clients: 8,
        values: 4,
        reads: 50,
        cas: 10,
        indefinite: 5,
        failed: 5,
        wrong: 0,
      }),
    );
    expect(again.status).toBe('held');
    expect(again.steps).toBeGreaterThan(0);
  });

  test('a chain of compare-and-sets that need each other is a conflict', () => {
    const values = new ValueNumbers(null);
    const steps = registerSteps(history(['c1', 'cas', [1, 2], 1, 5], ['c2', 'cas', [2, 1], 2, 6]), values, false);
    expect(checkUniqueRegister(steps, values.size)).toMatchObject({ status: 'violated', conflict: { kind: 'cycle' } });
  });

  test('when the budget is used up the answer is undecided, the same each time', () => {
    const rows = randomHistory(7, {
      operations: 400,
      clients: 10,
      values: 3,
      reads: 50,
      cas: 20,
      indefinite: 3,
      failed: 0,
      wrong: 0,
    });
    const first = checkRegister(rows, { budget: 40 });
    expect(first).toMatchObject({ status: 'undecided', steps: 40 });
    expect(checkRegister(rows, { budget: 40 })).toEqual(first);
    expect(checkRegister(rows).status).toBe('held');
  });

  test('more than 32 operations at once', () => {
    const writes = Array.from({ length: 40 }, (_, i): Row => [`c${i}`, 'write', i % 5, i + 1, 100 + i]);
    expect(
      checkRegister(history(...writes, ['r', 'read', 3, 50, 51], ['r', 'read', 4, 52, 53], ['r', 'read', 3, 54, 55]))
        .status,
    ).toBe('held');
    expect(checkRegister(history(...writes, ['r', 'read', 3, 50, 51], ['r', 'read', 7, 52, 53])).status).toBe(
      'violated',
    );
  });

  test('the search finds an order that explains the history', () => {
    const values = new ValueNumbers(null);
    const rows = randomHistory(3, {
      operations: 500,
      clients: 10,
      values: 5,
      reads: 50,
      cas: 20,
      indefinite: 3,
      failed: 5,
      wrong: 0,
    });
    const steps = registerSteps(rows, values, true);
    const { order = [] } = searchRegister(steps, values.size, 100_000);
    let value = 0;
    let latest = -1;
    for (const step of order) {
      if (step.kind === 'mismatch') expect(value).not.toBe(step.from);
      else if (step.from !== -1) expect(value).toBe(step.from);
      expect(step.ret).toBeGreaterThan(latest);
      latest = Math.max(latest, step.call);
      if (step.to !== -1) value = step.to;
    }
    expect(new Set(order).size).toBe(order.length);
    expect(steps.filter((step) => step.required && !order.includes(step))).toEqual([]);
  });

  test('what comes before the culprit is told in an order in which it can have happened', () => {
    let told = 0;
    for (let seed = 0; seed < 2_000; seed++) {
      const operations = smallHistory(seed);
      const { witness } = checkRegister(operations);
      if (witness === undefined) continue;
      const failing = witness.facts?.['failingEvent'] as number;
      const { order, operations: certain } = witness.explained!;
      const ended = operations.filter(
        ({ outcome, completed, f, output }) =>
          outcome === 'ok' && completed < failing && (f !== 'read' || output !== undefined),
      );
      expect(certain).toBe(ended.length);
      expect(ended.filter(({ id }) => !order.includes(id))).toEqual([]);
      let [value, latest]: [unknown, number] = [null, -1];
      for (const id of order) {
        const { f, input, output, outcome, invoked, completed } = operations[id]!;
        expect(invoked).toBeLessThan(failing);
        expect(outcome === 'ok' ? completed : Infinity).toBeGreaterThan(latest);
        latest = Math.max(latest, invoked);
        if (f === 'read') expect(value).toBe(output ?? null);
        if (f === 'cas') expect(value).toBe((input as unknown[])[0]);
        if (f !== 'read') value = f === 'cas' ? (input as unknown[])[1] : input;
      }
      told++;
    }
    expect(told).toBeGreaterThan(300);
  });

  test('verdicts, witnesses and legal values agree with brute force', () => {
    const tally = new Map<string, number>();
    for (let seed = 0; seed < 6_000; seed++) {
      const { result, fault } = judge(smallHistory(seed), seed % 2 === 0);
      if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}: ${result.message}`);
      const kind = String(result.witness?.facts?.['kind'] ?? result.status);
      tally.set(kind, (tally.get(kind) ?? 0) + 1);
    }
    const kinds = [
      'held',
      'stale-read',
      'new-old-inversion',
      'never-written',
      'aborted-read',
      'read-before-write',
      'lost-cas',
      'unexplained',
    ];
    expect([...tally.keys()].sort()).toEqual(kinds.sort());
  });
});
