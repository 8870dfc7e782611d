/**
 * A node's disk: files that are either one record (`write`) or a log of records (`append`).
 *
 * Writes go to the page cache: reads see them at once, a crash may not keep them. `fsync` makes everything written before it
 * durable after a latency; flushes that wait for a running one are grouped into the next (group commit). A crash keeps, of
 * what was pending, nothing, a prefix, a subset, or a prefix whose last record is torn; which one is drawn per crash.
 * Records carry checksums: a torn or corrupt record reads as absent (and ends its log), and `damage` tells.
 * After a failed fsync the pages count as clean although they never reached the disk, as on Linux ("fsyncgate", 2018).
 */
import { copyOf } from '../base/json.ts';
import { us, type Micros } from '../base/time.ts';
import { NO_EVENT, type EventHandle } from '../kernel/event-queue.ts';
import { exponential } from '../random/distribution.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import { KeyedDraws } from '../random/keyed-draws.ts';
import { compile, type Sampler } from '../random/sampler.ts';
import { RandomStream } from '../random/stream.ts';
import { CallError } from './call-error.ts';
import { credit, type Effect } from './effect.ts';
import { EventKind } from './event-kind.ts';
import type { Node } from './node.ts';
import { Op } from './op.ts';

export type CrashKeeps = 'nothing' | 'prefix' | 'subset' | 'torn';

export interface DiskOptions {
  /** Latency of one flush. Default exponential with mean 500 µs. */
  fsync?: DistributionSpec;
  /** What a crash keeps of the writes that were not synced. Default: drawn at each crash. */
  crashKeeps?: CrashKeeps;
}

type Condition = 'intact' | 'torn' | 'corrupt';

interface Stored {
  readonly value: unknown;
  readonly condition: Condition;
}

interface File {
  record: Stored | undefined;
  entries: Stored[];
}

type Write =
  | { readonly op: 'write' | 'append'; readonly file: string; readonly value: unknown }
  | { readonly op: 'truncate'; readonly file: string; readonly length: number }
  | { readonly op: 'remove'; readonly file: string };

/** What recovery sees. */
export interface DiskView {
  /** The record in `file`; undefined when there is none or it is damaged. */
  read<T>(file: string): T | undefined;
  /** The log in `file`, up to its first damaged record. */
  log<T>(file: string): T[];
  /** The damaged records, as `file` or `file[index]`. */
  damage(): string[];
}

const fileOf = (files: Map<string, File>, name: string): File => {
  let file = files.get(name);
  if (file === undefined) files.set(name, (file = { record: undefined, entries: [] }));
  return file;
};

const applyWrite = (files: Map<string, File>, write: Write, condition: Condition): void => {
  if (write.op === 'remove') files.delete(write.file);
  else if (write.op === 'truncate')
    fileOf(files, write.file).entries.length = Math.min(write.length, fileOf(files, write.file).entries.length);
  else if (write.op === 'append') fileOf(files, write.file).entries.push({ value: write.value, condition });
  else fileOf(files, write.file).record = { value: write.value, condition };
};

const copyFiles = (files: Map<string, File>): Map<string, File> =>
  new Map([...files].map(([name, file]) => [name, { record: file.record, entries: file.entries.slice() }]));

/** The faults that can be in force on a disk. */
export interface DiskFaults {
  readonly slow: Effect[];
  readonly full: Effect[];
  readonly failing: Effect[];
  readonly lying: Effect[];
  /** At the next crash the last pending write is torn. */
  readonly tearing: Effect[];
}

export class Disk implements DiskView {
  private readonly node: Node;
  private readonly random: RandomStream;
  /** What crashes keep: a stream of its own, so that a crash more or less moves no flush. */
  private readonly crashRandom: RandomStream;
  private readonly latency: Sampler;
  private readonly crashKeeps: CrashKeeps | undefined;
  private durable = new Map<string, File>();
  private cached = new Map<string, File>();
  private pending: Write[] = [];
  private flushing: FsyncOp[] = [];
  private covered = 0;
  private nextGroup: FsyncOp[] = [];
  private pace = 1;
  /** When the flush in progress ends, and its event. */
  private due: Micros = 0;
  private end: EventHandle = NO_EVENT;
  readonly faults: DiskFaults = { slow: [], full: [], failing: [], lying: [], tearing: [] };

