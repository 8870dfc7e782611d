/**
 * The sending half of a connection: how much is under way (slow start and congestion avoidance, RFC 5681), what is sent again and when
 * (timeouts by RFC 6298 with Karn's rule, fast retransmit at the third duplicate acknowledgement, NewReno's fast recovery, RFC 6582).
 */
import { copyOf, type Micros } from '../../sim/index.ts';
import type { Segment, StreamSettings, StreamState } from './stream-state.ts';

type Emit = (segment: Segment) => void;

const DUPLICATES = 3;

const dataSegment = (stream: StreamState, sequence: number): Segment => ({
  kind: 'data',
  connection: stream.connection,
  sequence,
  acknowledged: stream.expected,
  payload: copyOf(stream.buffer[sequence - stream.unacknowledged]),
});

/** Sends what the windows allow. */
export function transmit(stream: StreamState, settings: StreamSettings, now: Micros, emit: Emit): void {
  if (stream.phase !== 'established') return;
  const allowed = Math.min(Math.floor(stream.congestionWindow), settings.window, stream.buffer.length);
  while (stream.next < stream.unacknowledged + allowed) {
    const sequence = stream.next++;
    const isNew = sequence >= stream.highest;
    if (isNew) stream.highest = stream.next;
    // Karn: what is sent again is not measured.
    if (isNew && stream.timed === undefined) stream.timed = { sequence, at: now };
    emit(dataSegment(stream, sequence));
    stream.retransmitAt ??= now + stream.timeout;
  }
}

function retransmitFirst(stream: StreamState, now: Micros, emit: Emit): void {
  stream.timed = undefined;
  stream.retransmitAt = now + stream.timeout;
  emit(dataSegment(stream, stream.unacknowledged));
}

/** RFC 6298, §2. */
function measure(stream: StreamState, settings: StreamSettings, sample: Micros): void {
  if (stream.smoothedRoundTrip === 0) {
    stream.smoothedRoundTrip = sample;
    stream.roundTripVariation = sample / 2;
  } else {
    const error = Math.abs(stream.smoothedRoundTrip - sample);
    stream.roundTripVariation = 0.75 * stream.roundTripVariation + 0.25 * error;
    stream.smoothedRoundTrip = 0.875 * stream.smoothedRoundTrip + 0.125 * sample;
  }
  deriveTimeout(stream, settings);
}

function deriveTimeout(stream: StreamState, { minTimeout, maxTimeout }: StreamSettings): void {
  const timeout = Math.round(stream.smoothedRoundTrip + 4 * stream.roundTripVariation);
  stream.timeout = Math.min(maxTimeout, Math.max(minTimeout, timeout));
}

/** `isPure`: the segment carried nothing, so that it may be a duplicate acknowledgement. */
export function acknowledged(
  stream: StreamState,
  settings: StreamSettings,
  upTo: number,
  isPure: boolean,
  now: Micros,
  emit: Emit,
): void {
  if (upTo > stream.highest || upTo < stream.unacknowledged) return;
  if (upTo === stream.unacknowledged) {
    if (isPure && stream.highest > stream.unacknowledged) duplicated(stream, now, emit);
    return;
  }
  const fresh = upTo - stream.unacknowledged;
  stream.buffer.splice(0, fresh);
  stream.unacknowledged = upTo;
  stream.next = Math.max(stream.next, upTo);
  const { timed } = stream;
  if (timed !== undefined && upTo > timed.sequence) {
    stream.timed = undefined;
    measure(stream, settings, now - timed.at);
  } else if (stream.retries > 0 && stream.smoothedRoundTrip > 0) deriveTimeout(stream, settings);
  stream.retries = 0;
  stream.retransmitAt = upTo < stream.highest ? now + stream.timeout : undefined;
  grow(stream, fresh, now, emit);
}

function grow(stream: StreamState, fresh: number, now: Micros, emit: Emit): void {
  const { recovery, congestionWindow, slowStartThreshold } = stream;
  stream.duplicateAcks = recovery === undefined ? 0 : stream.duplicateAcks;
  if (recovery !== undefined && stream.unacknowledged < recovery) {
    // A partial acknowledgement: the next hole is lost, too.
    stream.congestionWindow = Math.max(1, congestionWindow - fresh + 1);
    retransmitFirst(stream, now, emit);
  } else if (recovery !== undefined) {
    stream.congestionWindow = slowStartThreshold;
    stream.recovery = undefined;
    stream.duplicateAcks = 0;
  } else if (congestionWindow < slowStartThreshold) stream.congestionWindow = congestionWindow + 1;
  else stream.congestionWindow = congestionWindow + 1 / congestionWindow;
}

function duplicated(stream: StreamState, now: Micros, emit: Emit): void {
  stream.duplicateAcks++;
  if (stream.recovery !== undefined) {
    // Each says that a segment has left the network.
    stream.congestionWindow++;
    return;
  }
  if (stream.duplicateAcks !== DUPLICATES || stream.unacknowledged < stream.lossEnd) return;
  stream.slowStartThreshold = Math.max(2, Math.floor((stream.highest - stream.unacknowledged) / 2));
  stream.congestionWindow = stream.slowStartThreshold + DUPLICATES;
  stream.recovery = stream.highest;
  stream.lossEnd = stream.highest;
  retransmitFirst(stream, now, emit);
}

/** Nothing has been acknowledged for the whole timeout: back to one segment, and to where the acknowledgements end. */
export function timedOut(stream: StreamState, settings: StreamSettings): void {
  stream.retries++;
  stream.timeout = Math.min(settings.maxTimeout, 2 * stream.timeout);
  stream.timed = undefined;
  stream.retransmitAt = undefined;
  if (stream.phase !== 'established') return;
  if (stream.retries === 1)
    stream.slowStartThreshold = Math.max(2, Math.floor((stream.highest - stream.unacknowledged) / 2));
  stream.congestionWindow = 1;
  stream.duplicateAcks = 0;
  stream.recovery = undefined;
  stream.lossEnd = stream.highest;
  stream.next = stream.unacknowledged;
}
