import { describe, expect, test } from '@jest/globals';
import { checkGuarantee } from '../../sim/check/consistency/check-guarantee.ts';
import { checkCausal, checkSequential } from '../../sim/check/consistency/check-sessions.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import type { Status } from '../../sim/check/verdict.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { numbers, randomHistory } from './register-histories.ts';
import { sessionsFrom, storeHistory, type StoreConfiguration } from './replicated-sessions.ts';
import { judgeSessions } from './session-judge.ts';
import { bruteSequential, smallSessions } from './session-oracle.ts';

const MODELS = [
  'sequential',
  'causal',
  'causal+',
  'causal memory',
  'pram',
  'read your writes',
  'monotonic reads',
  'monotonic writes',
  'writes follow reads',
] as const;
type Model = (typeof MODELS)[number];

function check(operations: readonly Operation[], model: Model) {
  switch (model) {
    case 'sequential':
      return checkSequential(operations);
    case 'causal':
    case 'causal+':
    case 'causal memory':
    case 'pram':
      return checkCausal(operations, model);
    default:
      return checkGuarantee(operations, model);
  }
}

const broken = (operations: readonly Operation[]): Model[] =>
  MODELS.filter((model) => check(operations, model).status === 'violated');

describe('textbook histories', () => {
  /** What each breaks, and nothing else. */
  const BOOK: readonly (readonly [name: string, history: string, broken: readonly Model[]])[] = [
    ['one value seen by all', 'a w x 1, b r x 1, c r x 1', []],
    ['Dekker: both flags read as down', 'a w x 1, b w y 1, a r y -, b r x -', ['sequential']],
    ['independent reads of independent writes', 'a w x 1, b w y 2, c r x 1, c r y -, d r y 2, d r x -', ['sequential']],
    [
      'two sessions disagree about the order of two writes',
      'a w x 1, b w x 2, c r x 1, c r x 2, d r x 2, d r x 1',
      ['sequential', 'causal+'],
    ],
    [
      'a session sees concurrent writes flip',
      'a w x 1, b w x 2, c r x 1, c r x 2, c r x 1',
      ['sequential', 'causal+', 'causal memory', 'pram', 'monotonic reads'],
    ],
    [
      'an answer seen before its question',
      'a w x 1, b r x 1, b w y 2, c r y 2, c r x -',
      ['sequential', 'causal', 'causal+', 'causal memory', 'writes follow reads'],
    ],
    [
      'an answer that replaced its question, seen first',
      'a w x 1, b r x 1, b w x 2, c r x 2, c r x 1',
      ['sequential', 'causal', 'causal+', 'causal memory', 'writes follow reads'],
    ],
    [
      'a session’s writes to two keys seen out of order',
      'a w x 1, a w y 2, b r y 2, b r x -',
      ['sequential', 'causal', 'causal+', 'causal memory', 'pram', 'monotonic writes'],
    ],
    [
      'a session’s write not seen by itself',
      'a w x 1, a r x -',
      ['sequential', 'causal', 'causal+', 'causal memory', 'pram', 'read your writes'],
    ],
    [
      'a session that goes back to the initial value',
      'a w x 1, b r x 1, b r x -',
      ['sequential', 'causal', 'causal+', 'causal memory', 'pram', 'monotonic reads'],
    ],
    [
      'a session that goes back to what it had read',
      'a w x 1, a w x 2, b r x 1, b r x 2, b r x 1',
      ['sequential', 'causal', 'causal+', 'causal memory', 'pram', 'monotonic reads'],
    ],
    ['two compare-and-sets of one value', 'a c x ->1, b c x ->2', ['sequential']],
    ['an indefinite write that takes effect late', 'a w x 1?, a w x 2, b r x 2, b r x 1', []],
  ];

  test.each(BOOK)('%s', (_, text, expected) => expect(broken(sessionsFrom(text))).toEqual(expected));

  test('a value from nowhere, and one of a failed write, are told apart', () => {
    expect(checkCausal(sessionsFrom('a w x 1, b r x 7'), 'causal').message).toBe(
      'b read x=7 (1.0000–1.5000 s), but nobody had written it',
    );
    expect(checkCausal(sessionsFrom('a w x 1!, b r x 1'), 'causal').message).toMatch(
      /although a's write of x=1 .* failed and nothing else wrote it/,
    );
  });

  test('a violation says who, what and why', () => {
    const { message, witness } = checkCausal(
      sessionsFrom('d w z 9, a w x 1, b r x 1, b w y 2, d r z 9, c r y 2, c r x -'),
      'causal',
    );
    expect(message).toBe(
      "c read x=null (6.0000–6.5000 s), the initial value, although a's write of x=1 (1.0000–1.5000 s) comes before that read: " +
        "a's write of x=1 → b's read of x=1: b saw it; b's read of x=1 → b's write of y=2: b did one after the other; " +
        "b's write of y=2 → c's read of y=2: c saw it; c's read of y=2 → c's read of x=null: c did one after the other",
    );
    expect(witness?.operations).toEqual([1, 2, 3, 5, 6]);
    expect(witness?.edges?.map(({ before, after }) => [before, after])).toEqual([
      [1, 2],
      [2, 3],
      [3, 5],
      [5, 6],
    ]);
  });
});

