import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partition, run, s } from 'orrery';
import { faultSchedules, orreryMatchers, seeds } from 'orrery/testing';
import { hastyStore, store } from './store.ts';

expect.extend(orreryMatchers);

test('the store is linearizable and comes back, whatever breaks', () => {
  fc.assert(
    fc.property(faultSchedules(store), seeds(), (faults, seed) =>
      expect(run(store, { faults, seed })).toHold({ scenario: 'store.ts' }),
    ),
    { numRuns: 15 },
  );
});

test('one answer is not enough: a split shows it', () => {
  const faults = [
    partition({
      at: s(0.5),
      for: s(1),
      groups: [
        ['n1', 'c1'],
        ['n2', 'n3', 'c2', 'c3'],
      ],
    }),
  ];
  expect(run(hastyStore, { seed: 'split', faults })).toViolate('linearizable register', {
    scenario: 'store.ts',
  });
});

test('the same seed and faults are the same run', () => {
  const again = () => run(store, { seed: 'twice', faults: [] });
  expect(again()).toBeIdenticalTo(again(), { scenario: 'store.ts' });
});
