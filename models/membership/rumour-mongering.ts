/**
 * When to stop repeating oneself: rumour mongering (Demers et al., "Epidemic algorithms for replicated database maintenance", 1987,
 * §1.4). Who has heard a rumour tells it to somebody chosen at random in each round, and loses interest after a while:
 * - with *feedback*, only telling somebody who knew already counts against it; *blind*, every telling does;
 * - by a *counter*, it is dropped after k tellings that count, in a row (one that was news starts the count anew); by a *coin*, each time
 *   with probability 1/k.
 *
 * It promises no delivery: some members never hear of it. With feedback and a counter the residue is about e^(−(k+1)), for a traffic of
 * k + 1 messages a member; for any of them the residue is e^(−traffic). Who needs everybody to know backs it up with anti-entropy
 * (see epidemic.ts).
 */
import { ConfigError } from '../../sim/index.ts';
import type { RandomStream } from '../../sim/index.ts';

export interface RumourOptions {
  /** Default `feedback`. */
  readonly response?: 'feedback' | 'blind';
  /** Default `counter`. */
  readonly stop?: 'counter' | 'coin';
  /** 1 or more. Default 4. */
  readonly k?: number;
}

/** The rumours that a member still spreads, and how many tellings in a row have counted against each. */
export type HotRumours = Map<string, number>;

export class RumourMongering {
  readonly feedback: boolean;
  private readonly coin: boolean;
  private readonly k: number;

  /** Throws ConfigError. */
  constructor({ response = 'feedback', stop = 'counter', k = 4 }: RumourOptions = {}) {
    if (response !== 'feedback' && response !== 'blind')
      throw new ConfigError('rumours.response', response, '"feedback" or "blind"');
    if (stop !== 'counter' && stop !== 'coin') throw new ConfigError('rumours.stop', stop, '"counter" or "coin"');
    if (!Number.isSafeInteger(k) || k < 1) throw new ConfigError('rumours.k', k, 'a whole number of at least 1');
    this.feedback = response === 'feedback';
    this.coin = stop === 'coin';
    this.k = k;
  }

  /** The rumour has been told once: does it stay hot? `news`: whether it was news to who was told; without feedback it does not matter. */
  told(hot: HotRumours, id: string, news: boolean, random: RandomStream): void {
    const count = hot.get(id);
    if (count === undefined) return;
    if (this.feedback && news) {
      hot.set(id, 0);
      return;
    }
    const isOver = this.coin ? random.chance(1 / this.k) : count + 1 >= this.k;
    if (isOver) hot.delete(id);
    else hot.set(id, count + 1);
  }
}
