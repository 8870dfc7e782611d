/** Conflict-free types as policies: a key holds a set, or a number, that concurrent changes add up in. */
import { reject } from '../../sim/index.ts';
import { orSet, type OrSetState } from '../crdt/or-set.ts';
import { pnCounter, type PnCounterState } from '../crdt/pn-counter.ts';
import type { ConflictPolicy } from './conflict-policy.ts';

/** A set in which an addition wins over a removal that had not seen it (crdt/or-set.ts). Knows `add` and `remove`. */
export function mergedSet(): ConflictPolicy<OrSetState<string | number>> {
  const set = orSet<string | number>();
  return {
    ...set,
    name: 'merged set',
    apply(state, { change }, at) {
      if (change.f !== 'add' && change.f !== 'remove') throw reject('unsupported', `a set knows no ${change.f}`);
      return set.apply(state, change, at);
    },
    value: (state) => ({ value: set.value(state) }),
  };
}

/** A number to which everybody adds (crdt/pn-counter.ts). Knows `increment`. */
export function mergedCounter(): ConflictPolicy<PnCounterState> {
  const counter = pnCounter();
  return {
    ...counter,
    name: 'merged counter',
    apply(state, { change }, at) {
      if (change.f !== 'increment') throw reject('unsupported', `a counter knows no ${change.f}`);
      return counter.apply(state, change, at);
    },
    value: (state) => ({ value: counter.value(state) }),
  };
}
