/** For each level a store that keeps it in every run, and breaks what is stronger in some; each wrong answer in it is found. */
import { describe, expect, test } from '@jest/globals';
import { checkStaleness } from '../../sim/check/consistency/bounded-staleness.ts';
import { checkSequential } from '../../sim/check/consistency/check-sessions.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import type { Level } from '../../sim/check/transactions/levels.ts';
import { ms } from '../../sim/base/time.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { isolatedHistory, type StoreKind } from './isolated-store.ts';
import { numbers } from './register-histories.ts';

const RUNS = 60;
const seeds = Array.from({ length: RUNS }, (_, seed) => seed);

describe('isolation', () => {
  const refutedIn = (kind: StoreKind, level: Level): number =>
    seeds.filter((seed) => {
      const { status, message } = checkTransactions(isolatedHistory(seed, kind), level);
      if (status === 'undecided') throw new Error(`${kind}, seed ${seed}, ${level}: ${message}`);
      return status === 'violated';
    }).length;

  test.each<[StoreKind, Level | undefined, Level | undefined]>([
    ['dirty writes', undefined, 'read uncommitted'],
    ['dirty reads', 'read uncommitted', 'read committed'],
    ['committed reads', 'read committed', 'read atomic'],
    ['snapshot', 'snapshot isolation', 'serializable'],
    ['stale snapshot', 'serializable', 'strict serializable'],
    ['validated', 'strict serializable', undefined],
  ])('a store with %s keeps %s, and not %s', (kind, kept, broken) => {
    if (kept !== undefined) expect(refutedIn(kind, kept)).toBe(0);
    if (broken !== undefined) expect(refutedIn(kind, broken)).toBeGreaterThan(RUNS / 10);
  });

  test('a strict serializable history in which one read is turned round is refuted', () => {
    for (const seed of seeds.slice(0, 20)) {
      const operations = isolatedHistory(seed, 'validated').map((op) => ({ ...op }));
      const isLong = (op: Operation): boolean =>
        op.outcome === 'ok' &&
        (op.output as [string, string, number[]][]).some(([f, , seen]) => f === 'r' && seen.length > 1);
      const culprit = operations.find(isLong);
      if (culprit === undefined) continue;
      culprit.output = (culprit.output as [string, string, unknown][]).map(([f, key, seen]) =>
        f === 'r' && (seen as number[]).length > 1 ? [f, key, (seen as number[]).toReversed()] : [f, key, seen],
      );
      expect([seed, checkTransactions(operations, 'strict serializable').status]).toEqual([seed, 'violated']);
    }
  });
});

/**
 * One log of writes, three sessions, each at a replica of its own that has applied a prefix; one operation after another. A session sees
 * its own writes; `lag`: how old, in events, what a replica has not applied may be.
 */
function logHistory(seed: number, lag: number): Operation[] {
  const below = numbers(seed);
  const log: { value: number; event: number }[] = [];
  const applied = [0, 0, 0];
  const operations: Operation[] = [];
  for (let event = 1; operations.length < 24; event += 2) {
    const session = below(3);
    const isWrite = below(3) === 0;
    if (isWrite) log.push({ value: log.length + 1, event });
    const due = log.filter((write) => write.event <= event - lag).length;
    const least = Math.max(isWrite ? log.length : 0, applied[session] as number, due);
    applied[session] = least + below(log.length - least + 1);
    const seen = log[(applied[session] as number) - 1]?.value ?? null;
    operations.push({
      ...{ id: operations.length, client: `s${session}`, f: isWrite ? 'write' : 'read', key: 'x', outcome: 'ok' },
      ...{ input: isWrite ? log.length : undefined, output: isWrite ? undefined : seen },
      ...{ invoked: event, completed: event + 1, invokedAt: event * 1_000, completedAt: event * 1_000 + 500 },
    } as Operation);
  }
  return operations;
}

describe('one log of writes, replicas that lag', () => {
  const violations = (lag: number, decide: (operations: readonly Operation[]) => { readonly status: string }): number =>
    seeds.filter((seed) => decide(logHistory(seed, lag)).status === 'violated').length;

  test('without lag it is linearizable', () => {
    expect(violations(0, checkRegister)).toBe(0);
  });

  test('with lag it is sequentially consistent, and not linearizable', () => {
    expect(violations(1_000, checkSequential)).toBe(0);
    expect(violations(1_000, checkRegister)).toBeGreaterThan(RUNS / 2);
  });

  test('with a lag of at most 10 ms it is stale by at most that, and by more than 4 ms at times', () => {
    const within = (bound: number) => (operations: readonly Operation[]) => checkStaleness(operations, bound);
    expect(violations(10, within(ms(11)))).toBe(0);
    expect(violations(10, within(ms(4)))).toBeGreaterThan(RUNS / 10);
    expect(violations(1_000, within(ms(11)))).toBeGreaterThan(RUNS / 4);
  });

  test('with a session that forgets what it saw it is not even sequentially consistent', () => {
    const forgetful = seeds.filter((seed) => {
      const operations = logHistory(seed, 1_000);
      const reads = operations.filter(({ f, client, output }) => f === 'read' && client === 's0' && output !== null);
      const late = reads.at(-1);
      if (late === undefined) return false;
      const changed = operations.map((op) => (op === late ? { ...op, output: null } : op));
      return checkSequential(changed).status === 'violated';
    });
    expect(forgetful.length).toBeGreaterThan(RUNS / 2);
  });
});
