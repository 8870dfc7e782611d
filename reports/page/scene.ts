/** The trace as the diagram draws it: messages, phases and operations on lanes, in arrays that can be scanned every frame. */
import type { Micros } from '../../sim/base/time.ts';
import { printable } from '../markup.ts';
import type { PageData } from '../page-data.ts';
import { phaseRank, type PhaseRank } from '../phases.ts';
import type { PageTrace } from '../trace-columns.ts';
import type { ColourName } from './palette.ts';

export const DELIVERED = 0;
export const DROPPED = 1;
const UNDER_WAY = 2;

/** A message is drawn from its sending to its fate. */
export interface Messages {
  readonly count: number;
  readonly from: Int16Array;
  readonly to: Int16Array;
  readonly sentAt: Float64Array;
  readonly endAt: Float64Array;
  readonly fate: Uint8Array;
  /** Index into `families`. */
  readonly family: Uint8Array;
  readonly sendRow: Int32Array;
  /** The row of its fate; of its sending while under way. */
  readonly endRow: Int32Array;
  readonly label: Int32Array;
}

/** Messages that share a colour. */
export interface Family {
  readonly name: string;
  readonly colour: ColourName;
}

export interface PhaseBar {
  readonly from: Micros;
  readonly to: Micros;
  readonly phase: string;
  readonly rank: PhaseRank;
}

export interface OperationBar {
  readonly id: number;
  readonly from: Micros;
  /** The end of the run, or of what was recorded of it, when it never ended. */
  readonly to: Micros;
  readonly outcome: string;
  readonly text: string;
  readonly contradicts: boolean;
  /** Told as a step: named in the diagram. */
  readonly told: boolean;
  readonly row: number;
}

export interface Scene {
  readonly messages: Messages;
  readonly families: readonly Family[];
  /** By lane. */
  readonly phases: readonly (readonly PhaseBar[])[];
  readonly operations: readonly (readonly OperationBar[])[];
  /** Lane by node number, −1 when it is not shown. */
  readonly laneOf: Int16Array;
  readonly highlighted: ReadonlySet<number>;
}

export function sceneOf(page: PageData, trace: PageTrace): Scene {
  const laneOf = new Int16Array(page.nodes.length + 1).fill(-1);
  for (const [lane, { node }] of page.lanes.entries()) laneOf[page.nodes.indexOf(node)] = lane;
  const { messages, families } = messagesOf(page, trace, laneOf);
  return {
    messages,
    families,
    phases: phasesOf(page, trace, laneOf),
    operations: operationsOf(page, trace, laneOf),
    laneOf,
    highlighted: new Set(page.highlighted),
  };
}

/** Nothing is known after it. */
const lastKnown = ({ recorded, end }: PageData): Micros => recorded?.[1] ?? end;

/** `get reply` belongs to `get`. */
const withoutFate = (label: string): string => label.replace(/ (reply|error)$/, '');

/** Families: clients' messages together; of the others the four most frequent kinds, then the rest. */
function familiesOf(
  page: PageData,
  trace: PageTrace,
  laneOf: Int16Array,
): { families: Family[]; of: Map<number, number>; clients: Set<number> } {
  const clients = new Set(page.lanes.flatMap((lane, i) => (lane.client ? [i] : [])));
  const counts = new Map<string, number>();
  const send = trace.kinds.indexOf('send');
  for (let i = 0; i < trace.kind.length; i++) {
    if (trace.kind[i] !== send || isClients(i, trace, laneOf, clients)) continue;
    const name = withoutFate(trace.strings[trace.label[i] as number] as string);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const frequent = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([name]) => name);
  const colours: readonly ColourName[] = ['message-0', 'message-1', 'message-2', 'message-3'];
  const families: Family[] = [{ name: 'client', colour: 'accent' }];
  for (const [i, name] of frequent.entries())
    families.push({ name: printable(name), colour: colours[i] as ColourName });
  if (counts.size > frequent.length) families.push({ name: 'other', colour: 'message-other' });
  const of = new Map(
    trace.strings.map((text, i) => {
      const place = frequent.indexOf(withoutFate(text));
      return [i, place < 0 ? families.length - 1 : place + 1];
    }),
  );
  return { families, of, clients };
}

const isClients = (i: number, trace: PageTrace, laneOf: Int16Array, clients: ReadonlySet<number>): boolean =>
  clients.has(laneOf[trace.node[i] as number] ?? -1) || clients.has(laneOf[trace.peer[i] as number] ?? -1);