  constructor(node: Node, random: RandomStream, options: DiskOptions = {}) {
    this.node = node;
    this.random = random;
    this.crashRandom = new RandomStream(random.seed, `${random.name}/crash`);
    this.latency = compile(options.fsync ?? exponential({ mean: us(500) }));
    this.crashKeeps = options.crashKeeps;
  }

  redraw(salt: number): void {
    this.random.redraw(salt);
    this.crashRandom.redraw(salt);
  }

  read<T>(file: string): T | undefined {
    const record = this.cached.get(file)?.record;
    return record === undefined || record.condition !== 'intact' ? undefined : copyOf(record.value as T);
  }

  log<T>(file: string): T[] {
    const entries = this.cached.get(file)?.entries ?? [];
    const end = entries.findIndex((entry) => entry.condition !== 'intact');
    return (end < 0 ? entries : entries.slice(0, end)).map((entry) => copyOf(entry.value as T));
  }

  damage(): string[] {
    const found: string[] = [];
    for (const [name, file] of this.cached) {
      if (file.record !== undefined && file.record.condition !== 'intact') found.push(name);
      file.entries.forEach((entry, i) => entry.condition !== 'intact' && found.push(`${name}[${i}]`));
    }
    return found;
  }

  /** Replaces the record in `file`. Throws CallError `disk-full` when the disk is full. */
  write(file: string, value: unknown): void {
    this.put({ op: 'write', file, value: copyOf(value) });
  }

  /** Appends a record to the log in `file`. Throws CallError `disk-full` when the disk is full. */
  append(file: string, value: unknown): void {
    this.put({ op: 'append', file, value: copyOf(value) });
  }

  /** Keeps the first `length` records of the log in `file`. */
  truncate(file: string, length: number): void {
    this.put({ op: 'truncate', file, length });
  }

  remove(file: string): void {
    this.put({ op: 'remove', file });
  }

  /** Waits until everything written so far is durable. Fails with CallError `fsync-failed`. */
  fsync(): Op<void> {
    return new FsyncOp<void>(this, undefined);
  }

  /** As `fsync`, with a result: `return ctx.disk.synced({ granted })` replies once the vote is durable. */
  synced<T>(result: T): Op<T> {
    return new FsyncOp<T>(this, result);
  }

  /** Writes that a crash now could lose. */
  get unsynced(): number {
    return this.pending.length;
  }

  private put(write: Write): void {
    if (this.faults.full.length > 0 && (write.op === 'write' || write.op === 'append')) {
      credit(this.faults.full);
      throw new CallError('disk', 'disk-full', `no space left on the disk of ${this.node.id}`, true);
    }
    applyWrite(this.cached, write, 'intact');
    this.pending.push(write);
  }

  /** Part of FsyncOp: joins the running group's successor, or begins a flush. */
  enqueue(op: FsyncOp): void {
    this.nextGroup.push(op);
    if (this.flushing.length === 0) this.flush();
  }

  private flush(): void {
    this.flushing = this.nextGroup;
    this.nextGroup = [];
    this.covered = this.pending.length;
    let latency = this.latency.sample(this.random);
    if (this.pace !== 1) {
      latency = Math.round(latency * this.pace);
      credit(this.faults.slow);
    }
    this.awaitEnd(latency);
  }

  private awaitEnd(left: Micros): void {
    const { node } = this;
    const { queue, now } = node.world;
    this.due = now + left;
    this.end = queue.push(this.due, EventKind.wake, node.index, 0, 0, 0, this.flushing[0] as FsyncOp);
  }

  /** A flush takes this many times as long now; the one in progress too, as far as it is not done. */
  get slowdown(): number {
    return this.pace;
  }

