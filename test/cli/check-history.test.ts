import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkHistories } from '../../cli/commands/check-history.ts';
import { ConfigError, SimulationError } from '../../sim/index.ts';
import { labelledHistories, LINEARIZABLE_ETCD } from '../check/labelled-histories.ts';
import { numbers } from '../check/register-histories.ts';
import { HistoryFolder, judgedIn, STALE, type Answer } from './check-history-run.ts';

const histories = new HistoryFolder();
const { path: folder } = histories;
const checkHistory = (...args: string[]): Promise<Answer> => histories.check(...args);
const file = (name: string, text: string): string => histories.file(name, text);
afterAll(() => histories.remove());

const filesOf = (where: string): string[] =>
  readdirSync(where)
    .sort()
    .map((name) => where + name);

describe('labelled histories', () => {
  test('of an etcd cluster get their verdicts, with at most 12 operations that must have happened', async () => {
    const where = labelledHistories('etcd');
    if (where === undefined) return;
    const { code, out } = await checkHistory('--json', ...filesOf(where));
    expect(code).toBe(1);
    for (const { file: name, status, witness } of judgedIn(out)) {
      const expected = LINEARIZABLE_ETCD.includes(name.slice(-7, -4)) ? 'held' : 'violated';
      expect([name, status]).toEqual([name, expected]);
      expect(witness?.mandatory.length ?? 0).toBeLessThanOrEqual(12);
    }
  });

  test('of key-value stores get the verdicts of their names', async () => {
    const where = labelledHistories('kv');
    if (where === undefined) return;
    const { out } = await checkHistory('--json', ...filesOf(where));
    const judged = judgedIn(out);
    expect(judged.length).toBeGreaterThan(0);
    for (const { file: name, status } of judged)
      expect([name, status]).toEqual([name, name.includes('-ok') ? 'held' : 'violated']);
  });

  test.each([
    ['good', 'held', 0],
    ['bad', 'violated', 1],
  ])('of Knossos that are %s', async (kind, status, expected) => {
    const where = labelledHistories(`knossos/${kind}`);
    if (where === undefined) return;
    const { code, out } = await checkHistory('--model', 'register', '--initial', '0', '--json', ...filesOf(where));
    expect(code).toBe(expected);
    expect(new Set(judgedIn(out).map((one) => one.status))).toEqual(new Set([status]));
  });
});

test('a folder of labelled histories is judged by one command, the models inferred', async () => {
  const where = labelledHistories('.');
  if (where === undefined) return;
  const { code, out, err } = await checkHistory('--json', where);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  const wrong = judgedIn(out).filter(({ file: name, status }) => {
    const isGood = name.includes('/etcd/')
      ? LINEARIZABLE_ETCD.includes(name.slice(-7, -4))
      : name.includes('/good/') || name.includes('-ok');
    return status !== (isGood ? 'held' : 'violated');
  });
  expect(wrong).toEqual([]);
  expect(new Set(judgedIn(out).map(({ model }) => model))).toEqual(new Set(['register', 'append-store']));
});

describe('a violation', () => {
  test('is told with the lines of its operations', async () => {
    const path = file('stale.jsonl', STALE.join('\n'));
    const { code, out, err } = await checkHistory(path, '-m', 'register');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out.replaceAll(`${folder}/`, '').split('\n')).toEqual([
      '✗ stale.jsonl  register  violated  2 operations',
      '    c7 read null (0.0020–0.0030 s) although 1 had been acknowledged to a at 0.0010 s, before this read began; null is only the initial value',
      '    #0    line 1     a write 1  ok',
      '    #1    line 3     c7 read → null  ok',
      '    #0 before #1: real time: a ended at 0.0010 s, c7 began at 0.0020 s',
      "    #1 before #0: overwritten: a's write of 1 came when null was over, so c7, which observed null, comes before it",
    ]);
  });

  test('has the same ids in JSON', async () => {
    const { out } = await checkHistory(file('stale.jsonl', STALE.join('\n')), '-m', 'register', '--json');
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      histories: [
        {
          format: 'jsonl',
          model: 'register',
          operations: 2,
          status: 'violated',
          witness: { operations: [0, 1] },
          shown: [
            { id: 0, line: 1 },
            { id: 1, line: 3 },
          ],
        },
      ],
    });
  });
});