function messagesOf(page: PageData, trace: PageTrace, laneOf: Int16Array): { messages: Messages; families: Family[] } {
  const { families, of, clients } = familiesOf(page, trace, laneOf);
  const kind = (name: string): number => trace.kinds.indexOf(name);
  const [send, deliver, drop, hold] = [kind('send'), kind('deliver'), kind('drop'), kind('hold')];
  const found: number[][] = [];
  const settled = new Set<number>();
  const add = (sendRow: number, endRow: number, fate: number): void => {
    const i = sendRow - 1;
    const from = laneOf[trace.node[i] as number] ?? -1;
    const to = laneOf[trace.peer[i] as number] ?? -1;
    if (from < 0 || to < 0 || from === to) return;
    const family = isClients(i, trace, laneOf, clients) ? 0 : (of.get(trace.label[i] as number) ?? 0);
    found.push([
      from,
      to,
      trace.at[i] as number,
      trace.at[endRow - 1] as number,
      fate,
      family,
      sendRow,
      endRow,
      trace.label[i] as number,
    ]);
  };
  for (let row = 1; row <= trace.kind.length; row++) {
    const k = trace.kind[row - 1];
    const sendRow = trace.sending[row - 1] as number;
    if (k === hold || sendRow === 0 || (k !== deliver && k !== drop)) continue;
    settled.add(sendRow);
    add(sendRow, row, k === drop ? DROPPED : DELIVERED);
  }
  for (let row = 1; row <= trace.kind.length; row++) {
    if (trace.kind[row - 1] === send && !settled.has(row)) add(row, row, UNDER_WAY);
  }
  const column = <T extends Int16Array | Int32Array | Uint8Array | Float64Array>(into: T, field: number): T => {
    for (let i = 0; i < found.length; i++) into[i] = (found[i] as number[])[field] as number;
    return into;
  };
  const count = found.length;
  const messages: Messages = {
    count,
    from: column(new Int16Array(count), 0),
    to: column(new Int16Array(count), 1),
    sentAt: column(new Float64Array(count), 2),
    endAt: column(new Float64Array(count), 3),
    fate: column(new Uint8Array(count), 4),
    family: column(new Uint8Array(count), 5),
    sendRow: column(new Int32Array(count), 6),
    endRow: column(new Int32Array(count), 7),
    label: column(new Int32Array(count), 8),
  };
  return { messages, families };
}

function phasesOf(page: PageData, trace: PageTrace, laneOf: Int16Array): PhaseBar[][] {
  const bars: PhaseBar[][] = page.lanes.map(() => []);
  const phase = trace.kinds.indexOf('phase');
  for (let i = 0; i < trace.kind.length; i++) {
    const lane = laneOf[trace.node[i] as number] ?? -1;
    if (trace.kind[i] !== phase || lane < 0) continue;
    const onLane = bars[lane] as PhaseBar[];
    const before = onLane.pop();
    const at = trace.at[i] as number;
    if (before !== undefined) onLane.push({ ...before, to: at });
    const name = trace.strings[trace.label[i] as number] as string;
    const isRole = name === page.lanes[lane]?.role;
    onLane.push({
      from: at,
      to: lastKnown(page),
      phase: printable(name),
      rank: isRole ? ordinaryUnlessDown(name) : phaseRank(name),
    });
  }
  return bars;
}

/** A role's own name tells nothing about what the node is doing. */
const ordinaryUnlessDown = (name: string): PhaseRank => (phaseRank(name) === 'down' ? 'down' : 'ordinary');

/** A bare word needs no quotes. */
const unquoted = (json: string): string => /^"([\w.:/@+-]+)"$/.exec(json)?.[1] ?? json;

function operationsOf(page: PageData, trace: PageTrace, laneOf: Int16Array): OperationBar[][] {
  const bars: OperationBar[][] = page.lanes.map(() => []);
  const [invoke, complete] = [trace.kinds.indexOf('invoke'), trace.kinds.indexOf('complete')];
  const contradiction = new Set(page.contradiction);
  const told = new Set(page.steps.map((step) => step.operation));
  const open = new Map<number, { lane: number; bar: OperationBar }>();
  for (let row = 1; row <= trace.kind.length; row++) {
    const k = trace.kind[row - 1];
    if (k !== invoke && k !== complete) continue;
    const match = /^#(\d+) (.*)$/s.exec(trace.detail.get(row) ?? '');
    if (match === null) continue;
    const id = Number(match[1]);
    const rest = match[2] as string;
    const lane = laneOf[trace.node[row - 1] as number] ?? -1;
    const at = trace.at[row - 1] as number;
    if (k === invoke) {
      const asked = `${trace.strings[trace.label[row - 1] as number]}${rest === 'null' ? '' : ` ${unquoted(rest)}`}`;
      const bar = {
        id,
        from: at,
        to: lastKnown(page),
        outcome: 'pending',
        text: asked,
        contradicts: contradiction.has(id),
        told: told.has(id),
        row,
      };
      if (lane >= 0) open.set(id, { lane, bar });
      continue;
    }
    const begun = open.get(id);
    if (begun === undefined) continue;
    open.delete(id);
    const [, outcome = 'ok', output = ''] = /^(\w+) ?(.*)$/s.exec(rest) ?? [];
    const answer = outcome === 'ok' ? (output === 'null' ? '' : ` → ${unquoted(output)}`) : ` → ${outcome}`;
    bars[begun.lane]?.push({ ...begun.bar, to: at, outcome, text: printable(begun.bar.text + answer) });
  }
  for (const { lane, bar } of open.values()) bars[lane]?.push(bar);
  return bars;
}
