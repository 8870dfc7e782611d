/** A trace as it travels in a page: number columns as varints, texts as JSON. Written by the report, read by the page. */
import type { TraceData } from '../sim/trace/trace.ts';
import { packDetails, type Templates, unpackDetails } from './detail-columns.ts';
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
  /** JSON: kinds, strings, and templates of details. */
  readonly texts: string;
}

/** Kinds of row during which others are scheduled. */
const EVENTS = ['deliver', 'timer', 'wake', 'boot', 'crash', 'restart', 'fault-begin', 'fault-end'];

const MOST_UNDER_WAY = 8_000;

/** More than there are, for keys. */
const KINDS = 64;
const NODES = 2 ** 20;

type Column = { readonly [i: number]: number };

/** What a column's number is expected to be, from the rows before: writer and reader expect the same. */
class Expected {
  private readonly columns: Readonly<Record<'kind' | 'node' | 'peer' | 'label' | 'cause' | 'sending', Column>>;
  private readonly events: ReadonlySet<number>;
  private readonly send: number;
  private readonly ends: ReadonlySet<number>;
  /** Rows of sendings whose fate is not known yet. */
  private readonly underWay: number[] = [];
  /** The last event, and the events of each node in order. */
  private event = 0;
  private readonly ofNode = new Map<number, number[]>();
  private readonly place = new Map<number, number>();
  private readonly lastPeer = new Map<number, number>();
  private readonly lastLabel = new Map<number, number>();

  constructor(columns: Expected['columns'], kinds: readonly string[]) {
    this.columns = columns;
    this.events = new Set(EVENTS.map((kind) => kinds.indexOf(kind)));
    this.send = kinds.indexOf('send');
    this.ends = new Set(['deliver', 'drop'].map((kind) => kinds.indexOf(kind)));
  }

  /** Place among the messages under way, the oldest first, from 1; 0: none. Negative: so many rows ago. */
  sendingCode(i: number, sending: number): number {
    if (sending === 0) return 0;
    const place = this.underWay.indexOf(sending);
    return place < 0 ? sending - (i + 1) : place + 1;
  }

  sending(i: number, code: number): number {
    return code === 0 ? 0 : code < 0 ? i + 1 + code : (this.underWay[code - 1] as number);
  }

  /** What became of a message names the same nodes, mirrored, as its sending; another row the node of the event under way. */
  node(i: number): number {
    const { sending, peer, node } = this.columns;
    const sent = sending[i] as number;
    return sent > 0 ? (peer[sent - 1] as number) : this.event > 0 ? (node[this.event - 1] as number) : 0;
  }

  /** 1: the sending; 2: the event under way; above: so many of the node's events ago; 0: none. Negative: so many rows ago. */
  causeCode(i: number, cause: number): number {
    if (cause === 0) return 0;
    if (cause === this.columns.sending[i]) return 1;
    if (cause === this.event) return 2;
    const own = this.ofNode.get(this.columns.node[i] as number);
    const place = this.place.get(cause);
    if (own === undefined || place === undefined || own[place] !== cause) return cause - (i + 1);
    return 2 + own.length - place;
  }

  cause(i: number, code: number): number {
    if (code <= 0) return code === 0 ? 0 : i + 1 + code;
    if (code === 1) return this.columns.sending[i] as number;
    if (code === 2) return this.event;
    const own = this.ofNode.get(this.columns.node[i] as number) ?? [];
    return own[own.length - (code - 2)] as number;
  }

  label(i: number): number {
    const { sending, label } = this.columns;
    const sent = sending[i] as number;
    return sent > 0 ? (label[sent - 1] as number) : (this.lastLabel.get(this.labelKey(i)) ?? 0);
  }

  peer(i: number): number {
    const { sending, node } = this.columns;
    const sent = sending[i] as number;
    return sent > 0 ? (node[sent - 1] as number) : (this.lastPeer.get(this.peerKey(i)) ?? 0);
  }

  /** Row i is known. */
  saw(i: number): void {
    const { kind, node, peer, label, sending } = this.columns;
    if (sending[i] === 0) {
      this.lastLabel.set(this.labelKey(i), label[i] as number);
      this.lastPeer.set(this.peerKey(i), peer[i] as number);
    }
    if (kind[i] === this.send) this.underWay.push(i + 1);
    else if (this.ends.has(kind[i] as number)) this.settle(sending[i] as number);
    if (!this.events.has(kind[i] as number)) return;
    this.event = i + 1;
    const where = node[i] as number;
    let own = this.ofNode.get(where);
    if (own === undefined) this.ofNode.set(where, (own = []));
    this.place.set(i + 1, own.length);
    own.push(i + 1);
  }

