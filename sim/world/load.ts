/** What load faults do to the traffic that a client node generates: spikes and hot keys. Clients consult it at each arrival. */
import type { RandomStream } from '../random/stream.ts';
import type { Effect } from './effect.ts';

export interface Spike {
  /** Arrivals come this many times as often; above 0. */
  readonly factor: number;
  readonly effect: Effect;
}

export interface HotKey {
  readonly key: string;
  /** Share of the operations that go to the key instead of their own, 0…1. */
  readonly share: number;
  readonly random: RandomStream;
  readonly effect: Effect;
}

export class Load {
  readonly spikes: Spike[] = [];
  readonly hotKeys: HotKey[] = [];

  /** The factor on the arrival rate now; 1 without faults. */
  get rate(): number {
    let rate = 1;
    for (const spike of this.spikes) {
      rate *= spike.factor;
      spike.effect.count++;
    }
    return rate;
  }

  /** The key that an operation meant for `key` goes to. */
  key(key: string): string {
    let first: HotKey | undefined;
    // Each draws, whatever the others do: none moves another's draws.
    for (const hot of this.hotKeys) if (hot.random.chance(hot.share)) first ??= hot;
    if (first === undefined || first.key === key) return key;
    first.effect.count++;
    return first.key;
  }
}
