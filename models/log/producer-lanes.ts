/** What a producer has yet to send to each partition, and the sequences that it gives there. */
import { REMEMBERED_SEQUENCES } from './producer-sequences.ts';
import type { LogMessage, ProducerStamp } from './log-record.ts';

/** A message and until when it may be sent, on the producer's monotonic clock. */
export interface QueuedSend {
  readonly id: string;
  readonly key: string;
  readonly expires: number;
}

export interface Lane {
  /** Not under way yet. */
  waiting: QueuedSend[];
  /** Which of the lane's messages are under way, by their order, oldest first. */
  underWay: number[];
  /** Messages that have ever been under way. */
  taken: number;
  /** Idempotence: the producer's present id for this partition, and the next sequence under it. */
  producerId: string;
  sequence: number;
  /** A message has been given up: what follows would be a gap. When nothing is under way any more, a new id begins. */
  renewing: boolean;
  renewals: number;
}

export const newLane = (session: string): Lane => ({
  waiting: [],
  underWay: [],
  taken: 0,
  producerId: `${session}/0`,
  sequence: 0,
  renewing: false,
  renewals: 0,
});

/** From the oldest to the newest that is under way: the leader remembers no more. */
export const MOST_UNDER_WAY = REMEMBERED_SEQUENCES;

/**
 * A leader that misses what came before a message that was sent while nothing else was under way has lost it, for that had been
 * acknowledged. The producer starts over with a new id (KIP-360).
 */
export function startOver(lane: Lane, session: string): ProducerStamp {
  renew(lane, session);
  return { producerId: lane.producerId, sequence: lane.sequence++ };
}

function renew(lane: Lane, session: string): void {
  lane.producerId = `${session}/${++lane.renewals}`;
  lane.sequence = 0;
  lane.renewing = false;
}

export interface Taken {
  readonly order: number;
  readonly expires: number;
  readonly message: LogMessage;
}

/** The next message, now under way; undefined when there is none that may go. Those whose time is over are dropped: nobody has seen them. */
export function takeNext(lane: Lane, session: string, idempotent: boolean, now: number): Taken | undefined {
  while ((lane.waiting[0]?.expires ?? Infinity) <= now) lane.waiting.shift();
  if (lane.renewing) {
    if (lane.underWay.length > 0) return undefined;
    renew(lane, session);
  }
  const [oldest = lane.taken] = lane.underWay;
  // The leader would not know the oldest one again.
  if (idempotent && lane.taken - oldest >= MOST_UNDER_WAY) return undefined;
  const next = lane.waiting.shift();
  if (next === undefined) return undefined;
  const order = lane.taken++;
  lane.underWay.push(order);
  const { id, key, expires } = next;
  const { producerId } = lane;
  const stamp = idempotent ? { producerId, sequence: lane.sequence++ } : null;
  return { order, expires, message: { id, key, body: null, stamp } };
}

/** A message is under way no more: acknowledged, or given up. */
export function settle(lane: Lane, order: number): void {
  lane.underWay = lane.underWay.filter((other) => other !== order);
}
