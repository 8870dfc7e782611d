/** How long the checkers take, with the machine to themselves. */
import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { labelledHistories, readHistory } from './labelled-histories.ts';
import { pace } from '../support/pace.ts';
import { busyHistory, randomHistory } from './register-histories.ts';

/** The best of a few runs, in milliseconds of a machine as usual. */
function milliseconds(work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < 8; run++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best / pace();
}

test('all etcd histories take under 100 ms, witnesses included', () => {
  const folder = labelledHistories('etcd');
  if (folder === undefined) return;
  const histories = readdirSync(folder).map((name) => readHistory(folder + name));
  expect(
    milliseconds(() => histories.forEach((rows) => checkRegister(rows, { failedCasObserves: true }))),
  ).toBeLessThan(100);
});

test('1,000 operations of 20 busy clients with unique values take under 5 ms', () => {
  const rows = randomHistory(5, {
    operations: 1_000,
    clients: 20,
    values: 0,
    reads: 50,
    cas: 0,
    indefinite: 0,
    failed: 0,
    wrong: 0,
  });
  expect(milliseconds(() => expect(checkRegister(rows).status).toBe('held'))).toBeLessThan(5);
});

test('2,000 operations of 20 clients over 5 values with 14 crashed ones take under a second', () => {
  for (let seed = 0; seed < 10; seed++) {
    const rows = busyHistory(seed, 0);
    expect(milliseconds(() => expect(checkRegister(rows).status).toBe('held'))).toBeLessThan(1_000);
  }
});
