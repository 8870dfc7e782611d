/** Records of a partition, and what the leader epochs in them tell (KIP-101). A log is an array: a record's place is its offset. */

/** What a producer hands over. */
export interface LogMessage {
  /** Given by the producer; unique. */
  readonly id: string;
  readonly key: string;
  readonly body: unknown;
  /** Of an idempotent producer: who it is and which of its messages to this partition this is, from 0 on. Null otherwise. */
  readonly stamp: ProducerStamp | null;
}

export interface ProducerStamp {
  readonly producerId: string;
  readonly sequence: number;
}

export interface LogRecord {
  readonly offset: number;
  /** The leader epoch in which it was appended, from 1 on. */
  readonly epoch: number;
  /** The epoch of the record before it; 0 for the first. */
  readonly before: number;
  readonly message: LogMessage;
}

/** An epoch and the offset after its last record. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/** The epoch of the last record; 0 when there is none. */
export const lastEpoch = (log: readonly LogRecord[]): number => log.at(-1)?.epoch ?? 0;

/** The epoch of the record at an offset; 0 when there is none. */
export const epochAt = (log: readonly LogRecord[], offset: number): number => log[offset]?.epoch ?? 0;

/** The largest epoch of the log that is at most `epoch`, and where it ends; epoch 0 at offset 0 when there is none. O(log n). */
export function epochEnd(log: readonly LogRecord[], epoch: number): EpochEnd {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as LogRecord).epoch <= epoch) low = middle + 1;
    else high = middle;
  }
  return { epoch: log[low - 1]?.epoch ?? 0, endOffset: low };
}
