/**
 * An ordered, reliable stream over datagrams, as TCP is (RFC 9293, with Reno's congestion control, NewReno's recovery).
 *
 * It promises, within one connection: what is delivered is what was written, in order, without a gap and without a duplicate, whatever
 * the network loses, doubles, delays or turns around; and that either everything written arrives in the end, or the connection is reset.
 * It does not promise that what was written before a reset has arrived, or has not; the next connection begins anew. A message
 * that is lost holds up all that come behind it (head-of-line blocking).
 *
 * The three-way handshake proves to each side that the other is there now: a SYN that was late by a whole connection is answered with a
 * number that nobody will confirm. Who gets a segment of a connection that it does not know, since it has restarted, answers
 * with a reset, and so the other side learns that its peer is gone.
 *
 * Simplified: sequence numbers count messages, each one segment, not bytes; they do not wrap; there is no FIN (who is done stops
 * writing); the receiver's window is fixed; no selective acknowledgements. The round trip is timed for one segment at a time.
 */
import { copyOf, type Context, type Micros } from '../../sim/index.ts';
import { acknowledged, timedOut, transmit } from './stream-sending.ts';
import {
  readStreamOptions,
  type Segment,
  type StreamOptions,
  type StreamRef,
  type StreamSettings,
  type StreamState,
} from './stream-state.ts';

/** What an actor that has streams keeps in its state: by peer and connection. */
export interface HasStreams {
  streams: Map<string, StreamState>;
}

/** What a stream has to tell its user. */
export interface StreamEvent {
  readonly kind: 'opened' | 'message' | 'reset';
  readonly key: string;
  readonly from: StreamRef;
  readonly connection: number;
  readonly payload?: unknown;
}

/** The actor must have a timer of this name, which calls `StreamHost.due`. */
export const STREAM_TIMER = 'stream';

const ACK_DELAY = 40_000 as Micros;

const keyOf = (peer: StreamRef, connection: number): string => `${peer.id}/${connection}`;

/** The streams of one node. Holds options only. */
export class StreamHost<S extends HasStreams> {
  private readonly settings: StreamSettings;

  /** Throws ConfigError. */
  constructor(options?: StreamOptions) {
    this.settings = readStreamOptions(options);
  }

  /** Opens a connection; messages may be written at once. Returns its key. */
  connect(state: S, to: StreamRef, ctx: Context<S>): string {
    const connection = ctx.random.uint32();
    const stream = this.open(to, connection, 'syn-sent', 0, ctx);
    const key = keyOf(to, connection);
    state.streams.set(key, stream);
    this.handshake(stream, ctx);
    this.arm(state, ctx);
    return key;
  }

  /** False when there is no such connection any more. */
  write(state: S, key: string, payload: unknown, ctx: Context<S>): boolean {
    const stream = state.streams.get(key);
    if (stream === undefined) return false;
    stream.buffer.push(payload);
    transmit(stream, this.settings, ctx.clock.monotonic, this.emitter(stream, ctx));
    this.arm(state, ctx);
    return true;
  }

  received(state: S, from: StreamRef, segment: Segment, ctx: Context<S>): StreamEvent[] {
    const key = keyOf(from, segment.connection);
    let stream = state.streams.get(key);
    if (stream === undefined) {
      if (segment.kind === 'reset') return [];
      if (segment.kind !== 'syn') {
        this.refuse(from, segment.connection, ctx);
        return [];
      }
      stream = this.open(from, segment.connection, 'syn-received', segment.sequence + 1, ctx);
      state.streams.set(key, stream);
    }
    const events = this.handle(state, key, stream, segment, ctx);
    this.arm(state, ctx);
    return events;
  }

  /** Something may be due: the timer has fired. */
  due(state: S, ctx: Context<S>): StreamEvent[] {
    const now = ctx.clock.monotonic;
    const events: StreamEvent[] = [];
    for (const [key, stream] of Array.from(state.streams)) {
      if (stream.ackAt !== undefined && stream.ackAt <= now) this.acknowledge(stream, ctx);
      if (stream.retransmitAt === undefined || stream.retransmitAt > now) continue;
      timedOut(stream, this.settings);
      if (stream.retries > this.settings.retries) {
        this.refuse(stream.peer, stream.connection, ctx);
        events.push(this.reset(state, key, stream));
      } else if (stream.phase === 'established') transmit(stream, this.settings, now, this.emitter(stream, ctx));
      else this.handshake(stream, ctx);
    }
    this.arm(state, ctx);
    return events;
  }

  private open(
    peer: StreamRef,
    connection: number,
    phase: StreamState['phase'],
    expected: number,
    ctx: Context<S>,
  ): StreamState {
    const initial = ctx.random.uint32();
    const { initialWindow, initialTimeout } = this.settings;
    return {
      peer: copyOf(peer),
      connection,
      phase,
      unacknowledged: initial,
      next: initial,
      highest: initial + 1,
      buffer: [],
      congestionWindow: initialWindow,
      slowStartThreshold: Infinity,
      duplicateAcks: 0,
      recovery: undefined,
      lossEnd: 0,
      smoothedRoundTrip: 0,
      roundTripVariation: 0,
      timeout: initialTimeout,
      timed: undefined,
      retries: 0,
      retransmitAt: undefined,
      expected,
      early: new Map(),
      owedAcks: 0,
      ackAt: undefined,
    };
  }

