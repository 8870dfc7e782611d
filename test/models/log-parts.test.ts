/** The parts of the replicated log that can be judged without a world: epochs, files, sequences, elections. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DiskView } from '../../sim/index.ts';
import type { LogRecord, PartitionMetadata } from '../../models/index.ts';
import { reelected, withInSync, withoutEligible } from '../../models/log/election.ts';
import { epochEnd, lastEpoch } from '../../models/log/log-record.ts';
import { readLog } from '../../models/log/log-storage.ts';
import { knownOffset, noteSequence, sequencesOf } from '../../models/log/producer-sequences.ts';

const record = (
  offset: number,
  epoch: number,
  before: number,
  stamp: LogRecord['message']['stamp'] = null,
): LogRecord => ({
  offset,
  epoch,
  before,
  message: { id: `${offset}@${epoch}`, key: '', body: null, stamp },
});

/** A log whose records have these epochs. */
const logOf = (epochs: readonly number[]): LogRecord[] =>
  epochs.map((epoch, i) => record(i, epoch, epochs[i - 1] ?? 0));
const risingEpochs = fc
  .array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 })
  .map((all) => all.toSorted((a, b) => a - b));

describe('leader epochs', () => {
  test('an epoch ends where the first later one begins', () => {
    fc.assert(
      fc.property(risingEpochs, fc.integer({ min: 0, max: 8 }), (epochs, asked) => {
        const upTo = epochs.filter((epoch) => epoch <= asked);
        expect(epochEnd(logOf(epochs), asked)).toEqual({ epoch: upTo.at(-1) ?? 0, endOffset: upTo.length });
      }),
    );
  });
});

describe('a log on disk', () => {
  /** Appends in rising epochs, now and then after a truncation, as a replica does. */
  const histories = fc.array(
    fc.record({
      cut: fc.option(fc.nat(3), { freq: 3 }),
      later: fc.boolean(),
      synced: fc.boolean(),
      kept: fc.boolean(),
    }),
    { maxLength: 25 },
  );

  test('whatever a crash keeps of the unsynced records is a log that follows from itself, with all that was synced', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const log: LogRecord[] = [];
        const file: LogRecord[] = [];
        let epoch = 1;
        let durable = 0;
        let synced: LogRecord[] = [];
        for (const { cut, later, synced: flushes } of steps) {
          if (cut !== null) log.length = Math.max(0, log.length - cut);
          if (later || cut !== null) epoch++;
          const next = record(log.length, epoch, lastEpoch(log));
          log.push(next);
          file.push(next);
          // What is cut off later was not confirmed by this replica alone: only the common part must stay.
          synced = flushes ? [...log] : synced.filter((one, i) => log[i] === one);
          if (flushes) durable = file.length;
        }
        const onDisk = file.filter((_, i) => i < durable || steps[i]?.kept === true);
        const view: DiskView = { read: () => undefined, log: <T>() => onDisk as T[], damage: () => [] };
        const found = readLog('p', view, { disk: { truncate: () => undefined } } as never);
        found.forEach((one, i) => expect([one.offset, one.before]).toEqual([i, found[i - 1]?.epoch ?? 0]));
        expect(found.slice(0, synced.length)).toEqual(synced);
      }),
    );
  });
});

describe('producer sequences', () => {
  test('are the same read from the log as kept while it grew, and know the last five again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('x' as const, 'y' as const), { maxLength: 30 }), (writers) => {
        const sent = { x: 0, y: 0 };
        const kept = {};
        const log = writers.map((producerId, offset) => {
          const one = record(offset, 1, 1, { producerId, sequence: sent[producerId]++ });
          expect(knownOffset(kept, one.message)).toBeUndefined();
          noteSequence(kept, one);
          return one;
        });
        expect(sequencesOf(log)).toEqual(kept);
        for (const producerId of ['x', 'y']) {
          const own = log.filter(({ message }) => message.stamp?.producerId === producerId);
          for (const { offset, message } of own.slice(-5)) expect(knownOffset(kept, message)).toBe(offset);
          const gap = record(0, 1, 0, { producerId, sequence: own.length + 1 });
          expect(() => knownOffset(kept, gap.message)).toThrow(
            expect.objectContaining({ code: 'out-of-order-sequence' }),
          );
        }
      }),
    );
  });
});

describe('election', () => {
  const at = (isr: string[], more: Partial<PartitionMetadata> = {}): PartitionMetadata => ({
    partition: 't-0',
    replicas: ['a', 'b', 'c'],
    leader: isr[0] ?? '',
    leaderEpoch: 1,
    isr,
    elr: [],
    minInSync: 2,
    partitionEpoch: 1,
    ...more,
  });
  const alive =
    (...who: string[]) =>
    (id: string) =>
      who.includes(id);

  test('takes the first replica in sync, in a new epoch', () => {
    expect(reelected(at(['a', 'b', 'c']), alive('b', 'c'), false)).toMatchObject({
      leader: 'b',
      leaderEpoch: 2,
      isr: ['b', 'c'],
    });
  });

  test('a follower that dies leaves the in-sync replicas, and the epoch stays', () => {
    expect(reelected(at(['a', 'b', 'c']), alive('a', 'c'), false)).toMatchObject({
      leader: 'a',
      leaderEpoch: 1,
      isr: ['a', 'c'],
    });
    expect(reelected(at(['a', 'b']), alive('a', 'b', 'c'), false)).toBeUndefined();
  });

  test('with too few in sync those that fell out last are eligible, and others are not', () => {
    const alone = withInSync(at(['a', 'b']), ['a']);
    expect(alone).toMatchObject({ isr: ['a'], elr: ['b'] });
    expect(reelected(alone, alive('b', 'c'), false)).toMatchObject({ leader: 'b', isr: ['b'], elr: ['a'] });
    expect(reelected(alone, alive('c'), false)).toMatchObject({ leader: '', isr: [], elr: ['a', 'b'] });
    expect(withInSync(alone, ['a', 'c'])).toMatchObject({ elr: [] });
  });

  test('unclean, it takes any that is alive when nobody else is', () => {
    const alone = withInSync(at(['a', 'b']), ['a']);
    expect(reelected(alone, alive('c'), true)).toMatchObject({ leader: 'c', leaderEpoch: 2, isr: ['c'], elr: [] });
    expect(reelected(alone, alive('b', 'c'), true)).toMatchObject({ leader: 'b' });
  });

  test('a replica that has lost part of its log is eligible no more, unless nobody else is', () => {
    const offline = at([], { elr: ['a', 'b'] });
    expect(withoutEligible(offline, 'a')).toMatchObject({ elr: ['b'] });
    expect(withoutEligible({ ...offline, elr: ['b'] }, 'b')).toBeUndefined();
  });
});
