import { afterAll, describe, expect, test } from '@jest/globals';
import { HistoryFolder, judgedIn, STALE, type Answer } from './check-history-run.ts';

const histories = new HistoryFolder();
const checkHistory = (...args: string[]): Promise<Answer> => histories.check(...args);
const file = (name: string, text: string): string => histories.file(name, text);
afterAll(() => histories.remove());

const events = (...rows: [f: string, value?: unknown, output?: unknown][]): string =>
  rows
    .flatMap(([f, value, output]) => [
      { type: 'invoke', client: 'a', f, value },
      { type: 'ok', client: 'a', f, value: output },
    ])
    .map((event) => JSON.stringify(event))
    .join('\n');

describe('without --model', () => {
  test.each<[string, string]>([
    ['register', events(['write', 1], ['read', undefined, 1])],
    ['register', events(['cas', [null, 1]])],
    ['append-store', events(['append', 'x'], ['get', undefined, 'x'])],
    ['counter', events(['add', 2], ['read', undefined, 2])],
    ['grow-only-set', events(['add', 2], ['read', undefined, [2]])],
    ['element-set', events(['add', 2], ['contains', 2, true])],
    ['fifo-queue', events(['enqueue', 2], ['dequeue', undefined, 2])],
    ['fenced-lock', events(['acquire', undefined, 1], ['use', 1])],
    ['unique-ids', events(['generate', undefined, 'a'])],
    ['timestamp-oracle', events(['timestamp', undefined, 1])],
  ])('%s is known by its operations', async (model, text) => {
    const { code, out } = await checkHistory(file('inferred.jsonl', text), '--json');
    expect(code).toBe(0);
    expect(judgedIn(out)).toMatchObject([{ model, inferred: true }]);
  });

  test.each([
    ['locks, which may have an owner or not', events(['acquire'], ['release'])],
    ['reads alone', events(['read', undefined, 1])],
    ['additions that nobody reads', events(['add', 1])],
    ['operations of two objects', events(['enqueue', 1], ['write', 1])],
    ['transactions, whose level nobody says', events(['txn', [['append', 'x', 1]]])],
  ])('%s are refused: somebody has to say which', async (_name, text) => {
    const { code, err } = await checkHistory(file('open.jsonl', text));
    expect(code).toBe(2);
    expect(err).toMatch(/--model: got undefined, expected one of register, .*do not tell which/);
  });
});

describe('weaker models and transactions', () => {
  test.each<[string, number]>([
    ['sequential', 0],
    ['causal', 0],
    ['causal-plus', 0],
    ['causal-memory', 0],
    ['pram', 0],
    ['read-your-writes', 0],
    ['monotonic-reads', 0],
    ['monotonic-writes', 0],
    ['writes-follow-reads', 0],
    ['register', 1],
  ])('a stale read of another client, held against %s: exit %d', async (model, code) => {
    expect((await checkHistory(file('stale.jsonl', STALE.join('\n')), '-m', model)).code).toBe(code);
  });

  test.each<[string, number]>([
    ['sequential', 1],
    ['causal', 1],
    ['pram', 1],
    ['read-your-writes', 1],
    ['monotonic-reads', 0],
  ])('a client that does not see its own write, held against %s: exit %d', async (model, code) => {
    const path = file('own.jsonl', events(['write', 1], ['read', undefined, null]));
    expect((await checkHistory(path, '-m', model)).code).toBe(code);
  });

  const SKEW =
    '[{:process 0 :type :invoke :f :txn :value [[:r x nil] [:append y 1]]}\n{:process 1 :type :invoke :f :txn :value [[:r y nil] [:append x 1]]}\n' +
    '{:process 0 :type :ok :f :txn :value [[:r x nil] [:append y 1]]}\n{:process 1 :type :ok :f :txn :value [[:r y nil] [:append x 1]]}\n' +
    '{:process 2 :type :invoke :f :txn :value [[:r x nil] [:r y nil]]} {:process 2 :type :ok :f :txn :value [[:r x [1]] [:r y [1]]]}]';
  test.each<[string, number]>([
    ['read-committed', 0],
    ['snapshot-isolation', 0],
    ['serializable', 1],
    ['strict-serializable', 1],
  ])('write skew in EDN, held against %s: exit %d', async (model, code) => {
    const { code: found, out } = await checkHistory(file('skew.edn', SKEW), '-m', model);
    expect(found).toBe(code);
    if (code === 1) expect(out).toContain('G2');
  });
});