  private handle(state: S, key: string, stream: StreamState, segment: Segment, ctx: Context<S>): StreamEvent[] {
    if (segment.kind === 'reset') return [this.reset(state, key, stream)];
    if (segment.kind === 'syn') {
      // Again: the answer was lost. One that has been confirmed is a duplicate.
      if (stream.phase === 'syn-received') this.handshake(stream, ctx);
      return [];
    }
    if (stream.phase !== 'established') {
      const confirms = segment.acknowledged === stream.unacknowledged + 1;
      const isDue = (stream.phase === 'syn-sent') === (segment.kind === 'syn-ack');
      if (!confirms || !isDue) {
        if (stream.phase === 'syn-received') state.streams.delete(key);
        this.refuse(stream.peer, stream.connection, ctx);
        return [];
      }
      this.establish(stream, segment, ctx);
      const opened = { kind: 'opened', key, from: copyOf(stream.peer), connection: stream.connection } as const;
      return [opened, ...this.take(key, stream, segment, ctx)];
    }
    if (segment.kind === 'syn-ack') {
      // The third message of the handshake was lost.
      this.acknowledge(stream, ctx);
      return [];
    }
    return this.take(key, stream, segment, ctx);
  }

  private establish(stream: StreamState, segment: Segment, ctx: Context<S>): void {
    if (segment.kind === 'syn-ack') stream.expected = segment.sequence + 1;
    stream.phase = 'established';
    stream.unacknowledged++;
    stream.next = stream.unacknowledged;
    stream.retransmitAt = undefined;
    stream.retries = 0;
    if (segment.kind !== 'syn-ack') return;
    this.acknowledge(stream, ctx);
    transmit(stream, this.settings, ctx.clock.monotonic, this.emitter(stream, ctx));
  }

  /** Of an established connection. */
  private take(key: string, stream: StreamState, segment: Segment, ctx: Context<S>): StreamEvent[] {
    const now = ctx.clock.monotonic;
    const emit = this.emitter(stream, ctx);
    acknowledged(stream, this.settings, segment.acknowledged, segment.kind === 'ack', now, emit);
    transmit(stream, this.settings, now, emit);
    if (segment.kind !== 'data') return [];
    const { sequence, payload } = segment;
    const events: StreamEvent[] = [];
    const inOrder = sequence === stream.expected;
    if (sequence >= stream.expected && sequence < stream.expected + this.settings.window)
      stream.early.set(sequence, payload);
    while (stream.early.has(stream.expected)) {
      const ready = stream.early.get(stream.expected);
      stream.early.delete(stream.expected);
      stream.expected++;
      const { peer, connection } = stream;
      events.push({ kind: 'message', key, from: copyOf(peer), connection, payload: copyOf(ready) });
    }
    stream.owedAcks++;
    const mayWait = inOrder && stream.early.size === 0 && stream.owedAcks < this.settings.ackEvery;
    if (mayWait) stream.ackAt ??= now + ACK_DELAY;
    else this.acknowledge(stream, ctx);
    return events;
  }

  private reset(state: S, key: string, { peer, connection }: StreamState): StreamEvent {
    state.streams.delete(key);
    return { kind: 'reset', key, from: copyOf(peer), connection };
  }

  private handshake(stream: StreamState, ctx: Context<S>): void {
    const { connection, phase, unacknowledged, expected } = stream;
    const kind = phase === 'syn-sent' ? 'syn' : 'syn-ack';
    this.emitter(stream, ctx)({ kind, connection, sequence: unacknowledged, acknowledged: expected });
    stream.retransmitAt = ctx.clock.monotonic + stream.timeout;
  }

  private acknowledge(stream: StreamState, ctx: Context<S>): void {
    stream.owedAcks = 0;
    stream.ackAt = undefined;
    const { connection, next, expected } = stream;
    this.emitter(stream, ctx)({ kind: 'ack', connection, sequence: next, acknowledged: expected });
  }

  private refuse(to: StreamRef, connection: number, ctx: Context<S>): void {
    const segment: Segment = { kind: 'reset', connection, sequence: 0, acknowledged: 0 };
    ctx.send(copyOf(to), 'segment', { from: ctx.self as StreamRef, segment }, { sizeBytes: 40 });
  }

  private emitter(stream: StreamState, ctx: Context<S>): (segment: Segment) => void {
    const peer = copyOf(stream.peer);
    return (segment) => {
      const sizeBytes = segment.kind === 'data' ? 1500 : 40;
      ctx.send(peer, 'segment', { from: ctx.self as StreamRef, segment }, { sizeBytes });
    };
  }

  /** One timer for all streams: when the first of them has something to do. */
  private arm(state: S, ctx: Context<S>): void {
    let first = Infinity;
    for (const { retransmitAt = Infinity, ackAt = Infinity } of state.streams.values())
      first = Math.min(first, retransmitAt, ackAt);
    if (first === Infinity) ctx.cancelTimer(STREAM_TIMER);
    else ctx.setTimer(STREAM_TIMER, Math.max(1, first - ctx.clock.monotonic));
  }
}
