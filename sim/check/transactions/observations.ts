/**
 * Reads a history of transactions key by key, and finds what is wrong with single reads: aborted (G1a), intermediate (G1b),
 * from nowhere, duplicated, of no common order, or contradicting the transaction itself.
 */
import { canonicalJson } from '../../base/json.ts';
import { KeyHistory } from './key-history.ts';
import { nameOfValue } from './transaction.ts';
import type { MicroOperation, Transaction } from './transaction.ts';

export type ReadAnomalyName = 'G1a' | 'G1b' | 'garbage read' | 'duplicate elements' | 'incompatible order' | 'internal';

/** Something wrong with what `reader` read of `key`. */
export interface ReadAnomaly {
  readonly name: ReadAnomalyName;
  readonly key: string;
  readonly reader: number;
  /** The other transaction concerned. */
  readonly other?: number;
  readonly value: unknown;
  readonly expected?: unknown;
}

export interface Observations {
  readonly transactions: readonly Transaction[];
  readonly keys: ReadonlyMap<string, KeyHistory>;
  readonly anomalies: readonly ReadAnomaly[];
  /** By transaction: 1 when it committed, for certain or because what it wrote was read. */
  readonly committed: Uint8Array;
  /** Why the history cannot be judged. */
  readonly flaw: string | undefined;
}

export interface TransactionOptions {
  /** The versions of a key in the order in which the store installed them, as values (of lists: the elements); undefined: not known. */
  readonly versions?: (key: string) => readonly unknown[] | undefined;
}

export function observe(transactions: readonly Transaction[], options: TransactionOptions): Observations {
  return new Observer(transactions, options).run();
}

/** A read that reaches outside its transaction. */
interface OutsideRead {
  readonly transaction: number;
  readonly seen: unknown;
  readonly isAbsence: boolean;
}

class Observer {
  private readonly transactions: readonly Transaction[];
  private readonly options: TransactionOptions;
  private readonly keys = new Map<string, KeyHistory>();
  private readonly outside = new Map<KeyHistory, OutsideRead[]>();
  private readonly anomalies: ReadAnomaly[] = [];
  private readonly committed: Uint8Array;
  private flaw: string | undefined;

  constructor(transactions: readonly Transaction[], options: TransactionOptions) {
    this.transactions = transactions;
    this.options = options;
    this.committed = Uint8Array.from(transactions, ({ outcome }) => (outcome === 'ok' ? 1 : 0));
  }

  run(): Observations {
    for (const transaction of this.transactions) this.noteWrites(transaction);
    for (const transaction of this.transactions) if (transaction.outcome === 'ok') this.noteReads(transaction);
    for (const key of this.keys.values()) this.settle(key, this.outside.get(key) ?? []);
    const { transactions, keys, anomalies, committed, flaw } = this;
    return { transactions, keys, anomalies, committed, flaw };
  }

  private key(name: string | number): KeyHistory {
    const text = String(name);
    let key = this.keys.get(text);
    if (key === undefined) this.keys.set(text, (key = new KeyHistory(text)));
    return key;
  }

  private noteWrites({ micros, index, op }: Transaction): void {
    for (const micro of micros) {
      if (micro[0] === 'all') continue;
      const key = this.key(micro[1]);
      if (micro[0] === 'r') continue;
      const kind = micro[0] === 'append' ? 'list' : 'register';
      if (key.writers.size > 0 && key.kind !== kind)
        this.flaw ??= `key ${key.name} is both appended to and written (operation ${op.id})`;
      key.kind = kind;
      if (!key.wrote(index, micro[2])) {
        this.flaw ??= `${canonicalJson(micro[2])} was written to ${key.name} twice (operation ${op.id}): who read from whom is not known; write unique values`;
      }
    }
  }

  private noteReads(transaction: Transaction): void {
    const own = new OwnView(transaction, (anomaly) => this.anomalies.push(anomaly));
    for (const micro of transaction.micros) {
      if (micro[0] === 'all') this.noteAll(transaction, micro, own);
      else if (micro[0] === 'r') this.noteRead(this.key(micro[1]), transaction, micro[2], false, own);
      else own.write(this.key(micro[1]), micro[2]);
    }
  }

  private noteAll(transaction: Transaction, micro: MicroOperation & readonly ['all', unknown], own: OwnView): void {
    if (micro[1] === null || micro[1] === undefined) return;
    const rows = new Map(micro[1].map(([name, seen]) => [String(name), seen]));
    for (const name of rows.keys()) this.key(name);
    for (const [name, key] of this.keys) this.noteRead(key, transaction, rows.get(name) ?? null, !rows.has(name), own);
  }

