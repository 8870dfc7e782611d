/**
 * Random: any key goes, each with the same probability. Keeps no order at all, so that a hit costs nothing; under independent
 * references it hits as often as FIFO (E. Gelenbe, 1973), and no sequence of requests makes it miss always.
 */
import type { EvictionPolicy } from './policy.ts';

export interface RandomEvictionState {
  keys: string[];
  /** Where in `keys` each is. */
  places: Map<string, number>;
}

export const randomEviction = (): EvictionPolicy<RandomEvictionState> => ({
  name: 'random',
  init: () => ({ keys: [], places: new Map() }),
  touched: () => {},
  inserted(state, key) {
    state.places.set(key, state.keys.length);
    state.keys.push(key);
  },
  removed: drop,
  evict(state, random) {
    if (state.keys.length === 0) return undefined;
    const key = state.keys[random.int(state.keys.length)] as string;
    drop(state, key);
    return key;
  },
});

/** The last one takes its place. */
function drop(state: RandomEvictionState, key: string): void {
  const place = state.places.get(key);
  const last = state.keys.pop();
  if (place === undefined || last === undefined) return;
  state.places.delete(key);
  if (last === key) return;
  state.keys[place] = last;
  state.places.set(last, place);
}
