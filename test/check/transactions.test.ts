import { describe, expect, test } from '@jest/globals';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import type { Level } from '../../sim/check/transactions/levels.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { largeTransactions } from './transaction-histories.ts';
import { judgeTransactions } from './transaction-judge.ts';
import { historyOf, type Micro } from './transaction-oracle.ts';

/** `r x 1,2; a x 3` a read of a list (`-` when empty), an append; `w x 1` and `r x =1` (`=-` initial) for registers; `all x=1`. */
function micros(text: string): Micro[] {
  return text.split(';').map((part): Micro => {
    const [f, key, value] = part.trim().split(/\s+/) as [string, string, string];
    if (f === 'all')
      return [
        'all',
        '',
        key === '-' ? [] : key.split(',').map((row) => [row.split('=')[0], Number(row.split('=')[1])]),
      ];
    if (f !== 'r') return [f === 'a' ? 'append' : 'w', key, Number(value)];
    if (value.startsWith('=')) return ['r', key, value === '=-' ? null : Number(value.slice(1))];
    return ['r', key, value === '-' ? [] : value.split(',').map(Number)];
  });
}

/** Transactions that all run at once, of as many clients. `?` first: outcome unknown; `!`: failed. */
const atOnce = (...texts: string[]): Operation[] =>
  historyOf(
    texts.map((text, i) => ({
      client: `c${i}`,
      micros: micros(text.replace(/^[?!]/, '')),
      from: i,
      to: 100 + i,
      outcome: text.startsWith('?') ? 'info' : text.startsWith('!') ? 'fail' : 'ok',
    })),
  );

/** One after another, `client: …`. */
const inTurn = (...texts: string[]): Operation[] =>
  historyOf(
    texts.map((text, i) => ({
      client: text.split(':')[0] as string,
      micros: micros(text.split(':')[1] as string),
      from: 2 * i,
      to: 2 * i + 1,
    })),
  );

const names = (operations: readonly Operation[], level: Level = 'strict serializable'): string[] =>
  checkTransactions(operations, level).anomalies.map(({ name }) => name);
const weakest = (operations: readonly Operation[]): readonly Level[] =>
  checkTransactions(operations, 'strict serializable').weakest;