describe('what cannot be decided is said', () => {
  test('a value that was read and written twice leaves the causal family undecided, with the reason', () => {
    const { status, message } = checkCausal(sessionsFrom('a w x 1, b w x 1, c r x 1'), 'causal');
    expect(status).toBe('undecided');
    expect(message).toBe(
      'x=1 was written more than once, and read by c (operation 2): who read from whom is not known; write unique values',
    );
  });

  test('a value written twice that nobody read does no harm', () => {
    expect(checkCausal(sessionsFrom('a w x 1, b w x 1, c w x 2, c r x 2'), 'causal').status).toBe('held');
  });

  test('sequential consistency copes with repeated values, and stops at its budget', () => {
    expect(checkSequential(sessionsFrom('a w x 1, b w x 1, c r x 1')).status).toBe('held');
    const operations = randomHistory(11, {
      operations: 60,
      clients: 6,
      values: 2,
      reads: 55,
      cas: 0,
      indefinite: 0,
      failed: 0,
      wrong: 60,
    });
    expect(checkSequential(operations, { budget: 2 })).toEqual({
      status: 'undecided',
      message: '2 moves were not enough to find or to refute an order',
      steps: 2,
    });
    expect(() => checkSequential(operations, { budget: 0 })).toThrow(
      'budget: got 0, expected a whole number of moves, at least 1',
    );
  });

  test('a client with two operations open at once is no session', () => {
    const [one, two] = sessionsFrom('a w x 1, a r x 1') as [Operation, Operation];
    expect(checkCausal([{ ...one, completed: 5 }, two], 'causal')).toMatchObject({
      status: 'undecided',
      message: expect.stringContaining('that is no session'),
    });
  });
});

describe('brute force agrees', () => {
  test('about every model, and the operations shown suffice, on 1,500 histories with unique values', () => {
    for (let seed = 0; seed < 1_500; seed++)
      expect([seed, judgeSessions(smallSessions(seed, true), true)]).toEqual([seed, undefined]);
  });

  test('about sequential consistency of repeated values, on 1,500 histories', () => {
    for (let seed = 0; seed < 1_500; seed++) {
      const operations = smallSessions(seed, false);
      expect([seed, checkSequential(operations).status]).toEqual([
        seed,
        bruteSequential(operations) ? 'held' : 'violated',
      ]);
    }
  });
});

describe('laws', () => {
  /** If a history has the first, it has the others. */
  const STRONGER: readonly (readonly [Model, readonly Model[]])[] = [
    ['sequential', ['causal', 'causal+', 'causal memory', 'pram']],
    ['causal+', ['causal', 'read your writes', 'monotonic reads', 'monotonic writes', 'writes follow reads']],
    ['causal memory', ['causal', 'pram', 'writes follow reads']],
    ['causal', ['read your writes', 'monotonic writes', 'writes follow reads']],
    ['pram', ['read your writes', 'monotonic reads', 'monotonic writes']],
  ];

  test('a stronger model implies the weaker ones', () => {
    for (let seed = 0; seed < 600; seed++) {
      const operations = storeHistory(
        seed,
        {
          sticky: seed % 3 > 0,
          delivery: (['any', 'fifo', 'causal'] as const)[seed % 4] ?? 'causal',
          lastWriterWins: seed % 2 === 0,
        },
        14,
      );
      const status = new Map(MODELS.map((model): [Model, Status] => [model, check(operations, model).status]));
      for (const [strong, weaker] of STRONGER) {
        if (status.get(strong) === 'held')
          expect([seed, strong, weaker.filter((model) => status.get(model) !== 'held')]).toEqual([seed, strong, []]);
      }
    }
  });

  test('a linearizable history is sequentially consistent, and a wrong answer in it is found', () => {
    let found = 0;
    for (let seed = 0; seed < 40; seed++) {
      const operations = randomHistory(seed, {
        operations: 80,
        clients: 5,
        values: 0,
        reads: 60,
        cas: 10,
        indefinite: 5,
        failed: 5,
        wrong: 0,
      });
      expect(checkRegister(operations).status).toBe('held');
      expect([seed, checkSequential(operations).status]).toEqual([seed, 'held']);
      const below = numbers(seed);
      const reads = operations.filter(({ f, outcome }) => f === 'read' && outcome === 'ok');
      const culprit = reads[reads.length - 1 - below(5)]?.id;
      const mutated = operations.map((op) => (op.id === culprit ? { ...op, output: null } : op));
      if (
        mutated.some(({ f, output, id }) => f === 'read' && id !== culprit && output !== null) &&
        checkSequential(mutated).status === 'violated'
      )
        found++;
    }
    expect(found).toBeGreaterThan(35);
  });
});