  private noteRead(key: KeyHistory, { index }: Transaction, seen: unknown, isAbsence: boolean, own: OwnView): void {
    if (seen === undefined) return;
    const value = key.kind === 'list' ? (seen ?? []) : key.writers.size === 0 && isEmptyList(seen) ? null : seen;
    if (key.kind === 'list' && !Array.isArray(value)) {
      this.flaw ??= `operation ${this.transactions[index]?.op.id}: ${key.name} is a list, and was read as ${canonicalJson(seen)}`;
      return;
    }
    const outside = own.read(key, value);
    if (outside === undefined) return;
    const reads = this.outside.get(key);
    const read = { transaction: index, seen: outside, isAbsence };
    if (reads === undefined) this.outside.set(key, [read]);
    else reads.push(read);
  }

  private settle(key: KeyHistory, reads: readonly OutsideRead[]): void {
    const given = this.options.versions?.(key.name);
    if (given !== undefined) key.setOrder(given, true);
    if (key.kind === 'list') this.settleList(key, reads);
    else this.settleRegister(key, reads);
    for (const { writer } of key.order) if (writer !== undefined) this.observed(writer);
  }

  private settleList(key: KeyHistory, reads: readonly OutsideRead[]): void {
    const standing = this.hasAborted(key) ? reads.filter(({ seen }) => this.stands(key, seen as unknown[])) : reads;
    const longest = longestOf(standing) ?? longestOf(reads);
    if (!key.isGiven && longest !== undefined) key.setOrder(longest.seen as unknown[], false);
    const gap = key.gap();
    const torn = gap < 0 ? undefined : reads.find(({ seen }) => (seen as unknown[]).length > gap);
    if (torn !== undefined)
      this.anomalies.push({
        name: 'incompatible order',
        key: key.name,
        reader: torn.transaction,
        value: torn.seen,
        expected: this.appendsOf(key, key.order[gap]?.writer),
      });
    const suspect = key.order.findIndex(
      ({ writer }, at) =>
        writer === undefined ||
        this.transactions[writer]?.outcome === 'fail' ||
        key.positionOf(key.order[at]?.value) !== at,
    );
    for (const read of reads) {
      const list = read.seen as readonly unknown[];
      const isPrefix = list.length <= key.order.length && list.every((value, i) => isEqual(value, key.order[i]?.value));
      const isStray =
        (!isPrefix || (suspect !== -1 && suspect < list.length)) && this.strayElements(key, read.transaction, list);
      if (!isPrefix && !isStray) {
        this.anomalies.push({
          name: 'incompatible order',
          key: key.name,
          reader: read.transaction,
          value: list,
          expected: key.order.map(({ value }) => value),
          ...(longest === undefined || longest.transaction === read.transaction ? {} : { other: longest.transaction }),
        });
      }
      if (isPrefix) this.noteVersion(key, read, list.length, list.at(-1));
    }
  }

  private hasAborted(key: KeyHistory): boolean {
    for (const writer of key.finalOf.keys()) if (this.transactions[writer]?.outcome === 'fail') return true;
    return false;
  }

  /** Whether nothing in a list was taken back later: what came after such an element says nothing about the order. */
  private stands(key: KeyHistory, list: readonly unknown[]): boolean {
    return list.every((value) => this.transactions[key.writerOf(value) ?? -1]?.outcome !== 'fail');
  }

  private appendsOf(key: KeyHistory, writer: number | undefined): unknown[] {
    const micros = this.transactions[writer ?? -1]?.micros ?? [];
    return micros.flatMap((micro) => (micro[0] === 'append' && String(micro[1]) === key.name ? [micro[2]] : []));
  }

  /** Names elements that must not be in the list. */
  private strayElements(key: KeyHistory, reader: number, list: readonly unknown[]): boolean {
    const before = this.anomalies.length;
    const seen = new Set<unknown>();
    for (const value of list) {
      this.judgeValue(key, reader, value);
      if (seen.has(nameOfValue(value)))
        this.anomalies.push({ name: 'duplicate elements', key: key.name, reader, value });
      seen.add(nameOfValue(value));
    }
    return this.anomalies.length > before;
  }

  private judgeValue(key: KeyHistory, reader: number, value: unknown): void {
    const writer = key.writerOf(value);
    if (writer === undefined) this.anomalies.push({ name: 'garbage read', key: key.name, reader, value });
    else if (this.transactions[writer]?.outcome === 'fail')
      this.anomalies.push({ name: 'G1a', key: key.name, reader, other: writer, value });
  }