test('the files of a folder are judged by name, those in folders below included, and summed up', async () => {
  const below = join(folder, 'many', 'below');
  mkdirSync(below, { recursive: true });
  writeFileSync(join(folder, 'many', 'b.jsonl'), STALE.join('\n'));
  writeFileSync(join(folder, 'many', 'notes.md'), 'no history');
  writeFileSync(join(below, 'c.edn'), '[{:process 0 :type :invoke :f :write :value 1}]');
  writeFileSync(join(folder, 'many', 'd.log'), 'hello');
  const { code, out, err } = await checkHistory(join(folder, 'many'));
  expect(code).toBe(2);
  const rows = out.replaceAll(`${folder}/`, '').split('\n');
  expect(rows.filter((row) => !row.startsWith(' '))).toEqual([
    '✗ many/b.jsonl  register (inferred)  violated  2 operations',
    '✓ many/below/c.edn  register (inferred)  held  1 operations',
    '2 histories: 1 held, 1 violated, 1 unreadable',
  ]);
  expect(err).toContain('many/d.log:1: got "hello"');
});

describe('formats', () => {
  const whole = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
  const write = { client: 'a', f: 'write', input: 1, outcome: 'ok', invoked: 1, completed: 5 };

  test.each<[string, string, string[], number]>([
    [
      'whole operations, in any order',
      whole([{ client: 'b', f: 'read', output: null, outcome: 'ok', invoked: 6, completed: 7 }, write]),
      ['register'],
      1,
    ],
    [
      'equal instants are concurrent',
      whole([{ client: 'b', f: 'read', output: null, outcome: 'ok', invoked: 5, completed: 7 }, write]),
      ['register'],
      0,
    ],
    [
      'operations that never completed',
      whole([
        { ...write, outcome: 'info' },
        { client: 'b', f: 'read', output: 1, outcome: 'ok', invoked: 90, completed: 91 },
      ]),
      ['register'],
      0,
    ],
    [
      'a byte order mark, carriage returns, blank lines',
      `\uFEFF\r\n${STALE.slice(0, 2).join('\r\n')}\r\n\r\n`,
      ['register'],
      0,
    ],
    ['events with a clock', STALE.map((line, i) => line.replace('{', `{"at":${i * 10},`)).join('\n'), ['register'], 1],
    [
      'a queue in EDN',
      '[{:process 0 :type :invoke :f :enqueue :value 1}\n{:process 0 :type :ok :f :enqueue :value 1} {:process :nemesis :type :info :f :start}\n{:process 1 :type :invoke :f :dequeue :value nil}\n#_ {} {:process 1 :type :ok :f :dequeue :value nil}]',
      ['fifo-queue'],
      1,
    ],
    [
      'a counter in EDN, where an addition repeats its amount',
      '({:process 0 :type :invoke :f :add :value 2} {:process 0 :type :ok :f :add :value 2} {:process 1 :type :invoke :f :read} {:process 1 :type :ok :f :read :value 2 :time 40000})',
      ['counter'],
      2,
    ],
    [
      'a set in EDN',
      '{:process 0 :type :invoke :f :add :value 2} {:process 0 :type :ok :f :add :value 2} {:process 1 :type :invoke :f :read} {:process 1 :type :ok :f :read :value #{2}}',
      ['grow-only-set'],
      0,
    ],
    [
      'a log among other lines',
      'INFO  jepsen.core - hello\nINFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - :nemesis\t:info\t:start\nINFO  jepsen.util - 0\t:ok\t:write\t1',
      ['register'],
      0,
    ],
    ['an initial value', STALE.join('\n').replace('null', '5'), ['register', '--initial', '5'], 1],
    [
      'a budget that is too small',
      '[{:process 0 :type :invoke :f :acquire}{:process 1 :type :invoke :f :acquire}{:process 0 :type :ok :f :acquire}{:process 0 :type :invoke :f :release}{:process 0 :type :ok :f :release}{:process 1 :type :ok :f :acquire}]',
      ['mutex', '--budget', '1'],
      3,
    ],
  ])('%s', async (name, text, [model = '', ...rest], code) => {
    const answer = await checkHistory(file(`${name.length}.txt`, text), '--model', model, ...rest);
    expect({ ...answer, out: '', err: code === 2 ? '' : answer.err }).toEqual({ code, out: '', err: '' });
  });

  test('standard input is -', async () => {
    const { stdin } = process;
    Object.defineProperty(process, 'stdin', {
      value: Readable.from([Buffer.from(STALE.join('\n').slice(0, 60)), Buffer.from(STALE.join('\n').slice(60))]),
      configurable: true,
    });
    try {
      expect(await checkHistory('-', '-m', 'register')).toMatchObject({
        code: 1,
        out: expect.stringContaining('✗ stdin'),
      });
    } finally {
      Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
    }
  });
});