describe('a store for each model, and one that breaks it', () => {
  const runs = Array.from({ length: 60 }, (_, seed) => seed);
  const brokenBy = (configuration: StoreConfiguration, length?: number): Set<Model> =>
    new Set(runs.flatMap((seed) => broken(storeHistory(seed, configuration, length))));
  const sorted = (models: Iterable<Model>): Model[] => MODELS.filter((model) => [...models].includes(model));

  test('sticky sessions, causal delivery, the last applied wins: causal memory, not one order of writes', () => {
    expect(sorted(brokenBy({ sticky: true, delivery: 'causal', lastWriterWins: false }))).toEqual([
      'sequential',
      'causal+',
    ]);
  });

  test('sticky sessions, causal delivery, timestamps: causal+, not sequential', () => {
    expect(sorted(brokenBy({ sticky: true, delivery: 'causal', lastWriterWins: true }))).not.toContain('causal+');
  });

  test('sticky sessions, a session’s writes in order: PRAM, not causal', () => {
    expect(sorted(brokenBy({ sticky: true, delivery: 'fifo', lastWriterWins: false }, 60))).toEqual([
      'sequential',
      'causal',
      'causal+',
      'causal memory',
      'writes follow reads',
    ]);
  });

  test('sticky sessions, any order, timestamps: its own writes and its reads stay in order, others’ do not', () => {
    const found = brokenBy({ sticky: true, delivery: 'any', lastWriterWins: true });
    expect(found).toContain('monotonic writes');
    expect(found).toContain('pram');
    expect(found).not.toContain('read your writes');
    expect(found).not.toContain('monotonic reads');
  });

  test('sessions that go anywhere break what a session was promised', () => {
    const found = brokenBy({ sticky: false, delivery: 'causal', lastWriterWins: true });
    expect(found).toContain('read your writes');
    expect(found).toContain('monotonic reads');
  });
});

describe('version numbers of the store', () => {
  /** Versions by value, as the store numbered them. */
  const numberedBy = (versions: Readonly<Record<string, number>>) => ({
    version: (op: Operation) => versions[String(op.f === 'read' ? op.output : op.input)] ?? 0,
  });
  const brokenWith = (text: string, versions: Readonly<Record<string, number>>) =>
    (['read your writes', 'monotonic reads', 'monotonic writes', 'writes follow reads'] as const).filter(
      (guarantee) => checkGuarantee(sessionsFrom(text), guarantee, numberedBy(versions)).status === 'violated',
    );

  test('show what values alone do not: each guarantee broken, and only it', () => {
    expect(brokenWith('a w x 1, b w x 2, a r x 2', { 1: 2, 2: 1 })).toEqual(['read your writes']);
    expect(brokenWith('a w x 1, b w x 2, c r x 1, c r x 2', { 1: 2, 2: 1 })).toEqual(['monotonic reads']);
    expect(brokenWith('a w x 1, a w x 2', { 1: 2, 2: 1 })).toEqual(['monotonic writes']);
    expect(brokenWith('a w x 1, b r x 1, b w x 2', { 1: 2, 2: 1 })).toEqual(['writes follow reads']);
    expect(brokenWith('a w x 1, b r x 1, b w x 2, a r x 2', { 1: 1, 2: 2 })).toEqual([]);
  });

  test('make unique values unnecessary', () => {
    const operations = sessionsFrom('a w x 1, b w x 1, c r x 1, c r x 1');
    expect(checkGuarantee(operations, 'monotonic reads').status).toBe('undecided');
    expect(checkGuarantee(operations, 'monotonic reads', { version: ({ id }) => [1, 2, 2, 1][id] }).status).toBe(
      'violated',
    );
  });
});
