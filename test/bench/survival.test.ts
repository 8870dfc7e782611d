import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { codeOf, soundDesigns } from '../../bench/survival/designs.ts';
import { sampleOf } from '../../bench/survival/endure.ts';
import {
  isDone,
  readLedger,
  takenOver,
  withEntry,
  writeLedger,
  type Endured,
  type Task,
} from '../../bench/survival/ledger.ts';

const task: Task = { scenario: 'lease-drift-fenced', profile: 'clocks', code: 'c1', schedules: 2_000, events: 5 };
const entry: Endured = { code: 'c1', schedules: 2_000, held: 1_999, failures: [{ index: 7, found: ['x'] }], events: 9 };

describe('the ledger of survival', () => {
  test('an entry counts for its own code and for as many schedules as it has', () => {
    const ledger = withEntry({}, task, entry);
    expect(isDone(ledger, task)).toBe(true);
    expect(isDone(ledger, { ...task, schedules: 500 })).toBe(true);
    expect(isDone(ledger, { ...task, schedules: 2_001 })).toBe(false);
    expect(isDone(ledger, { ...task, code: 'c2' })).toBe(false);
    expect(isDone(ledger, { ...task, profile: 'disks' })).toBe(false);
    expect(isDone({}, task)).toBe(false);
  });

  test('an entry is taken over to other code that runs its first schedules to the same digests, and to no other', () => {
    const sampled = { ...entry, sample: 's1' };
    expect(takenOver(sampled, 'c2', 's1')).toEqual({ ...sampled, code: 'c2' });
    expect(takenOver(sampled, 'c2', 's2')).toBeUndefined();
    expect(takenOver(entry, 'c2', 's1')).toBeUndefined();
    expect(takenOver(entry, 'c1', 's1')).toEqual(sampled);
  });

  test('a sample is the same again, and another for other schedules', () => {
    const sample = sampleOf({ ...task, schedules: 2 });
    expect(sample).toMatch(/^[0-9a-f]{16}$/);
    expect(sampleOf({ ...task, schedules: 2 })).toBe(sample);
    expect(sampleOf({ ...task, schedules: 3 })).not.toBe(sample);
    expect(sampleOf({ ...task, schedules: 2, profile: 'mixed' })).not.toBe(sample);
  });

  test('keeps names in order, other entries as they were, and is read back whole', () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-ledger-'));
    const path = join(folder, 'survival.json');
    const first = withEntry({}, task, entry);
    const ledger = withEntry(withEntry(first, { ...task, profile: 'a' }, entry), { ...task, scenario: 'b' }, entry);
    expect(readLedger(path)).toEqual({});
    writeLedger(path, ledger);
    expect(JSON.stringify(readLedger(path))).toBe(JSON.stringify(ledger));
    expect(Object.keys(ledger)).toEqual(['b', 'lease-drift-fenced']);
    expect(Object.keys(ledger['lease-drift-fenced'] ?? {})).toEqual(['a', 'clocks']);
    expect(first['lease-drift-fenced']).toEqual({ clocks: entry });
    expect(readdirSync(folder)).toEqual(['survival.json']);
    rmSync(folder, { recursive: true });
  });

  test('tells the code of one design from that of another', async () => {
    const names = soundDesigns().map(({ name }) => name);
    expect(names).toContain('lease-drift-fenced');
    const [one, again, other] = [
      await codeOf('lease-drift-fenced'),
      await codeOf('lease-drift-fenced'),
      await codeOf('canary'),
    ];
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });
});
