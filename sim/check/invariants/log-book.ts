/**
 * What the nodes of a group have ever had in their logs, so that logs are compared by identity and not entry by entry.
 *
 * An entry is an object that is shared by all nodes that hold the same command, of the same term, at the same index, after the
 * same entries. To hold one entry is thus to hold all that come before it, and "has this leader all that was committed" is one
 * comparison. Following a log costs what has changed in it since it was last looked at. A change that leaves the end of the
 * log as it was is looked for at one further entry per event, in turns, and everywhere at boots and at the end of the run.
 */
import { canonicalJson, copyOf } from '../../base/json.ts';
import { isSameData } from '../../base/same-data.ts';
import type { Micros } from '../../base/time.ts';

/** A node's log as a check sees it: indexes count from 1; what was compacted into a snapshot is not in it any more. */
export interface LogView {
  /** Index of the first entry that is still there: 1, or snapshotIndex + 1 after compaction. */
  readonly firstIndex: number;
  /** Index of the last entry; firstIndex − 1 when there is none. */
  readonly lastIndex: number;
  /** Term of the entry at an index from firstIndex to lastIndex. */
  termAt(index: number): number;
  /** Its command: plain data, equal exactly when the commands are. It is only read while the event is handled. */
  commandAt(index: number): unknown;
}

/** A log that is a list of entries, of which the first one follows index `base`. What comes before `firstIndex` is not shown. */
export class ListedLog<E> implements LogView {
  readonly firstIndex: number;
  private readonly base: number;
  private readonly entries: readonly E[];
  private readonly termOf: (entry: E) => number;
  private readonly commandOf: (entry: E) => unknown;

  constructor(
    entries: readonly E[],
    termOf: (entry: E) => number,
    commandOf: (entry: E) => unknown,
    base: number = 0,
    firstIndex: number = base + 1,
  ) {
    this.entries = entries;
    this.termOf = termOf;
    this.commandOf = commandOf;
    this.base = base;
    this.firstIndex = firstIndex;
  }

  get lastIndex(): number {
    return this.base + this.entries.length;
  }

  termAt(index: number): number {
    return this.termOf(this.entries[index - this.base - 1] as E);
  }

  commandAt(index: number): unknown {
    return this.commandOf(this.entries[index - this.base - 1] as E);
  }
}

/** An entry with all that comes before it. */
export interface Entry {
  readonly index: number;
  readonly term: number;
  /** As text. */
  readonly command: string;
  /** A copy of it as it was handed over. */
  readonly sample: unknown;
  /** The one before it; undefined when a snapshot hides which. */
  before: Entry | undefined;
  /** Who was the first to hold it, and when. */
  readonly node: string;
  readonly at: Micros;
}

/** Two entries of one index and term that should be one. */
export interface Clash {
  readonly one: Entry;
  readonly other: Entry;
}

const textOf = (command: unknown): string => (typeof command === 'string' ? command : canonicalJson(command));

/** Text is what counts, and mostly need not be written to see that two commands are the same. */
const isOf = (entry: Entry, command: unknown): boolean =>
  isSameData(command, entry.sample) || textOf(command) === entry.command;

export class LogBook {
  /** By index: the entries that some node has held there. More than one is rare. */
  private readonly known: Entry[][] = [];
  private readonly root: Entry = { index: 0, term: 0, command: '', sample: '', before: undefined, node: '', at: 0 };
  clash: Clash | undefined = undefined;
  /** How many entries there are. */
  size = 0;

  /** The entry that stands before index 1. */
  get beginning(): Entry {
    return this.root;
  }

  /** The entry of this index and term, whoever holds it; undefined when nobody ever did. */
  find(index: number, term: number): Entry | undefined {
    return index === 0 ? this.root : this.known[index]?.find((entry) => entry.term === term);
  }

  /** The entry that `node` holds at an index, entered when it is new. */
  enter(index: number, term: number, command: unknown, before: Entry | undefined, node: string, at: Micros): Entry {
    const there = (this.known[index] ??= []);
    for (const entry of there) {
      if (entry.term !== term || !isOf(entry, command)) continue;
      if (before === undefined || entry.before === before) return entry;
      if (entry.before === undefined) {
        entry.before = before;
        return entry;
      }
    }
    const entry: Entry = { index, term, command: textOf(command), sample: copyOf(command), before, node, at };
    const twin = there.find((other) => other.term === term);
    if (twin !== undefined) this.clash ??= { one: twin, other: entry };
    there.push(entry);
    this.size++;
    return entry;
  }
}