describe('textbook anomalies', () => {
  const BOOK: readonly (readonly [
    name: string,
    history: Operation[],
    anomalies: readonly string[],
    weakest: readonly Level[],
  ])[] = [
    ['none', atOnce('a x 1; r y -', 'r x 1; a y 2'), [], []],
    ['dirty write', atOnce('a x 1; a y 1', 'a x 2; a y 2', 'r x 1,2; r y 2,1'), ['G0'], ['read uncommitted']],
    ['aborted read', atOnce('!a x 1', 'r x 1'), ['G1a'], ['read committed']],
    ['intermediate read', atOnce('a x 1; a x 2', 'r x 1', 'r x 1,2'), ['G1b', 'G-single'], ['read committed']],
    ['circular information flow', atOnce('a x 1; r y 2', 'a y 2; r x 1'), ['G1c'], ['read committed']],
    ['fractured read', atOnce('a x 1; a y 2', 'r x 1; r y -'), ['fractured read', 'G-single'], ['read atomic']],
    [
      'read skew through another transaction',
      atOnce('a x 1', 'r x 1; a y 2', 'r y 2; r x -'),
      ['G-single'],
      ['repeatable read', 'snapshot isolation'],
    ],
    [
      'lost update',
      atOnce('r x -; a x 1', 'r x -; a x 2', 'r x 1,2'),
      ['lost update', 'G-single'],
      ['repeatable read', 'snapshot isolation'],
    ],
    [
      'write skew',
      atOnce('r x -; r y -; a x 1', 'r x -; r y -; a y 2', 'r x 1; r y 2'),
      ['G2-item'],
      ['repeatable read'],
    ],
    [
      'long fork',
      atOnce('a x 1', 'a y 2', 'r x 1; r y -', 'r x -; r y 2'),
      ['G-nonadjacent'],
      ['repeatable read', 'snapshot isolation'],
    ],
    ['phantom', atOnce('all -; w x 1', 'all -; w y 2'), ['G2'], ['serializable']],
    ['a read that contradicts the transaction itself', atOnce('a x 1; r x -'), ['internal'], ['read atomic']],
    ['a read from nowhere', atOnce('r x 7', 'a x 1'), ['garbage read'], ['read uncommitted']],
    ['an element twice', atOnce('r x 1,1', 'a x 1'), ['duplicate elements'], ['read uncommitted']],
    [
      'reads of no common order',
      atOnce('a x 1', 'a x 2', 'r x 1,2', 'r x 2'),
      ['incompatible order'],
      ['read uncommitted'],
    ],
    ['a list without what came first', atOnce('a x 1; a x 2', 'r x 2'), ['incompatible order'], ['read uncommitted']],
    [
      'a session that does not see what it did',
      inTurn('c0: a x 1', 'c0: r x -'),
      ['G-single-session'],
      ['strong session snapshot isolation'],
    ],
    [
      'a stale read of another session',
      inTurn('c0: a x 1', 'c1: r x -'),
      ['G-single-realtime'],
      ['strong snapshot isolation'],
    ],
    [
      'write skew in time',
      inTurn('c0: r y -; a x 1', 'c1: r x -; a y 2', 'c2: r x 1; r y 2'),
      ['G2-item', 'G-single-realtime'],
      ['repeatable read', 'strong snapshot isolation'],
    ],
    [
      'lost update of a register',
      atOnce('r x =-; w x 1', 'r x =-; w x 2'),
      ['lost update', 'G2-item'],
      ['repeatable read', 'snapshot isolation'],
    ],
    [
      'read skew of registers',
      atOnce('r x =-; w x 1; r y =-; w y 2', 'r x =1; r y =-'),
      ['fractured read', 'G-single'],
      ['read atomic'],
    ],
  ];

  test.each(BOOK)('%s', (_, history, anomalies, weakestLevels) => {
    expect([names(history), weakest(history)]).toEqual([anomalies, weakestLevels]);
  });

  test('a write of unknown outcome that was read has happened, one that was not read may not have', () => {
    expect(checkTransactions(atOnce('?a x 1; a y 2', 'r x 1; r y -'), 'read atomic').status).toBe('violated');
    expect(names(atOnce('?a x 1; a y 2', 'r x -; r y -'))).toEqual([]);
  });

  test('what stands is said beside what is refuted', () => {
    const { status, message } = checkTransactions(atOnce('r x -; a y 1', 'r y -; a x 2'), 'serializable');
    expect(status).toBe('violated');
    expect(message).toContain(
      'Weakest level refuted: repeatable read; not refuted: read uncommitted, read committed, read atomic, snapshot isolation',
    );
    expect(checkTransactions(atOnce('r x -; a y 1', 'r y -; a x 2', 'r x 2; r y 1'), 'snapshot isolation').status).toBe(
      'held',
    );
  });
});

describe('a counterexample', () => {
  test('is explained edge by edge', () => {
    expect(checkTransactions(atOnce('a x 1; r y 2', 'a y 2; r x 1'), 'serializable').witness).toMatchObject({
      sentence:
        "T0 < T1 because T1 observed T0's append of 1 to x; however T1 < T0 because T0 observed T1's append of 2 to y: a contradiction. " +
        'T0 = c0 (0.0000 s–0.1000 s) [append x 1, r y [2]]; T1 = c1 (0.0010 s–0.1010 s) [append y 2, r x [1]]',
      operations: [0, 1],
      mandatory: [0, 1],
      edges: [
        { before: 0, after: 1, reason: "wr: T1 observed T0's append of 1 to x" },
        { before: 1, after: 0, reason: "wr: T0 observed T1's append of 2 to y" },
      ],
    });
  });

  test('says why real time and sessions order transactions', () => {
    expect(checkTransactions(inTurn('c0: a x 1', 'c1: r x -'), 'strict serializable').witness?.sentence).toContain(
      'T0 < T1 because T0 had completed at 0.0010 s, before T1 was invoked at 0.0020 s',
    );
    expect(checkTransactions(inTurn('c0: a x 1', 'c0: r x -'), 'strict serializable').witness?.sentence).toContain(
      'because c0 ran T0 before T1',
    );
  });

  test('is a short cycle out of a long history', () => {
    const operations = largeTransactions(5, 4_000, 8);
    expect(checkTransactions(operations, 'strict serializable').status).toBe('held');
    const late = operations.findLastIndex(({ output }) =>
      (output as [string, string, unknown][]).some(([f, , seen]) => f === 'r' && (seen as unknown[]).length > 50),
    );
    const mutated = operations.map((op, i) =>
      i === late
        ? {
            ...op,
            output: (op.output as unknown[][]).map(([f, key, seen]) => [
              f,
              key,
              f === 'r' ? (seen as unknown[]).slice(0, -4) : seen,
            ]),
          }
        : op,
    );
    const { status, witness } = checkTransactions(mutated, 'strict serializable');
    expect(status).toBe('violated');
    expect(witness?.operations.length).toBeLessThanOrEqual(4);
  });
});

