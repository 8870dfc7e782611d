/**
 * Version vectors with siblings: values whose writers knew nothing of each other are kept side by side (crdt/mv-register.ts), and the
 * application's own `reconcile` makes one of them when they are read; whoever writes next, having read them, replaces them all
 * (Dynamo's shopping cart: DeCandia et al., SOSP 2007, §4.4). No write is dropped in silence. What comes of it is up to `reconcile`:
 * the union of sets keeps every addition, and brings back what was removed from one sibling only.
 */
import { reject } from '../../sim/index.ts';
import { mvRegister } from '../crdt/mv-register.ts';
import { changed } from '../replication/changed.ts';
import type { StoredValue } from '../replication/command.ts';
import type { DottedCell } from '../versioning/dotted-version-vectors.ts';
import type { ConflictPolicy } from './conflict-policy.ts';

export interface SiblingsOptions {
  /** One value of two or more siblings. Default: the union of sets, sorted; of other values the greatest text. */
  readonly reconcile?: (values: readonly StoredValue[]) => StoredValue;
}

function unionOf(values: readonly StoredValue[]): StoredValue {
  const texts = (value: StoredValue): readonly (string | number)[] => (typeof value === 'object' ? value : [value]);
  const all = [...new Set(values.flatMap(texts))].toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  return values.some((value) => typeof value === 'object') ? all : (all.at(-1) as StoredValue);
}

/** Takes every change but a compare-and-set. A change without a context counts as made with all that its node knows. */
export function siblings({ reconcile = unionOf }: SiblingsOptions = {}): ConflictPolicy<DottedCell> {
  const register = mvRegister<StoredValue>();
  const one = (values: readonly StoredValue[]): StoredValue | null =>
    values.length > 1 ? reconcile(values) : (values[0] ?? null);
  return {
    ...register,
    name: 'siblings',
    apply(state, { change, context }, at) {
      const known = register.value(state);
      const value = change.f === 'cas' ? undefined : changed(one(known.values), change);
      if (value === undefined) throw reject('unsupported', `siblings know no ${change.f}`);
      return register.apply(state, { value, context: context ?? known.context }, at);
    },
    value(state) {
      const { values, context } = register.value(state);
      return { value: one(values), context };
    },
  };
}
