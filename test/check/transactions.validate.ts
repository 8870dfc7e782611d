import { expect, test } from '@jest/globals';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import { largeTransactions } from './transaction-histories.ts';
import { judgeTransactions } from './transaction-judge.ts';

test('every isolation level agrees with brute force on 100,000 histories', () => {
  let undecided = 0;
  for (let seed = 1_000_000; seed < 1_100_000; seed++) {
    const judged = judgeTransactions(seed);
    if (judged.fault !== undefined) throw new Error(`seed ${seed}: ${judged.fault}`);
    if (judged.undecided) undecided++;
  }
  expect(undecided).toBeLessThan(100);
});

test('a wrong read among 100,000 transactions is found, in under 10 s', () => {
  const operations = largeTransactions(2, 100_000, 10).map((op) => ({ ...op }));
  const late = operations.findLast(({ output }) =>
    (output as [string, string, unknown][]).some(([f, , seen]) => f === 'r' && (seen as unknown[]).length > 50),
  );
  if (late === undefined) throw new Error('no read of a long list');
  late.output = (late.output as unknown[][]).map(([f, key, seen]) => [
    f,
    key,
    f === 'r' ? (seen as unknown[]).slice(0, -4) : seen,
  ]);
  const begin = performance.now();
  const { status, witness } = checkTransactions(operations, 'strict serializable');
  expect([status, witness?.operations.includes(late.id)]).toEqual(['violated', true]);
  expect(performance.now() - begin).toBeLessThan(10_000);
});
