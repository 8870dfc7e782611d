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
  for (const value of trace.kind) out.write(value);
  // 0 means none; otherwise how far back.
  trace.cause.forEach((row, i) => out.write(row === 0 ? 0 : i + 1 - row));
  // What became of a message is mostly caused by its sending.
  trace.sending.forEach((row, i) => out.write(row === 0 ? 0 : row === trace.cause[i] ? 1 : i + 2 - row));
  // What became of a message names the same nodes, mirrored, and the same message as its sending: differences of 0.
  const expected = (column: readonly number[], i: number): number => column[(trace.sending[i] as number) - 1] ?? 0;
  trace.node.forEach((node, i) => out.write(node - expected(trace.peer, i)));
  trace.peer.forEach((peer, i) => out.write(peer - expected(trace.node, i)));
  trace.label.forEach((label, i) => out.write(label - expected(trace.label, i)));
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
  const column = <T extends Uint8Array | Int32Array>(into: T, value: (read: number, i: number) => number): T => {
    for (let i = 0; i < rows; i++) into[i] = value(from.read(), i);
    return into;
  };
  const kind = column(new Uint8Array(rows), (number) => number);
  const cause = column(new Int32Array(rows), (back, i) => (back === 0 ? 0 : i + 1 - back));
  const sending = column(new Int32Array(rows), (back, i) =>
    back === 0 ? 0 : back === 1 ? (cause[i] as number) : i + 2 - back,
  );
  // Node and peer are mirrored in each other, so both differences are read before either is resolved.
  const node = column(new Int32Array(rows), (difference) => difference);
  const peer = column(new Int32Array(rows), (difference) => difference);
  for (let i = 0; i < rows; i++) {
    const sent = (sending[i] as number) - 1;
    if (sent < 0) continue;
    const [mirroredNode, mirroredPeer] = [peer[sent] as number, node[sent] as number];
    node[i] = (node[i] as number) + mirroredNode;
    peer[i] = (peer[i] as number) + mirroredPeer;
  }
  const label = new Int32Array(rows);
  column(label, (difference, i) => difference + (label[(sending[i] as number) - 1] ?? 0));
  const detail = new Map<number, string>();
  for (let row = 1; row <= rows; row++) {
    const number = from.read();
    if (number > 0) detail.set(row, details[number - 1] as string);
  }
  return { kinds, strings, at, kind, node, peer, label, cause, sending, detail };
}
