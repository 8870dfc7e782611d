import { expect, test } from '@jest/globals';
import { checkSequential } from '../../sim/check/consistency/check-sessions.ts';
import { checkStaleness, checkVersionsBehind } from '../../sim/check/consistency/bounded-staleness.ts';
import { randomHistory } from './register-histories.ts';
import { smallHistory } from './register-oracle.ts';
import { judgeSessions } from './session-judge.ts';
import { bruteSequential, smallSessions } from './session-oracle.ts';
import { bruteStale, bruteVersionsBehind } from './staleness-oracle.ts';

/** What is undecided in a fuzzed comparison, of all. */
const FEW = 0.001;

test('every session model agrees with brute force on 100,000 histories with unique values', () => {
  for (let seed = 1_000_000; seed < 1_100_000; seed++) {
    const fault = judgeSessions(smallSessions(seed, true), seed % 10 === 0);
    if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}`);
  }
});

test('sequential consistency of repeated values agrees with brute force on 100,000 histories', () => {
  let undecided = 0;
  for (let seed = 2_000_000; seed < 2_100_000; seed++) {
    const operations = smallSessions(seed, false);
    const { status, message } = checkSequential(operations);
    if (status === 'undecided') undecided++;
    else if ((status === 'held') !== bruteSequential(operations))
      throw new Error(`seed ${seed}: ${status}: ${message}`);
  }
  expect(undecided).toBeLessThan(FEW * 100_000);
});

test('bounded staleness agrees with brute force on 100,000 histories each, in time and in versions', () => {
  for (let seed = 3_000_000; seed < 3_100_000; seed++) {
    const operations = smallHistory(seed);
    const within = [500, 1_500, 3_000, 6_000][seed % 4] as number;
    const found = checkStaleness(operations, within).status;
    if (found !== (bruteStale(operations, within) ? 'held' : 'violated'))
      throw new Error(`seed ${seed}: ${found} within ${within}`);
    const unique = randomHistory(seed, {
      operations: 10,
      clients: 4,
      values: 0,
      reads: 55,
      cas: 0,
      indefinite: 5,
      failed: 5,
      wrong: 50,
    });
    const [most, versions] = [bruteVersionsBehind(unique), seed % 3];
    const behind = checkVersionsBehind(unique, versions).status;
    if (behind !== (most === undefined ? 'undecided' : most > versions ? 'violated' : 'held'))
      throw new Error(`seed ${seed}: ${behind}, ${most} behind`);
  }
});

test('sequential consistency of 1,000 operations by 20 clients is decided without running out of moves, right answers and wrong', () => {
  for (let seed = 0; seed < 20; seed++) {
    const right = randomHistory(seed, {
      operations: 1_000,
      clients: 20,
      values: 0,
      reads: 60,
      cas: 5,
      indefinite: 2,
      failed: 2,
      wrong: 0,
    });
    expect(checkSequential(right).status).toBe('held');
    const wrong = randomHistory(seed, {
      operations: 1_000,
      clients: 20,
      values: 0,
      reads: 60,
      cas: 5,
      indefinite: 2,
      failed: 2,
      wrong: 2,
    });
    const { status, witness } = checkSequential(wrong);
    expect(status).toBe('violated');
    expect(witness?.operations.length).toBeLessThanOrEqual(12);
  }
});
