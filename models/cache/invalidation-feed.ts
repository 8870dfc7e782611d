/**
 * What near caches are told: each invalidation has a number, is sent to everybody once, as a datagram that may be lost, and is
 * remembered for a while, so that who has missed some can ask for them. A crash forgets all: numbers then belong to a new epoch, and
 * whoever comes with one of an old epoch must drop everything, as a client of Redis does when its connection has been lost.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Context, NodeRef, RandomStream } from '../../sim/index.ts';

/** Up to where somebody has heard. */
export interface FeedPosition {
  readonly epoch: number;
  readonly since: number;
}

export interface Changes extends FeedPosition {
  /** What to drop; absent: everything. */
  readonly keys?: readonly string[];
}

export interface Invalidated extends FeedPosition {
  readonly key: string;
}

export interface FeedProtocol {
  invalidated(payload: Invalidated): void;
}

export interface FeedOptions {
  readonly subscribers: readonly NodeRef<FeedProtocol>[];
  /** Invalidations remembered, at least 1. Default 1,000. */
  readonly remembers?: number;
}

export interface FeedState {
  epoch: number;
  /** Number of the last invalidation. */
  last: number;
  /** Keys of the last ones, the newest at the end. */
  recent: string[];
}

const EPOCHS = 2 ** 31;

/** Holds options only. */
export class InvalidationFeed {
  private readonly subscribers: readonly NodeRef<FeedProtocol>[];
  private readonly remembers: number;

  /** Throws ConfigError. */
  constructor({ subscribers, remembers = 1_000 }: FeedOptions = { subscribers: [] }) {
    if (!Number.isInteger(remembers) || remembers < 1)
      throw new ConfigError('cache.feed.remembers', remembers, 'a whole number of at least 1');
    this.subscribers = subscribers;
    this.remembers = remembers;
  }

  initial(random: RandomStream): FeedState {
    // Without subscribers nobody compares epochs, and nothing is drawn.
    return { epoch: this.subscribers.length === 0 ? 0 : random.int(EPOCHS), last: 0, recent: [] };
  }

  publish<S>(state: FeedState, key: string, ctx: Context<S>): void {
    if (this.subscribers.length === 0) return;
    state.last++;
    state.recent.push(key);
    if (state.recent.length > this.remembers) state.recent.shift();
    for (const near of this.subscribers) ctx.send(near, 'invalidated', { epoch: state.epoch, since: state.last, key });
  }

  since({ epoch, last, recent }: FeedState, position: FeedPosition): Changes {
    const missed = last - position.since;
    if (position.epoch !== epoch || missed > recent.length) return { epoch, since: last };
    return { epoch, since: last, keys: missed === 0 ? [] : recent.slice(-missed) };
  }
}
