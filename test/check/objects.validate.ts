import { expect, test } from '@jest/globals';
import { LARGE, largeHistory } from './large-histories.ts';
import { SUBJECTS } from './object-subjects.ts';
import { drawnHistory, faultOf, type Subject } from './objects-oracle.ts';

/** Histories of each object. */
const COUNT = 100_000;

test.each(Object.entries(SUBJECTS))(
  '%s: verdicts agree with brute force on 100,000 histories, witnesses on every fifth',
  (_name, subject) => {
    let violated = 0;
    for (let seed = 1_000_000; seed < 1_000_000 + COUNT; seed++) {
      const operations = drawnHistory(subject as Subject<unknown>, seed);
      const result = subject.specification.decide(operations);
      const fault = faultOf(subject as Subject<unknown>, operations, result, seed % 5 === 0);
      if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}`);
      if (result.status === 'violated') violated++;
    }
    expect(violated).toBeGreaterThan(COUNT / 50);
    expect(violated).toBeLessThan((COUNT / 50) * 49);
  },
);

test.each(Object.entries(LARGE))('200,000 operations of 20 clients take under a second: %s', (_name, large) => {
  const operations = largeHistory(large, 200_000);
  // CPU time, the better of two: what else the machine does is not the checker's. measured.validate.ts has it in a process of its own.
  const milliseconds = [0, 1].map(() => {
    const begin = process.cpuUsage();
    const { status } = large.specification.decide(operations);
    const { user, system } = process.cpuUsage(begin);
    expect(status).toBe('held');
    return (user + system) / 1_000;
  });
  expect(Math.min(...milliseconds)).toBeLessThan(1_000);
});
