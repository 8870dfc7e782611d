/** A trace as it travels in a page: number columns as varints, texts as JSON. Written by the report, read by the page. */
import type { TraceData } from '../sim/trace/trace.ts';
import { VarintReader, VarintWriter } from './varint.ts';

/** What the page draws from. Entry i describes row i + 1, as in TraceData. */
export interface PageTrace {
  readonly kinds: readonly string[];
  readonly strings: readonly string[];
  readonly at: Float64Array;
  readonly kind: Uint8Array;
  readonly node: Int32Array;
  readonly peer: Int32Array;
  readonly label: Int32Array;
  readonly cause: Int32Array;
  readonly sending: Int32Array;
  /** By row. */
  readonly detail: ReadonlyMap<number, string>;
}

export interface PackedTrace {
  readonly columns: Uint8Array;
  /** JSON: kinds, strings, and distinct details. */
  readonly texts: string;
}

export function packTrace(trace: TraceData): PackedTrace {
  const out = new VarintWriter();
  const rows = trace.at.length;
  out.write(rows);
  differences(out, trace.at);
  for (const column of [trace.kind, trace.node, trace.peer, trace.label]) for (const value of column) out.write(value);
  // 0 means none; otherwise how far back.
  for (const column of [trace.cause, trace.sending]) column.forEach((row, i) => out.write(row === 0 ? 0 : i + 1 - row));
  const details: string[] = [];
  const numbers = new Map<string, number>();
  for (let row = 1; row <= rows; row++) {
    const text = trace.detail[row];
    if (text === undefined) {
      out.write(0);
      continue;
    }
    let number = numbers.get(text);
    if (number === undefined) {
      number = details.push(text);
      numbers.set(text, number);
    }
    out.write(number);
  }
  return { columns: out.finish(), texts: JSON.stringify({ kinds: trace.kinds, strings: trace.strings, details }) };
}

function differences(out: VarintWriter, column: readonly number[]): void {
  let before = 0;
  for (const value of column) {
    out.write(value - before);
    before = value;
  }
}

export function unpackTrace({ columns, texts }: PackedTrace): PageTrace {
  const { kinds, strings, details } = JSON.parse(texts) as { kinds: string[]; strings: string[]; details: string[] };
  const from = new VarintReader(columns);
  const rows = from.read();
  const at = new Float64Array(rows);
  let now = 0;
  for (let i = 0; i < rows; i++) at[i] = now += from.read();
  const plain = <T extends Uint8Array | Int32Array>(column: T): T => {
    for (let i = 0; i < rows; i++) column[i] = from.read();
    return column;
  };
  const kind = plain(new Uint8Array(rows));
  const node = plain(new Int32Array(rows));
  const peer = plain(new Int32Array(rows));
  const label = plain(new Int32Array(rows));
  const earlier = (): Int32Array => {
    const column = new Int32Array(rows);
    for (let i = 0; i < rows; i++) {
      const back = from.read();
      column[i] = back === 0 ? 0 : i + 1 - back;
    }
    return column;
  };
  const cause = earlier();
  const sending = earlier();
  const detail = new Map<number, string>();
  for (let row = 1; row <= rows; row++) {
    const number = from.read();
    if (number > 0) detail.set(row, details[number - 1] as string);
  }
  return { kinds, strings, at, kind, node, peer, label, cause, sending, detail };
}
