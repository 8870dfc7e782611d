/**
 * Which messages of idempotent producers a partition has (KIP-98): the leader refuses a gap, and knows the last few again by their
 * sequence. All of it can be read from the log, so a new leader knows what the old one knew.
 */
import { reject } from '../../sim/index.ts';
import type { LogMessage, LogRecord } from './log-record.ts';
import type { ProducerProgress } from './replica-state.ts';

/** As many as a producer may have under way (Kafka: max.in.flight.requests.per.connection). */
export const REMEMBERED_SEQUENCES = 5;

type Producers = Record<string, ProducerProgress>;

/** The offset of a message that is in the log already; undefined when it is new. Refuses one whose predecessor has not come. */
export function knownOffset(producers: Producers, { stamp }: LogMessage): number | undefined {
  if (stamp === null) return undefined;
  const { producerId, sequence } = stamp;
  const progress = producers[producerId];
  const last = progress?.sequence ?? -1;
  if (sequence > last + 1)
    throw reject('out-of-order-sequence', `${producerId} sent ${sequence}, and the last one was ${last}`);
  if (sequence === last + 1) return undefined;
  const at = (progress?.offsets.length ?? 0) - 1 - (last - sequence);
  const offset = progress?.offsets[at];
  if (offset === undefined)
    throw reject('duplicate-sequence', `${producerId} sent ${sequence} long ago`, undefined, false);
  return offset;
}

/** Takes note of a record that has been appended. */
export function noteSequence(producers: Producers, { offset, message: { stamp } }: LogRecord): void {
  if (stamp === null) return;
  const progress = (producers[stamp.producerId] ??= { sequence: -1, offsets: [] });
  progress.sequence = stamp.sequence;
  progress.offsets.push(offset);
  if (progress.offsets.length > REMEMBERED_SEQUENCES) progress.offsets.shift();
}

/** All that a log says of producers. */
export function sequencesOf(log: readonly LogRecord[]): Producers {
  const producers: Producers = {};
  for (const record of log) noteSequence(producers, record);
  return producers;
}
