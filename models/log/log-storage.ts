/**
 * A replica's log on its broker's disk.
 *
 * Records are only ever appended to the file, also those that replace others: read in their order, each record continues the log at
 * its offset if it follows from what stands before it, else it is passed over. So any subset of the unsynced writes that a crash
 * keeps is a log that this replica may have. What a truncation alone has cut off can come back with a restart, and is cut off
 * again by the leader of the next epoch; it had not been acknowledged.
 */
import type { DiskView } from '../../sim/index.ts';
import { epochAt, type LogRecord } from './log-record.ts';
import type { BrokerContext, Replica } from './replica-state.ts';

const fileOf = (partition: string): string => `log-${partition}`;

/** Appends a record that follows from the end of the log. Throws CallError when the disk is full. */
export function writeRecord(replica: Replica, record: LogRecord, ctx: BrokerContext): void {
  ctx.disk.append(fileOf(replica.partition), record);
  replica.log.push(record);
}

/** Cuts the log off at `end`. */
export function truncate(replica: Replica, end: number, ctx: BrokerContext): void {
  if (end >= replica.log.length) return;
  ctx.note(`${replica.partition}: cuts its log from ${replica.log.length} to ${end}`);
  replica.log.length = end;
  replica.synced = Math.min(replica.synced, end);
  replica.highWatermark = Math.min(replica.highWatermark, end);
}

/** The log that the disk holds. */
export function readLog(partition: string, disk: DiskView, ctx: BrokerContext): LogRecord[] {
  const file = fileOf(partition);
  const records = disk.log<LogRecord>(file);
  // What is appended behind a torn record could not be read again.
  ctx.disk.truncate(file, records.length);
  const log: LogRecord[] = [];
  for (const record of records) {
    const { offset, before } = record;
    if (offset > log.length || epochAt(log, offset - 1) !== before) continue;
    log.length = offset;
    log.push(record);
  }
  return log;
}
