/**
 * What happened, in columns: one row per send, delivery, drop, timer, change of lifecycle, fault, client event.
 *
 * Row numbers start at 1; 0 means none. Each row names its cause (the row during which it was scheduled) and, for what
 * became of a message, the row of its sending. The trace is bounded: rows over `maxRows` are counted, not kept, and the
 * count is part of the result, so that a truncated trace always says so.
 */
import type { Micros } from '../base/time.ts';

/** Kinds of row, by number. Stored in traces: append only. */
export const TRACE_KINDS = [
  'none',
  'send',
  'deliver',
  'drop',
  'duplicate',
  'timer',
  'wake',
  'crash',
  'restart',
  'boot',
  'pause',
  'resume',
  'gone',
  'phase',
  'fault-begin',
  'fault-end',
  'invoke',
  'complete',
  'note',
  'hold',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

const KIND_NUMBER = new Map<TraceKind, number>(TRACE_KINDS.map((kind, i) => [kind, i]));

export interface TraceOptions {
  /** Rows kept at most. Default 250,000. */
  maxRows?: number;
  /** Record from this instant, default 0. */
  from?: Micros;
  /** Record until this instant, default the end. */
  to?: Micros;
}

/** One change of one node's state, as immer reports it. */
export interface StatePatch {
  readonly op: 'replace' | 'remove' | 'add';
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
}

/** A trace as plain data: columns of equal length; entry i describes row i + 1. */
export interface TraceData {
  readonly kinds: readonly string[];
  readonly strings: readonly string[];
  readonly nodes: readonly string[];
  readonly at: readonly number[];
  readonly kind: readonly number[];
  /** Node index, −1 for none. */
  readonly node: readonly number[];
  /** The other node of a message, −1 for none. */
  readonly peer: readonly number[];
  /** Index into `strings`: message, timer, fault, phase. */
  readonly label: readonly number[];
  readonly cause: readonly number[];
  /** The row of the sending, for what became of a message. */
  readonly sending: readonly number[];
  /** Canonical text of payload or detail, by row. */
  readonly detail: Readonly<Record<number, string>>;
  /** State changes, by row. */
  readonly patches: Readonly<Record<number, readonly StatePatch[]>>;
  /** States when the recording began, by node name. */
  readonly initial: Readonly<Record<string, unknown>>;
  readonly from: Micros;
  readonly to: Micros;
  /** Rows that did not fit. */
  readonly omitted: number;
}

export class Trace {
  private readonly maxRows: number;
  readonly from: Micros;
  readonly to: Micros;
  private size = 0;
  private omitted = 0;
  private readonly stringNumbers = new Map<string, number>();
  private readonly columns = {
    at: [] as number[],
    kind: [] as number[],
    node: [] as number[],
    peer: [] as number[],
    label: [] as number[],
    cause: [] as number[],
    sending: [] as number[],
  };
  private readonly detail: Record<number, string> = {};
  private readonly patches: Record<number, readonly StatePatch[]> = {};

  constructor(options: TraceOptions = {}) {
    this.maxRows = options.maxRows ?? 250_000;
    this.from = options.from ?? 0;
    this.to = options.to ?? Number.MAX_SAFE_INTEGER;
  }

  get rows(): number {
    return this.size;
  }

  /** The instant of a row that was kept. */
  timeOf(row: number): Micros {
    return this.columns.at[row - 1] as number;
  }

  covers(at: Micros): boolean {
    return at >= this.from && at <= this.to;
  }

  /** Adds a row and returns its number, or 0 when it is outside the window or does not fit. */
  add(
    kind: TraceKind,
    at: Micros,
    node: number,
    peer: number,
    label: string,
    cause: number,
    sending = 0,
    detail?: string,
  ): number {
    if (at < this.from || at > this.to) return 0;
    if (this.size >= this.maxRows) {
      this.omitted++;
      return 0;
    }
    const { columns } = this;
    columns.at.push(at);
    columns.kind.push(KIND_NUMBER.get(kind) as number);
    columns.node.push(node);
    columns.peer.push(peer);
    columns.label.push(this.stringNumber(label));
    columns.cause.push(cause);
    columns.sending.push(sending);
    this.size++;
    if (detail !== undefined) this.detail[this.size] = detail;
    return this.size;
  }

  /** Attaches state changes to a row. */
  change(row: number, patches: readonly StatePatch[]): void {
    if (row === 0 || patches.length === 0) return;
    const earlier = this.patches[row];
    this.patches[row] = earlier === undefined ? patches : [...earlier, ...patches];
  }

  private stringNumber(text: string): number {
    let number = this.stringNumbers.get(text);
    if (number === undefined) this.stringNumbers.set(text, (number = this.stringNumbers.size));
    return number;
  }

  toData(nodes: readonly string[], initial: Readonly<Record<string, unknown>>, end: Micros): TraceData {
    return {
      kinds: TRACE_KINDS,
      strings: [...this.stringNumbers.keys()],
      nodes,
      ...this.columns,
      detail: this.detail,
      patches: this.patches,
      initial,
      from: this.from,
      to: Math.min(this.to, end),
      omitted: this.omitted,
    };
  }
}