  set slowdown(times: number) {
    const change = times / this.pace;
    this.pace = times;
    const { queue, now } = this.node.world;
    // Done, when the node is paused and does not know it yet.
    if (change === 1 || this.flushing.length === 0 || this.due <= now) return;
    if (times !== 1) credit(this.faults.slow);
    queue.cancel(this.end);
    this.awaitEnd(Math.round((this.due - now) * change));
  }

  /** The flush in progress has ended. */
  flushed(): void {
    const group = this.flushing;
    const written = this.pending.splice(0, this.covered);
    const { failing, lying } = this.faults;
    if (failing.length > 0) credit(failing);
    else if (lying.length > 0 && written.length > 0) credit(lying);
    else if (lying.length === 0) for (const write of written) applyWrite(this.durable, write, 'intact');
    this.flushing = [];
    if (this.nextGroup.length > 0) this.flush();
    for (const op of group) {
      if (failing.length > 0) op.fail(new CallError('disk', 'fsync-failed', `fsync failed on ${this.node.id}`, false));
      else op.conclude();
    }
  }

  /** Power is lost: the cache is gone, and of what was pending only what the crash keeps. */
  crash(): void {
    if (this.pending.length > 0) {
      let keeps = this.crashKeeps ?? this.crashRandom.pick(['nothing', 'prefix', 'subset', 'torn'] as const);
      if (this.faults.tearing.length > 0) {
        credit(this.faults.tearing);
        this.faults.tearing.length = 0;
        keeps = 'torn';
      }
      this.keep(keeps);
    }
    this.pending = [];
    this.flushing = [];
    this.nextGroup = [];
    this.cached = copyFiles(this.durable);
  }

  private keep(keeps: CrashKeeps): void {
    if (keeps === 'nothing') return;
    if (keeps === 'subset') {
      for (const write of this.pending) if (this.crashRandom.chance(0.5)) applyWrite(this.durable, write, 'intact');
      return;
    }
    const length = this.crashRandom.between(keeps === 'torn' ? 1 : 0, this.pending.length);
    this.pending.slice(0, length).forEach((write, i) => {
      applyWrite(this.durable, write, keeps === 'torn' && i === length - 1 ? 'torn' : 'intact');
    });
  }

  /**
   * Bit rot: each durable record is corrupted with `probability`; whether a record is hit depends on the fault and the
   * record's place alone, so a retry sees the same damage. Returns how many records were hit.
   */
  rot(seed: string, name: string, probability: number): number {
    let hit = 0;
    const draws = new KeyedDraws(seed, name);
    const spoil = (file: string, index: number, stored: Stored): Stored => {
      let place = index;
      for (let i = 0; i < file.length; i++) place = (place * 31 + file.charCodeAt(i)) >>> 0;
      if (draws.at(place).next() >= probability) return stored;
      hit++;
      return { value: stored.value, condition: 'corrupt' };
    };
    for (const [name_, file] of this.durable) {
      if (file.record !== undefined) file.record = spoil(name_, 0, file.record);
      file.entries = file.entries.map((entry, i) => spoil(name_, i + 1, entry));
    }
    if (hit > 0) this.reread();
    return hit;
  }

  private reread(): void {
    this.cached = copyFiles(this.durable);
    for (const write of this.pending) applyWrite(this.cached, write, 'intact');
  }

  /** Everything on the disk is gone for ever. */
  wipe(): void {
    this.durable = new Map();
    this.cached = new Map();
    this.pending = [];
    this.flushing = [];
    this.nextGroup = [];
  }

  /** What is durable now, as plain data. */
  snapshot(): unknown {
    return [...this.durable].map(([name, file]) => [name, file.record ?? null, file.entries]);
  }
}

class FsyncOp<T = unknown> extends Op<T> {
  private readonly disk: Disk;
  private readonly result: T;

  constructor(disk: Disk, result: T) {
    super();
    this.disk = disk;
    this.result = result;
  }

  protected override start(_node: Node): void {
    this.disk.enqueue(this as FsyncOp);
  }

  override wake(): void {
    this.disk.flushed();
  }

  conclude(): void {
    this.succeed(this.result);
  }
}
