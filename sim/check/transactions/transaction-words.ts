/** Anomalies of transactions in words: who, which value, which key, and why that orders them. */
import { canonicalJson } from '../../base/json.ts';
import { instantText } from '../../base/time.ts';
import type { Edge } from '../verdict.ts';
import type { Cycle, CycleEdge } from './cycles.ts';
import type { KeyHistory } from './key-history.ts';
import type { ReadAnomaly } from './observations.ts';
import { nameOfValue } from './transaction.ts';
import type { MicroOperation, Transaction } from './transaction.ts';
import type { PairAnomaly } from './update-anomalies.ts';

/** Longer values are cut; of lists the end is kept. */
const LONGEST = 40;

export class TransactionWords {
  private readonly transactions: readonly Transaction[];
  private readonly keys: readonly KeyHistory[];

  constructor(transactions: readonly Transaction[], keys: readonly KeyHistory[]) {
    this.transactions = transactions;
    this.keys = keys;
  }

  /** T and the operation's id: the same name in text, JSON and page. */
  name(index: number): string {
    return `T${this.of(index).op.id}`;
  }

  /** Who ran it, when, and what it did. */
  introduction(index: number): string {
    const { op, micros } = this.of(index);
    const end = op.outcome === 'ok' ? `–${instantText(op.completedAt)}` : ', outcome unknown';
    return `${this.name(index)} = ${op.client} (${instantText(op.invokedAt)}${end}) [${micros.map(microText).join(', ')}]`;
  }

  /** "T1 < T2 because …; however T2 < T1 because …: a contradiction". */
  cycle({ edges }: Cycle): string {
    const links = edges.map((edge, i) => {
      const lead = i === 0 ? '' : i === edges.length - 1 ? 'however ' : '';
      return `${lead}${this.name(edge.from)} < ${this.name(edge.to)} because ${this.reason(edge)}`;
    });
    return `${links.join('; ')}: a contradiction`;
  }

  edge(edge: CycleEdge): Edge {
    return {
      before: this.of(edge.from).op.id,
      after: this.of(edge.to).op.id,
      reason: `${edge.kind}: ${this.reason(edge)}`,
    };
  }

  reason({ from, to, kind, topic, detail }: CycleEdge): string {
    const [before, after] = [this.name(from), this.name(to)];
    const key = this.keys[topic];
    switch (kind) {
      case 'so':
        return `${this.of(from).op.client} ran ${before} before ${after}`;
      case 'rt':
        return `${before} had completed at ${instantText(this.of(from).op.completedAt)}, before ${after} was invoked at ${instantText(this.of(to).op.invokedAt)}`;
      case 'wr':
        return `${after} observed ${before}'s ${this.effect(key, this.seenBy(key, to, detail))}`;
      case 'ww':
        return `${after}'s ${this.effect(key, this.madeBy(key, to, detail))} came after ${before}'s ${this.effect(key, this.lastOf(key, from))}`;
      default:
        return `${before} read ${this.state(key, this.seenBy(key, from, detail))}${kind === 'prw' ? ' (by predicate)' : ''}, and did not observe ${after}'s ${this.effect(key, this.missedOf(key, to, detail))}`;
    }
  }

  read({ name, key, reader, other, value, expected }: ReadAnomaly): string {
    const [who, writer] = [this.name(reader), other === undefined ? '' : this.name(other)];
    switch (name) {
      case 'G1a':
        return `${who} read ${text(value)} from ${key}, which ${writer} wrote and which never committed: ${this.of(other as number).op.client}'s transaction failed`;
      case 'G1b':
        return `${who} read ${text(value)} from ${key}, which is not the last that ${writer} wrote to it`;
      case 'garbage read':
        return `${who} read ${text(value)} from ${key}, which nobody wrote`;
      case 'duplicate elements':
        return `${who} read ${text(value)} twice in ${key}`;
      case 'incompatible order':
        return `${who} read ${key} as ${text(value)}, which cannot be an earlier state of ${text(expected)}${other === undefined ? '' : `, as ${writer} read it`}`;
      case 'internal':
        return `${who} read ${key} as ${text(value)}, although by its own doing it had to be ${text(expected)}`;
    }
  }

  pair({ name, key, first, second, value, through }: PairAnomaly): string {
    const [one, other] = [this.name(first), this.name(second)];
    const version = value === undefined ? `the initial ${key}` : `${key} as ${text(value)} left it`;
    if (name === 'lost update')
      return `${one} and ${other} both read ${version}, and both overwrote it: one update is lost`;
    return `${other} observed ${one}'s write of ${through ?? ''}, and read ${version}, without ${one}'s write of ${key}`;
  }

  private of(index: number): Transaction {
    return this.transactions[index] as Transaction;
  }

  private effect(key: KeyHistory | undefined, value: unknown): string {
    return `${key?.kind === 'list' ? 'append' : 'write'} of ${text(value)} to ${key?.name ?? ''}`;
  }

  private state(key: KeyHistory | undefined, value: unknown): string {
    const name = key?.name ?? '';
    if (value === undefined) return `${name} in its initial state`;
    return key?.kind === 'list' ? `${name} up to ${text(value)}` : `${name}=${text(value)}`;
  }

  private seenBy(key: KeyHistory | undefined, reader: number, at: number): unknown {
    return key?.reads.find((read) => read.transaction === reader && read.at === at)?.value;
  }

  /** What `writer` wrote at a place in the order, or of what it wrote the last that has none. */
  private madeBy(key: KeyHistory | undefined, writer: number, place: number): unknown {
    return place >= 0 ? key?.order[place]?.value : this.lastOf(key, writer);
  }

  private lastOf(key: KeyHistory | undefined, writer: number): unknown {
    const name = key?.finalOf.get(writer);
    return this.valuesOf(key, writer).findLast((value) => nameOfValue(value) === name);
  }

  /** The first value of the writer's that a reader at place `at` did not see. */
  private missedOf(key: KeyHistory | undefined, writer: number, at: number): unknown {
    const values = this.valuesOf(key, writer);
    const unseen = values.find((value) => {
      const place = key?.positionOf(value) ?? -1;
      return at < 0 || place < 0 || place >= at;
    });
    return unseen ?? values[0];
  }

  private valuesOf(key: KeyHistory | undefined, writer: number): unknown[] {
    return this.of(writer).micros.flatMap((micro) =>
      (micro[0] === 'append' || micro[0] === 'w') && String(micro[1]) === key?.name ? [micro[2]] : [],
    );
  }
}

const cut = (long: string, length: number): string => (long.length > length ? `${long.slice(0, length - 1)}…` : long);

function text(value: unknown): string {
  const whole = canonicalJson(value ?? null);
  if (whole.length <= LONGEST) return whole;
  return Array.isArray(value) ? `[…${whole.slice(-LONGEST + 2)}` : cut(whole, LONGEST);
}

const microText = (micro: MicroOperation): string =>
  micro[0] === 'all'
    ? `all ${micro[1] === null ? '?' : micro[1].map(([key, seen]) => `${key}=${text(seen)}`).join(' ')}`
    : `${micro[0]} ${micro[1]} ${text(micro[2])}`;
