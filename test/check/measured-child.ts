/** One large history, checked in a process of its own, and once more: prints what it took, and the most memory that it held at first. */
import { writeSync } from 'node:fs';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import { cpuTime, pace } from '../support/pace.ts';
import { LARGE, largeHistory } from './large-histories.ts';
import { randomHistory, type Shape } from './register-histories.ts';
import { largeTransactions } from './transaction-histories.ts';

const BUSY: Shape = {
  operations: 2_000,
  clients: 20,
  values: 5,
  reads: 50,
  cas: 10,
  indefinite: 2,
  failed: 0,
  wrong: 0,
  indefiniteAtMost: 14,
};

/** Makes a history and returns what checks it. */
function prepared(name: string): () => string {
  if (name === 'transactions') {
    const operations = largeTransactions(1, 100_000, 10);
    return () => checkTransactions(operations, 'strict serializable').status;
  }
  if (name === 'busy register') {
    const histories = Array.from({ length: 10 }, (_, seed) => randomHistory(seed, BUSY));
    return () => [...new Set(histories.map((operations) => checkRegister(operations).status))].join(' ');
  }
  const large = LARGE[name];
  if (large === undefined) throw new Error(`no history ${name}`);
  const operations = largeHistory(large, 200_000);
  return () => large.specification.decide(operations).status;
}

const check = prepared(process.argv[2] ?? '');
const begin = cpuTime();
const status = check();
const milliseconds = cpuTime() - begin;
// In KiB.
const mebibytes = process.resourceUsage().maxRSS / 1024;
const slower = pace();
const again = cpuTime();
check();
const best = Math.min(milliseconds, cpuTime() - again);
writeSync(1, JSON.stringify({ status, milliseconds, best, mebibytes, slower }));
