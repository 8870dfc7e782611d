import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import { readEdn } from '../../sim/history/read/edn.ts';
import { labelledHistories, LINEARIZABLE_ETCD, readHistory } from './labelled-histories.ts';

test('every history of an etcd cluster gets the verdict it is known for', () => {
  const folder = labelledHistories('etcd');
  if (folder === undefined) return;
  const wrong: string[] = [];
  const sizes: number[] = [];
  for (const name of readdirSync(folder).sort()) {
    const expected = LINEARIZABLE_ETCD.includes(name.slice(5, 8)) ? 'held' : 'violated';
    const { status, witness } = checkRegister(readHistory(folder + name), { failedCasObserves: true });
    if (status !== expected) wrong.push(`${name}: ${status}`);
    if (witness !== undefined) sizes.push(witness.operations.length);
  }
  expect(wrong).toEqual([]);
  expect(sizes.length).toBeGreaterThan(0);
  sizes.sort((a, b) => a - b);
  expect(sizes[sizes.length >> 1]).toBeLessThanOrEqual(9);
  expect(sizes.at(-1)).toBeLessThanOrEqual(42);
});

test('every history of the EDN collection gets the verdict of its folder', () => {
  const wrong: string[] = [];
  for (const [kind, expected] of [
    ['good', 'held'],
    ['bad', 'violated'],
  ] as const) {
    const folder = labelledHistories(`knossos/${kind}`);
    if (folder === undefined) continue;
    for (const name of readdirSync(folder).sort()) {
      const { status } = checkRegister(readHistory(folder + name), { initial: 0 });
      if (status !== expected) wrong.push(`${kind}/${name}: ${status}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the EDN reader knows comments, strings, keywords and nested collections', () => {
  expect(readEdn('; a comment\n({:process :nemesis, :value [1 -2 nil], :error "a ; \\"b\\"", :ok true} ())')).toEqual([
    { process: 'nemesis', value: [1, -2, null], error: 'a ; "b"', ok: true },
    [],
  ]);
});
