/**
 * A recorded run as Chrome's Trace Event JSON, for ui.perfetto.dev and chrome://tracing.
 * (Format: "Trace Event Format", Google, 2016; times are µs, as ours.)
 *
 * A process for the nodes with a track a node, and one for their phases, the clients' operations, the faults and the gauges. A
 * message is an arrow between two slices of 1 µs; what happens within a handler takes no virtual time.
 */
import type { RunResult } from '../../sim/result.ts';
import { NEVER } from '../../sim/base/time.ts';
import { answerText, askedText } from '../operation-text.ts';
import { recordedTrace } from './recorded-trace.ts';
import { TraceReader, type TraceRow } from '../trace-reader.ts';

/** Process numbers, in the order in which the tracks stand. */
const PROCESS = { operations: 1, nodes: 2, phases: 3, faults: 4, gauges: 5 } as const;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  /** µs of virtual time. */
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly s?: 't' | 'g';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** One JSON document. Throws ConfigError when the run was not recorded. */
export function chromeTrace(result: RunResult): string {
  const reader = new TraceReader(recordedTrace(result));
  const events: TraceEvent[] = [
    ...tracks(result),
    ...operationEvents(result),
    ...rowEvents(result, reader),
    ...phaseEvents(result, reader),
    ...faultEvents(result),
    ...gaugeEvents(result),
  ];
  const { scenario, seed, digest, version } = result;
  const { omitted, from, to } = reader.trace;
  const otherData = { scenario, seed, digest, version, recordedFromUs: from, recordedToUs: to, rowsOmitted: omitted };
  return JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms', otherData });
}

function* tracks(result: RunResult): Generator<TraceEvent> {
  for (const [name, pid] of Object.entries(PROCESS)) {
    yield { name: 'process_name', ph: 'M', pid, args: { name } };
    yield { name: 'process_sort_index', ph: 'M', pid, args: { sort_index: pid } };
  }
  for (const [tid, { id, role }] of result.nodes.entries()) {
    for (const pid of [PROCESS.nodes, PROCESS.phases]) {
      yield { name: 'thread_name', ph: 'M', pid, tid, args: { name: `${id} (${role})` } };
    }
  }
  for (const [tid, { id }] of result.faults.entries()) {
    yield { name: 'thread_name', ph: 'M', pid: PROCESS.faults, tid, args: { name: id } };
  }
}

/** Operations of one client may stay open while it goes on, so they are async events, not slices of a track. */
function* operationEvents({ operations, engine }: RunResult): Generator<TraceEvent> {
  for (const operation of operations) {
    const { id, client, invokedAt, completedAt } = operation;
    const common = { name: askedText(operation), cat: `operation of ${client}`, pid: PROCESS.operations, tid: 0, id };
    const end = completedAt === NEVER ? engine.reached : completedAt;
    yield { ...common, ph: 'b', ts: invokedAt, args: { client, input: operation.input } };
    yield { ...common, ph: 'e', ts: end, args: { outcome: operation.outcome, answer: answerText(operation) } };
  }
}

const INSTANTS: ReadonlySet<string> = new Set([
  ...['drop', 'duplicate', 'hold', 'timer', 'wake', 'note'],
  ...['crash', 'restart', 'boot', 'pause', 'resume', 'gone'],
]);

function* rowEvents(result: RunResult, reader: TraceReader): Generator<TraceEvent> {
  const tracksOf = new Map(result.nodes.map(({ id }, tid) => [id, tid]));
  for (let row = 1; row <= reader.rows; row++) {
    const event = reader.row(row);
    const tid = tracksOf.get(event.node);
    if (tid === undefined) continue;
    if (event.kind === 'send' || event.kind === 'deliver') yield* messageEvents(event, tid);
    else if (INSTANTS.has(event.kind)) {
      const name = [event.kind, event.label].filter((word) => word !== '').join(' ');
      yield { name, ph: 'i', s: 't', pid: PROCESS.nodes, tid, ts: event.at, args: argumentsOf(event) };
    }
  }
}

function* messageEvents(event: TraceRow, tid: number): Generator<TraceEvent> {
  const sent = event.kind === 'send';
  const name = `${event.label} ${sent ? 'to' : 'from'} ${event.peer}`;
  const at = { pid: PROCESS.nodes, tid, ts: event.at };
  yield { name, ph: 'X', dur: 1, ...at, args: argumentsOf(event) };
  const arrow = { name: event.label, cat: 'message', id: sent ? event.row : event.sending, ...at };
  if (sent) yield { ...arrow, ph: 's' };
  else if (event.sending > 0) yield { ...arrow, ph: 'f', bp: 'e' };
}

const argumentsOf = ({ row, cause, peer, detail }: TraceRow): Readonly<Record<string, unknown>> => ({
  row,
  ...(cause === 0 ? {} : { cause }),
  ...(peer === '' ? {} : { peer }),
  ...(detail === undefined ? {} : { detail }),
});

/** From one change of phase to the next, or the end; a node that is down has a phase, too. */
function* phaseEvents(result: RunResult, reader: TraceReader): Generator<TraceEvent> {
  for (const [tid, { id }] of result.nodes.entries()) {
    let open: { name: string; ts: number } | undefined;
    const closed = (until: number): TraceEvent[] =>
      open === undefined ? [] : [{ ...open, ph: 'X', dur: until - open.ts, pid: PROCESS.phases, tid }];
    for (const { node, at, label } of reader.of('phase')) {
      if (node !== id) continue;
      yield* closed(at);
      open = { name: label, ts: at };
    }
    yield* closed(reader.trace.to);
  }
}

function* faultEvents({ faults, engine }: RunResult): Generator<TraceEvent> {
  for (const [tid, { id, text, at, until, effects }] of faults.entries()) {
    const dur = (until ?? engine.reached) - at;
    yield { name: `${id} ${text}`, ph: 'X', pid: PROCESS.faults, tid, ts: at, dur, args: { effects } };
  }
}

function* gaugeEvents({ metrics }: RunResult): Generator<TraceEvent> {
  for (const { scope, name, series } of metrics.gauges) {
    if (series === undefined) continue;
    const track = scope === '' ? name : `${scope} ${name}`;
    for (const [i, value] of series.values.entries()) {
      yield { name: track, ph: 'C', pid: PROCESS.gauges, ts: i * series.bucketUs, args: { [name]: value } };
    }
  }
}
