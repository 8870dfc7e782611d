/** Random orders: at each step every alternative is equally likely. The baseline that other strategies are measured against. */
import { RandomStream } from '../../random/stream.ts';
import { atLeastOne, type Strategy } from './strategy.ts';

export interface RandomOrderOptions {
  /** How many runs. Default 1,000. */
  readonly runs?: number;
}

/** Each run takes one of the alternatives at each step, all equally likely. */
export function randomOrder({ runs = 1_000 }: RandomOrderOptions = {}): Strategy {
  return {
    name: 'random order',
    runs: atLeastOne('runs', runs),
    start: (seed) => ({
      complete: false,
      begin(index) {
        const random = new RandomStream(seed, `order/random/${index}`);
        return (alternatives) => random.int(alternatives.length);
      },
      end() {},
    }),
  };
}