/** The log of one node, as it was when it was last looked at. */
export class FollowedLog {
  private readonly book: LogBook;
  private readonly node: string;
  private first = 1;
  private entries: Entry[] = [];
  /** The commands as they were handed over, only to see quickly that they still are the same. */
  private commands: unknown[] = [];
  private base: Entry | undefined;
  private turn = 0;

  constructor(book: LogBook, node: string) {
    this.book = book;
    this.node = node;
    this.base = book.beginning;
  }

  get firstIndex(): number {
    return this.first;
  }

  get lastIndex(): number {
    return this.first + this.entries.length - 1;
  }

  /** The entry at an index; undefined where there is none or it was compacted. */
  at(index: number): Entry | undefined {
    return index === this.first - 1 ? this.base : this.entries[index - this.first];
  }

  get last(): Entry | undefined {
    return this.entries.at(-1) ?? this.base;
  }

  /** Whether the node has `entry`, or has compacted what stood there. */
  holds(entry: Entry): boolean {
    return entry.index < this.first || this.at(entry.index) === entry;
  }

  /**
   * Takes over what the node holds now, and returns the lowest index whose entry is gone or another one; undefined when it has
   * only grown, or was compacted. `snapshotTerm`: of the entry before the first, 0 when unknown. `all`: compare every entry.
   */
  follow(log: LogView, snapshotTerm: number, at: Micros, all: boolean): number | undefined {
    if (log.firstIndex !== this.first) this.rebase(log.firstIndex, snapshotTerm);
    const { lastIndex } = log;
    const common = Math.min(this.lastIndex, lastIndex);
    const same = all ? this.sameFromStart(log, common) : this.sameFromEnd(log, common);
    const lost = same < this.lastIndex ? same + 1 : undefined;
    const kept = Math.max(0, same - this.first + 1);
    if (kept < this.entries.length) this.entries.length = this.commands.length = kept;
    for (let i = same + 1; i <= lastIndex; i++) {
      const command = log.commandAt(i);
      this.entries.push(this.book.enter(i, log.termAt(i), command, this.at(i - 1), this.node, at));
      this.commands.push(command);
    }
    return lost;
  }

  /** The log now begins elsewhere: after compaction, an installed snapshot, or a restart from an older one. */
  private rebase(first: number, snapshotTerm: number): void {
    const dropped = first - this.first;
    const base = dropped > 0 ? this.at(first - 1) : undefined;
    const isKept = dropped > 0 && base !== undefined && (snapshotTerm === 0 || base.term === snapshotTerm);
    this.entries = isKept ? this.entries.slice(dropped) : [];
    this.commands = isKept ? this.commands.slice(dropped) : [];
    this.base = isKept ? base : this.book.find(first - 1, snapshotTerm);
    this.first = first;
  }

  private sameFromStart(log: LogView, common: number): number {
    let same = this.first - 1;
    while (same < common && this.isSame(log, same + 1)) same++;
    return same;
  }

  private sameFromEnd(log: LogView, common: number): number {
    if (common < this.first) return common;
    let same = this.inTurn(log, common);
    while (same >= this.first && !this.isSame(log, same)) same--;
    return same;
  }

  /** Looks at one entry more, each time another: `common` when it is as it was, else the index before it. */
  private inTurn(log: LogView, common: number): number {
    this.turn = (this.turn + 1) % (common - this.first + 1);
    const index = this.first + this.turn;
    return this.isSame(log, index) ? common : index - 1;
  }

  private isSame(log: LogView, index: number): boolean {
    const place = index - this.first;
    const entry = this.entries[place] as Entry;
    if (log.termAt(index) !== entry.term) return false;
    const command = log.commandAt(index);
    if (command === this.commands[place]) return true;
    if (!isOf(entry, command)) return false;
    this.commands[place] = command;
    return true;
  }
}

/** The entry at `index` before `head`; undefined when a snapshot hides it. */
export function ancestor(head: Entry | undefined, index: number): Entry | undefined {
  let entry = head;
  while (entry !== undefined && entry.index > index) entry = entry.before;
  return entry;
}

/** The lowest index at which the logs that end with these entries differ. */
export function firstDifference(one: Entry, other: Entry): { readonly one: Entry; readonly other: Entry } {
  let [a, b] = [one, other];
  for (;;) {
    const [c, d] = [a.before, b.before];
    if (c === undefined || d === undefined || c === d) return { one: a, other: b };
    [a, b] = [c, d];
  }
}
