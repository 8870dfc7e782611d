/** Reads a recorded trace row by row. Row numbers start at 1. */
import type { Micros } from '../sim/base/time.ts';
import type { TraceData, TraceKind } from '../sim/trace/trace.ts';

export interface TraceRow {
  readonly row: number;
  readonly at: Micros;
  readonly kind: TraceKind;
  /** Node name, '' for none. */
  readonly node: string;
  /** The other node of a message, '' for none. */
  readonly peer: string;
  readonly label: string;
  readonly cause: number;
  readonly sending: number;
  readonly detail: string | undefined;
}

export class TraceReader {
  readonly trace: TraceData;

  constructor(trace: TraceData) {
    this.trace = trace;
  }

  get rows(): number {
    return this.trace.at.length;
  }

  kind(row: number): TraceKind {
    return (this.trace.kinds[this.trace.kind[row - 1] ?? 0] ?? 'none') as TraceKind;
  }

  row(row: number): TraceRow {
    const { trace } = this;
    const i = row - 1;
    return {
      row,
      at: trace.at[i] ?? 0,
      kind: this.kind(row),
      node: trace.nodes[trace.node[i] ?? -1] ?? '',
      peer: trace.nodes[trace.peer[i] ?? -1] ?? '',
      label: trace.strings[trace.label[i] ?? -1] ?? '',
      cause: trace.cause[i] ?? 0,
      sending: trace.sending[i] ?? 0,
      detail: trace.detail[row],
    };
  }

  /** Rows of these kinds, in order. */
  *of(...kinds: readonly TraceKind[]): Generator<TraceRow> {
    const wanted = new Set(kinds.map((kind) => this.trace.kinds.indexOf(kind)));
    const { kind } = this.trace;
    for (let i = 0; i < kind.length; i++) if (wanted.has(kind[i] as number)) yield this.row(i + 1);
  }

  /** The row of an operation's invocation or completion, 0 when it was not recorded. */
  operation(id: number, kind: 'invoke' | 'complete'): number {
    const prefix = `#${id} `;
    for (const { row, detail } of this.of(kind)) if (detail?.startsWith(prefix) === true) return row;
    return 0;
  }

  /** The row and what led to it, latest first, at most `most` rows. */
  causes(row: number, most = 40): number[] {
    const chain: number[] = [];
    for (let at = row; at > 0 && chain.length < most; at = this.trace.cause[at - 1] ?? 0) chain.push(at);
    return chain;
  }

  /** The row of the first event at or after an instant, or the last row; 0 when there is none. */
  firstAt(at: Micros): number {
    const times = this.trace.at;
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return Math.min(low + 1, times.length);
  }
}