describe('bad input is exit 2 and one line that names the place', () => {
  const event = (rest: string): string => `{"type":"invoke","client":"a",${rest}}`;

  test.each<[string, string, string]>([
    ['no operations', '', 'bad.txt: got "", expected at least one operation'],
    ['an unknown format', '\n\nhello', 'bad.txt:3: got "hello", expected JSON lines, EDN or a log'],
    ['half a JSON object', `${STALE[0]}\n{"type":`, 'bad.txt:2: got "{\\"type\\":", expected one JSON object'],
    ['an unknown type', '{"type":"start"}', 'bad.txt:1: type: got "start", expected invoke, ok, fail or info'],
    ['no client', '{"type":"invoke","f":"read"}', 'bad.txt:1: process: got undefined, expected a text'],
    ['no operation name', event('"value":1'), 'bad.txt:1: f: got undefined'],
    ['a completion out of nowhere', STALE[1] as string, 'bad.txt:1: got "write", expected an invocation of it before'],
    [
      'another completion',
      `${STALE[0]}\n{"type":"ok","client":"a","f":"read"}`,
      'bad.txt:2: got "read", expected the completion of a\'s write of line 1',
    ],
    ['two operations at once', `${STALE[0]}\n${STALE[0]}`, "expected the completion of a's write of line 1 first"],
    [
      'a number that JSON cannot carry',
      event('"f":"write","value":9007199254740993'),
      'expected whole numbers up to 2^53',
    ],
    [
      'an operation that ends before it begins',
      '{"client":"a","f":"read","outcome":"ok","invoked":5,"completed":4}',
      'completed: got 4, expected at least invoked, which is 5',
    ],
    [
      'events and operations',
      `${STALE[0]}\n{"client":"a","f":"read","outcome":"ok","invoked":5,"completed":6}`,
      'bad.txt:2: got',
    ],
    [
      'a clock now and then',
      `${STALE[0]}\n{"type":"ok","client":"a","f":"write","at":5}`,
      'an instant with every event, or with none',
    ],
    [
      'an operation that the model does not have',
      STALE.join('\n').replaceAll('read', 'pop'),
      'bad.txt:3: f: got "pop", expected one of read, write, cas, which the model register has',
    ],
    ['EDN without an end', '[{:process 0', 'bad.txt:1: got "[", expected a closing ] before the end'],
    ['EDN with a wrong bracket', '[\n{:process 0)', 'bad.txt:2: got ")", expected }, for the { of line 2'],
    ['an EDN map with half an entry', '{:process}', 'expected a value for every key'],
    ['an EDN text without an end', '[\n"abc', 'bad.txt:2: got "\\"abc", expected a closing "'],
    ['a number that is none', '[1x]', 'got "1x", expected a number'],
    ['EDN that is no history', '[1 2]', 'expected a map with :process, :type'],
    ['a log line in pieces', 'INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok', 'bad.txt:2: got'],
    [
      'a compare-and-set of one value',
      event('"f":"cas","value":[1]'),
      'operation 0: input of cas: got [1], expected a pair [from, to]',
    ],
  ])('%s', async (_name, text, message) => {
    const { code, out, err } = await checkHistory(file('bad.txt', text), '--model', 'register');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err.split('\n')).toHaveLength(1);
  });

  test.each<[string[], string]>([
    [['--model', 'registr', 'x'], 'did you mean register?'],
    [['--format', 'yaml', 'x'], '--format: got "yaml", expected one of jsonl, edn, etcd, kv'],
    [['--initial', '{', '-m', 'register', 'x'], '--initial: got "{", expected JSON'],
    [['--budget', '0.5', '-m', 'register', 'x'], '--budget: got 0.5'],
    [['missing.jsonl', '-m', 'register'], 'history: got "missing.jsonl", expected a readable file (no such file)'],
    [
      ['-m', 'register', fileURLToPath(new URL('../../sim/base', import.meta.url))],
      'a folder with files that end with .jsonl',
    ],
    [['--modle', 'x', 'y'], 'did you mean --model?'],
    [[], 'Not enough'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await checkHistory(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  test('an initial value that the model does not have', async () => {
    const path = file('good.jsonl', STALE.join('\n'));
    expect((await checkHistory(path, '-m', 'mutex', '--initial', '1')).err).toContain(
      '--initial: got 1, expected a model that has an initial value',
    );
    expect((await checkHistory(path, '-m', 'counter', '--initial', '"x"')).err).toContain(
      '--initial: got "x", expected a whole number',
    );
  });

  test('of one file among several does not keep the others from being judged', async () => {
    const { code, out, err } = await checkHistory(
      file('bad.txt', 'x'),
      file('stale.jsonl', STALE.join('\n')),
      '-m',
      'register',
    );
    expect(code).toBe(2);
    expect(out).toContain('✗');
    expect(err).toContain('bad.txt:1');
  });
});

test('no malformed input ever shows a stack trace', async () => {
  const sources = [
    STALE.join('\n'),
    '[{:process 0, :type :invoke, :f :cas, :value [1 2]}\n {:process 0, :type :ok, :f :cas, :value "a\\n"}]',
    'INFO  jepsen.util - 0\t:invoke\t:cas\t[1 2]\nINFO  jepsen.util - 0\t:fail\t:cas\t:timed-out',
    '{"client":"a","f":"read","output":[1],"outcome":"ok","invoked":5,"completed":6}',
    '[{:process 0 :type :invoke :f :enqueue :value 1}{:process 0 :type :ok :f :enqueue :value 1}{:process 0 :type :invoke :f :dequeue}{:process 0 :type :ok :f :dequeue :value 2}]',
  ];
  const odd = [
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ':',
    '#',
    '#_',
    ';',
    '\n',
    '\t',
    'nil',
    'null',
    '1e999',
    '-',
    '__proto__',
    '\u0000',
    '\uD800',
    ',',
    '9'.repeat(30),
  ];
  const silent = { out: () => undefined, err: () => undefined, colour: false };
  const codes = new Set<number>();
  for (let seed = 1; seed <= 600; seed++) {
    const below = numbers(seed);
    let text = sources[below(sources.length)] as string;
    for (let i = 0; i <= below(4); i++) {
      const at = below(text.length + 1);
      text = text.slice(0, at) + (below(3) === 0 ? '' : (odd[below(odd.length)] as string)) + text.slice(at + below(3));
    }
    const model = [
      'register',
      'fifo-queue',
      'append-store',
      'counter',
      'grow-only-set',
      'element-set',
      'fifo-queue',
      'owned-lock',
      'fenced-lock',
      'unique-ids',
      'timestamp-oracle',
    ][below(11)] as string;
    try {
      codes.add(await checkHistories({ files: [file('odd.txt', text)], model, json: below(4) === 0 }, silent));
    } catch (error) {
      // These two the command line turns into exit 2 and one line.
      if (!(error instanceof ConfigError || error instanceof SimulationError))
        throw new Error(`seed ${seed}: ${String(error)}: ${text}`);
      codes.add(2);
    }
  }
  expect(codes).toEqual(new Set([0, 1, 2]));
});