  private settleRegister(key: KeyHistory, reads: readonly OutsideRead[]): void {
    for (const read of reads) {
      const value = read.seen === null && key.writerOf(null) === undefined ? undefined : read.seen;
      if (value !== undefined) {
        this.judgeValue(key, read.transaction, value);
        const writer = key.writerOf(value);
        if (writer !== undefined) this.observed(writer);
      }
      if (key.isGiven && value !== undefined && key.positionOf(value) < 0) {
        if (this.committed[key.writerOf(value) ?? -1] === 1)
          this.anomalies.push({
            name: 'incompatible order',
            key: key.name,
            reader: read.transaction,
            value,
            expected: key.order.map((version) => version.value),
          });
        continue;
      }
      const at = !key.isGiven ? -1 : value === undefined ? 0 : key.positionOf(value) + 1;
      this.noteVersion(key, read, at, value);
    }
  }

  private noteVersion(key: KeyHistory, { transaction, isAbsence }: OutsideRead, at: number, value: unknown): void {
    key.reads.push({ transaction, at, value, isAbsence });
    if (key.finalOf.has(transaction)) key.overwrote.set(transaction, value);
    const writer = value === undefined ? undefined : key.writerOf(value);
    if (writer === undefined || writer === transaction) return;
    if (this.transactions[writer]?.outcome !== 'fail' && key.finalOf.get(writer) !== nameOfValue(value)) {
      this.anomalies.push({ name: 'G1b', key: key.name, reader: transaction, other: writer, value });
    }
  }

  private observed(writer: number): void {
    if (this.transactions[writer]?.outcome === 'unknown') this.committed[writer] = 1;
  }
}

function longestOf(reads: readonly OutsideRead[]): OutsideRead | undefined {
  let longest: OutsideRead | undefined;
  for (const read of reads)
    if (longest === undefined || (read.seen as unknown[]).length > (longest.seen as unknown[]).length) longest = read;
  return longest;
}

/** A key that nobody wrote may be a list, or not. */
const isEmptyList = (seen: unknown): boolean => Array.isArray(seen) && seen.length === 0;

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && nameOfValue(a) === nameOfValue(b));

/** What a transaction must see of its own doing, key by key. */
class OwnView {
  private readonly transaction: Transaction;
  private readonly report: (anomaly: ReadAnomaly) => void;
  /** Per key: the state if it is known, what was appended since, and all that was appended. */
  private readonly known = new Map<
    KeyHistory,
    { state: unknown; isKnown: boolean; appended: unknown[]; own: unknown[]; wrote: boolean }
  >();

  constructor(transaction: Transaction, report: (anomaly: ReadAnomaly) => void) {
    this.transaction = transaction;
    this.report = report;
  }

  write(key: KeyHistory, value: unknown): void {
    const view = this.known.get(key) ?? { state: undefined, isKnown: false, appended: [], own: [], wrote: false };
    if (key.kind === 'list') {
      view.appended.push(value);
      view.own.push(value);
    } else [view.state, view.isKnown] = [value, true];
    view.wrote = true;
    this.known.set(key, view);
  }

  /** What the read tells about other transactions: the state outside, or undefined when it tells nothing new. */
  read(key: KeyHistory, seen: unknown): unknown {
    const view = this.known.get(key);
    const isList = key.kind === 'list';
    const expected =
      view === undefined
        ? undefined
        : isList
          ? [...((view.state as unknown[] | undefined) ?? []), ...view.appended]
          : view.state;
    const wrong =
      view !== undefined && (view.isKnown ? !sameState(seen, expected) : !endsWith(seen as unknown[], view.appended));
    if (wrong) this.report({ name: 'internal', key: key.name, reader: this.transaction.index, value: seen, expected });
    const own = view?.own ?? [];
    this.known.set(key, { state: seen, isKnown: true, appended: [], own, wrote: view?.wrote ?? false });
    if (view?.wrote !== true) return seen;
    // Before its own elements are those that it was appended to.
    return isList && !view.isKnown && !wrong
      ? (seen as unknown[]).slice(0, (seen as unknown[]).length - own.length)
      : undefined;
  }
}

const sameState = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((value, i) => isEqual(value, b[i]))
    : isEqual(a, b);

const endsWith = (list: readonly unknown[], tail: readonly unknown[]): boolean =>
  list.length >= tail.length && tail.every((value, i) => isEqual(value, list[list.length - tail.length + i]));