describe('what is not known', () => {
  test('blind writes to a register leave its order open, unless the model gives it', () => {
    const history = atOnce('w x 1; w y 1', 'w x 2; w y 2', 'r x =1; r y =2');
    const order = (key: string): number[] => (key === 'x' ? [1, 2] : [2, 1]);
    expect(names(history)).toEqual([]);
    expect(checkTransactions(history, 'read uncommitted', { versions: order })).toMatchObject({
      status: 'violated',
      weakest: ['read uncommitted'],
    });
    expect(
      checkTransactions(atOnce('w x 1; w y 1', 'w x 2; w y 2'), 'serializable', { versions: () => [1, 2] }).status,
    ).toBe('held');
  });

  test('orders that agree with the reads are tried: one without an anomaly is enough, and one each for all refutes', () => {
    const held = checkTransactions(atOnce('w x 1; w y 1', 'w x 2; w y 2', 'r x =1; r y =1'), 'strict serializable');
    expect(held).toMatchObject({
      status: 'held',
      message: expect.stringContaining('in a possible order of the writes to x, y, which is not known'),
    });
    const refuted = checkTransactions(atOnce('w x 1; w y 1', 'w x 2; w y 2', 'r x =1; r y =2'), 'serializable');
    expect(refuted).toMatchObject({
      status: 'violated',
      weakest: ['serializable'],
      anomalies: [],
      message: expect.stringContaining('each of the 4 possible orders shows an anomaly'),
    });
    expect(refuted.witness?.operations).toEqual([0, 1, 2]);
  });

  test('too many possible orders leave the answer open', () => {
    const writers = Array.from({ length: 9 }, (_, i) => `w x ${i + 1}; w y ${i + 1}`);
    expect(checkTransactions(atOnce(...writers, 'r x =1; r y =2'), 'serializable')).toMatchObject({
      status: 'undecided',
      message: expect.stringContaining('the order of the writes to x, y is not known'),
    });
  });

  test('a value written twice, and a malformed transaction, are told', () => {
    expect(checkTransactions(atOnce('a x 1', 'a x 1'), 'serializable')).toMatchObject({
      status: 'undecided',
      message: expect.stringContaining('write unique values'),
    });
    const [op] = atOnce('a x 1') as [Operation];
    expect(() => checkTransactions([{ ...op, output: [['put', 'x', 1]] }], 'serializable')).toThrow(
      'operation 0: micro-operation',
    );
  });

  test('a write skew beside appends that nobody read leaves snapshot isolation undecided', () => {
    expect(checkTransactions(atOnce('r y -; a y 1; a x 2', 'a y 3; r x -'), 'snapshot isolation').status).toBe(
      'undecided',
    );
  });
});

test('brute force agrees on 2,000 histories: every level, lists, registers and predicates', () => {
  let undecided = 0;
  const refuted = new Map<Level, number>();
  for (let seed = 0; seed < 2_000; seed++) {
    const judged = judgeTransactions(seed);
    expect([seed, judged.fault]).toEqual([seed, undefined]);
    if (judged.undecided) undecided++;
    for (const level of judged.refuted) refuted.set(level, (refuted.get(level) ?? 0) + 1);
  }
  expect(undecided).toBeLessThan(20);
  for (const level of [
    'read uncommitted',
    'read committed',
    'snapshot isolation',
    'serializable',
    'strict serializable',
  ] as const)
    expect(refuted.get(level)).toBeGreaterThan(30);
});