  private settle(row: number): void {
    const place = this.underWay.indexOf(row);
    if (place >= 0) this.underWay.splice(place, 1);
    // A crowd is not worth searching.
    if (this.underWay.length > MOST_UNDER_WAY) this.underWay.length = 0;
  }

  private labelKey(i: number): number {
    const { kind, cause, label } = this.columns;
    const before = cause[i] as number;
    return (kind[i] as number) + KINDS * (before > 0 ? (label[before - 1] as number) + 1 : 0);
  }

  private peerKey(i: number): number {
    const { kind, node, label } = this.columns;
    return (kind[i] as number) + KINDS * ((node[i] as number) + 1 + NODES * (label[i] as number));
  }
}

export function packTrace(trace: TraceData): PackedTrace {
  const out = new VarintWriter();
  const rows = trace.at.length;
  const { at, kind, node, peer, label, cause, sending, detail } = trace;
  out.write(rows);
  for (let i = 0; i < rows; i++) out.write((at[i] as number) - (at[i - 1] ?? 0));
  for (const value of kind) out.write(value);
  const expected = new Expected(trace, trace.kinds);
  const [sends, nodes, causes, labels, peers]: number[][] = [[], [], [], [], []];
  for (let i = 0; i < rows; i++) {
    sends?.push(expected.sendingCode(i, sending[i] as number));
    nodes?.push((node[i] as number) - expected.node(i));
    causes?.push(expected.causeCode(i, cause[i] as number));
    labels?.push((label[i] as number) - expected.label(i));
    peers?.push((peer[i] as number) - expected.peer(i));
    expected.saw(i);
  }
  for (const column of [sends, nodes, causes, labels, peers]) for (const value of column ?? []) out.write(value);
  const templates = packDetails(out, rows, trace, (i) => detail[i + 1]);
  return { columns: out.finish(), texts: JSON.stringify({ kinds: trace.kinds, strings: trace.strings, templates }) };
}

/** A trace as it is, without the detour over packing. */
export const pageTrace = (trace: TraceData): PageTrace => ({
  kinds: trace.kinds,
  strings: trace.strings,
  at: Float64Array.from(trace.at),
  kind: Uint8Array.from(trace.kind),
  node: Int32Array.from(trace.node),
  peer: Int32Array.from(trace.peer),
  label: Int32Array.from(trace.label),
  cause: Int32Array.from(trace.cause),
  sending: Int32Array.from(trace.sending),
  detail: new Map(Object.entries(trace.detail).map(([row, text]) => [Number(row), text])),
});

export function unpackTrace({ columns, texts }: PackedTrace): PageTrace {
  const { kinds, strings, templates } = JSON.parse(texts) as {
    kinds: string[];
    strings: string[];
    templates: Templates;
  };
  const from = new VarintReader(columns);
  const rows = from.read();
  const at = new Float64Array(rows);
  let now = 0;
  for (let i = 0; i < rows; i++) at[i] = now += from.read();
  const column = <T extends Uint8Array | Int32Array>(into: T): T => {
    for (let i = 0; i < rows; i++) into[i] = from.read();
    return into;
  };
  const kind = column(new Uint8Array(rows));
  const sending = column(new Int32Array(rows));
  const [node, cause, label, peer] = Array.from({ length: 4 }, () => column(new Int32Array(rows))) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const expected = new Expected({ kind, node, peer, label, cause, sending }, kinds);
  for (let i = 0; i < rows; i++) {
    sending[i] = expected.sending(i, sending[i] as number);
    node[i] = (node[i] as number) + expected.node(i);
    cause[i] = expected.cause(i, cause[i] as number);
    label[i] = (label[i] as number) + expected.label(i);
    peer[i] = (peer[i] as number) + expected.peer(i);
    expected.saw(i);
  }
  const detail = unpackDetails(from, rows, { at, kind, node, peer, label }, templates);
  return { kinds, strings, at, kind, node, peer, label, cause, sending, detail };
}
