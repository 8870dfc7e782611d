/** One end of a connection, and what goes over the wire. */
import { ConfigError, parseDuration, type Duration, type Micros, type NodeRef } from '../../sim/index.ts';

/** A datagram of the stream. */
export interface Segment {
  readonly kind: 'syn' | 'syn-ack' | 'data' | 'ack' | 'reset';
  /** Drawn by who opened the connection: tells it from its predecessors. */
  readonly connection: number;
  readonly sequence: number;
  /** All before this has arrived. */
  readonly acknowledged: number;
  /** Of `data`: one message. */
  readonly payload?: unknown;
}

export interface StreamProtocol {
  segment(message: { readonly from: StreamRef; readonly segment: Segment }): void;
}

export type StreamRef = NodeRef<StreamProtocol>;

export interface StreamOptions {
  /** Before the first round trip has been measured. Default 1 s (RFC 6298). */
  readonly initialTimeout?: Duration;
  /** Default 200 ms, as in Linux; RFC 6298 says 1 s. */
  readonly minTimeout?: Duration;
  /** Default 60 s. */
  readonly maxTimeout?: Duration;
  /** Timeouts in a row until the peer is given up, at least 1. Default 8. */
  readonly retries?: number;
  /** Segments that the receiver takes before it has acknowledged them, at least 1. Default 1024. */
  readonly window?: number;
  /** Segments with which a sender begins. Default 10 (RFC 6928). */
  readonly initialWindow?: number;
  /** An acknowledgement for so many segments in order, 1 or 2; the others wait for at most 40 ms. Default 1. */
  readonly ackEvery?: 1 | 2;
}

export interface StreamSettings {
  readonly initialTimeout: Micros;
  readonly minTimeout: Micros;
  readonly maxTimeout: Micros;
  readonly retries: number;
  readonly window: number;
  readonly initialWindow: number;
  readonly ackEvery: number;
}

/** One end. Sequence numbers count messages. */
export interface StreamState {
  readonly peer: StreamRef;
  readonly connection: number;
  phase: 'syn-sent' | 'syn-received' | 'established';
  /** The first number that it has not been acknowledged. */
  unacknowledged: number;
  /** The number that it sends next. */
  next: number;
  /** After the highest number that it has ever sent. */
  highest: number;
  /** Messages from `unacknowledged` on: sent, and still to send. */
  buffer: unknown[];
  congestionWindow: number;
  slowStartThreshold: number;
  duplicateAcks: number;
  /** In fast recovery until all before this is acknowledged. */
  recovery: number | undefined;
  /** Duplicate acknowledgements below this are the aftermath of the last loss (RFC 6582). */
  lossEnd: number;
  /** µs; 0 before the first measurement. */
  smoothedRoundTrip: number;
  roundTripVariation: number;
  timeout: number;
  /** Which segment's round trip is being measured. */
  timed: { readonly sequence: number; readonly at: Micros } | undefined;
  /** Timeouts since something was acknowledged. */
  retries: number;
  /** When it retransmits, on its monotonic clock. */
  retransmitAt: Micros | undefined;
  /** The number that it expects. */
  expected: number;
  /** What came too early: it waits for what is missing (head-of-line blocking). */
  early: Map<number, unknown>;
  /** Segments that have not been acknowledged yet, and until when that may wait. */
  owedAcks: number;
  ackAt: Micros | undefined;
}

function whole(value: number, field: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ConfigError(`stream.${field}`, value, 'a whole number of at least 1');
  return value;
}

/** Throws ConfigError naming the field. */
export function readStreamOptions(options: StreamOptions = {}): StreamSettings {
  const minTimeout = parseDuration(options.minTimeout ?? '200ms', 'stream.minTimeout');
  if (minTimeout < 1) throw new ConfigError('stream.minTimeout', options.minTimeout, 'a duration above 0');
  const maxTimeout = parseDuration(options.maxTimeout ?? '60s', 'stream.maxTimeout');
  if (maxTimeout < minTimeout)
    throw new ConfigError('stream.maxTimeout', options.maxTimeout, `at least minTimeout, ${minTimeout} µs`);
  const initialTimeout = parseDuration(options.initialTimeout ?? '1s', 'stream.initialTimeout');
  if (initialTimeout < 1) throw new ConfigError('stream.initialTimeout', options.initialTimeout, 'a duration above 0');
  const { ackEvery = 1 } = options;
  if (ackEvery !== 1 && ackEvery !== 2) throw new ConfigError('stream.ackEvery', ackEvery, '1 or 2');
  return {
    initialTimeout,
    minTimeout,
    maxTimeout,
    retries: whole(options.retries ?? 8, 'retries'),
    window: whole(options.window ?? 1024, 'window'),
    initialWindow: whole(options.initialWindow ?? 10, 'initialWindow'),
    ackEvery,
  };
}
