import { expect, test } from '@jest/globals';
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
