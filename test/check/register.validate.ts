import { expect, test } from '@jest/globals';
import { registerSearch, searchRegister } from '../../sim/check/linearizability/guided-search.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { learnNearby } from '../../sim/check/linearizability/refuted-nearby.ts';
import { refused, registerSteps, ValueNumbers } from '../../sim/check/linearizability/register-step.ts';
import type { RegisterStep } from '../../sim/check/linearizability/register-step.ts';
import { checkUniqueRegister } from '../../sim/check/linearizability/unique-register.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { explainable, registerSpec } from './brute-force.ts';
import { busyHistory, numbers, randomHistory } from './register-histories.ts';
import { judge, smallHistory } from './register-oracle.ts';

test('verdicts, witnesses and legal values agree with brute force on 150,000 histories', () => {
  for (let seed = 1_000_000; seed < 1_150_000; seed++) {
    const { result, fault } = judge(smallHistory(seed), seed % 2 === 0);
    if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}: ${result.message}`);
  }
});

/** Gives some optional steps a deadline, and makes some required ones optional, in the steps and in the operations alike. */
function withDeadlines(seed: number, operations: readonly Operation[], steps: readonly RegisterStep[]) {
  const draw = numbers(seed);
  const deadlines = new Map<number, number>();
  const changed = steps.map((step): RegisterStep => {
    if (draw(3) > 0 || step.to === -1) return step;
    // Between events, and not before the client gave up: its next operation comes after.
    const ret = step.required ? step.ret : Math.max(step.call, step.source.completedAt / 1_000) + 0.5 + draw(6);
    deadlines.set(step.source.id, ret);
    return { ...step, ret, required: false };
  });
  const ops = operations.map((op): Operation => {
    const completed = deadlines.get(op.id);
    return completed === undefined ? op : { ...op, outcome: 'info', completed };
  });
  return { ops, changed };
}

test('blocks and search agree with brute force on optional operations with deadlines, on 150,000 histories', () => {
  for (let seed = 2_000_000; seed < 2_150_000; seed++) {
    const operations = smallHistory(seed);
    const observes = seed % 2 === 0;
    const values = new ValueNumbers(null);
    const { ops, changed } = withDeadlines(seed, operations, registerSteps(operations, values, observes));
    const relevant = ops.filter((op) => op.f !== 'read' || op.outcome === 'ok');
    const expected = explainable(relevant, registerSpec(null), (op) => observes && op.f === 'cas' && refused(op))
      ? 'held'
      : 'violated';
    const found = searchRegister(changed, values.size, 100_000).status;
    if (found !== expected) throw new Error(`seed ${seed}: the search says ${found}, brute force ${expected}`);
    const plain = changed.filter((step) => step.kind !== 'mismatch');
    const unique = checkUniqueRegister(plain, values.size).status;
    const reference = plain.length === changed.length ? expected : searchRegister(plain, values.size, 100_000).status;
    if (unique !== 'not-unique' && unique !== reference)
      throw new Error(`seed ${seed}: blocks say ${unique}, the reference ${reference}`);
  }
});

test('blocks and search agree on larger histories with unique values', () => {
  let violated = 0;
  for (let seed = 0; seed < 2_000; seed++) {
    const rows = randomHistory(seed, {
      operations: 120,
      clients: 6,
      values: 0,
      reads: 50,
      cas: 15,
      indefinite: 5,
      failed: 5,
      wrong: seed % 2,
    });
    const values = new ValueNumbers(null);
    const steps = registerSteps(rows, values, false);
    const unique = checkUniqueRegister(steps, values.size).status;
    const found = searchRegister(steps, values.size, 1_000_000).status;
    if (unique !== found) throw new Error(`seed ${seed}: blocks say ${unique}, the search ${found}`);
    if (found === 'violated') violated++;
  }
  expect(violated).toBeGreaterThan(100);
});

test('200 busy histories are all decided, right or with an answer in 100 wrong', () => {
  const tally = { held: 0, violated: 0, undecided: 0 };
  for (let seed = 0; seed < 200; seed++) {
    expect([seed, checkRegister(busyHistory(seed, 0)).status]).toEqual([seed, 'held']);
    tally[checkRegister(busyHistory(seed, 1), { failedCasObserves: seed % 3 === 0 }).status]++;
  }
  process.stderr.write(`with wrong answers: ${JSON.stringify(tally)}\n`);
  expect(tally.undecided).toBe(0);
  expect(Math.min(tally.held, tally.violated)).toBeGreaterThan(20);
});

test('what the search learns from where it is stuck changes no answer, on 30,000 histories', () => {
  let lessons = 0;
  for (let seed = 0; seed < 30_000; seed++) {
    const rows = randomHistory(seed, {
      operations: 8 + (seed % 60),
      clients: 2 + (seed % 6),
      values: 1 + (seed % 4),
      reads: 55,
      cas: [0, 10, 25][seed % 3] as number,
      indefinite: [0, 10, 20, 35][(seed >> 2) % 4] as number,
      failed: 5,
      wrong: [0, 3, 8][(seed >> 4) % 3] as number,
    });
    const values = new ValueNumbers(null);
    const steps = registerSteps(rows, values, seed % 2 === 0);
    const search = registerSearch(steps, values.size, 1_000_000);
    let found = search.run(1);
    for (let looks = 0; found.status === 'undecided' && looks < 200; looks++) {
      if (learnNearby(search, values.size, 2_000, 1_000_000).isNew) lessons++;
      found = search.run(found.steps + 1 + (seed % 7));
    }
    if (found.status === 'undecided') found = search.run();
    const expected = searchRegister(steps, values.size, 1_000_000).status;
    if (found.status !== expected) throw new Error(`seed ${seed}: ${found.status} after lessons, ${expected} without`);
  }
  expect(lessons).toBeGreaterThan(500);
});
