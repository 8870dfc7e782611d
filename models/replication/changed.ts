/** What a change makes of a value, where one node decides: the same for every store that keeps whole values. */
import { copyOf } from '../../sim/index.ts';
import type { Change, StoredValue, WholeWrite } from './command.ts';

/** The value after `change`; undefined for a compare-and-set that finds another one. `value` stays as it is. */
export function changed(value: StoredValue | null, change: Change | WholeWrite): StoredValue | undefined {
  switch (change.f) {
    case 'write':
      return change.value;
    case 'add':
      return [...elementsOf(value), change.value];
    case 'remove':
      return elementsOf(value).filter((element) => element !== change.value);
    case 'increment':
      return (typeof value === 'number' ? value : 0) + change.by;
    case 'cas':
      return value === change.from ? change.to : undefined;
  }
}

/** Changes a store's value, unless a compare-and-set finds another one. Returns whether it has. */
export function change({ values }: { readonly values: Record<string, StoredValue> }, asked: Change): boolean {
  const after = changed(values[asked.key] ?? null, asked);
  if (after !== undefined) values[asked.key] = after;
  return after !== undefined;
}

const elementsOf = (value: StoredValue | null): readonly (string | number)[] =>
  Array.isArray(value) ? (copyOf(value) as readonly (string | number)[]) : [];
