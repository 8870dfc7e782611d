/**
 * A recorded run as OpenTelemetry spans in OTLP's JSON encoding (opentelemetry-proto 1.x), as a collector's file receiver and
 * Jaeger read them. Each client operation is a trace. A message is a span from sending to arrival; its parent is the message, or the
 * operation, whose handling sent it. What no operation caused (heartbeats, elections) is a trace of its own, from the timer that went off.
 *
 * Virtual time 0 is the Unix epoch. Ids are derived from the run's digest: the same run, the same ids.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RunResult } from '../../sim/result.ts';
import { NEVER, type Micros } from '../../sim/base/time.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { askedText, answerText } from '../operation-text.ts';
import { TraceReader } from '../trace-reader.ts';
import { recordedTrace } from './recorded-trace.ts';

/** Numbers of the protocol. */
const KIND = { client: 3, producer: 4 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** What a row belongs to: the trace, and the span that is its parent. */
interface Place {
  readonly traceId: string;
  readonly spanId?: string;
}

/** One JSON document. Throws ConfigError when the run was not recorded. */
export function otlpSpans(result: RunResult): string {
  const spans = new SpanCollection(result);
  const resourceSpans = [...spans.byService].map(([service, list]) => ({
    resource: { attributes: [text('service.name', service), text('service.namespace', result.scenario)] },
    scopeSpans: [{ scope: { name: 'orrery', version: result.version }, spans: list }],
  }));
  return JSON.stringify({ resourceSpans });
}

class SpanCollection {
  readonly byService = new Map<string, Span[]>();
  private readonly result: RunResult;
  private readonly reader: TraceReader;
  private readonly places: Place[] = [];
  /** The latest operation begun, by the row that caused it and the node. */
  private readonly begun = new Map<string, number>();
  private readonly done = new Set<number>();
  /** The row of what became of a message, by the row of its sending. */
  private readonly fates = new Map<number, number>();

  constructor(result: RunResult) {
    this.result = result;
    this.reader = new TraceReader(recordedTrace(result));
    for (const { row, sending } of this.reader.of('deliver', 'drop')) {
      if (sending > 0 && !this.fates.has(sending)) this.fates.set(sending, row);
    }
    for (let row = 1; row <= this.reader.rows; row++) this.places[row] = this.placed(row);
    for (const operation of result.operations) this.addOperation(operation);
  }

  /** Causes come before what they cause, so their places are known. */
  private placed(row: number): Place {
    const { kind, node, cause, sending, detail } = this.reader.row(row);
    const id = Number(/^#(\d+) /.exec(detail ?? '')?.[1] ?? NaN);
    if (kind === 'invoke' && !Number.isNaN(id)) {
      this.begun.set(`${cause} ${node}`, id);
      return this.operationPlace(id);
    }
    if (kind === 'complete') this.done.add(id);
    // A timer goes off whatever set it: what it does is a story of its own.
    if (kind === 'timer') return { traceId: this.id('row', row, 32) };
    if (kind === 'send') return this.addMessage(row, this.operationOf(cause, node) ?? this.places[cause]);
    if (kind === 'deliver' && sending > 0 && this.places[sending] !== undefined) return this.places[sending];
    return this.places[cause] ?? { traceId: this.id('row', row, 32) };
  }

  /** A client begins an operation and sends in one course: the open operation that has the same cause as the sending. */
  private operationOf(cause: number, node: string): Place | undefined {
    const id = this.begun.get(`${cause} ${node}`);
    return id === undefined || this.done.has(id) ? undefined : this.operationPlace(id);
  }

  private operationPlace(id: number): Place {
    return { traceId: this.id('operation', id, 32), spanId: this.id('operation', id, 16) };
  }

  private addMessage(row: number, parent: Place | undefined): Place {
    const { at, node, peer, label } = this.reader.row(row);
    const place = { traceId: parent?.traceId ?? this.id('row', row, 32), spanId: this.id('message', row, 16) };
    const fate = this.fates.get(row);
    const ended = fate === undefined ? undefined : this.reader.row(fate);
    const lost = ended?.kind === 'drop';
    this.add(node, {
      ...place,
      ...(parent?.spanId === undefined ? {} : { parentSpanId: parent.spanId }),
      name: label,
      kind: KIND.producer,
      ...interval(at, ended?.at ?? this.reader.trace.to),
      attributes: [text('peer.service', peer), whole('orrery.row', row)],
      status: lost ? { code: STATUS.error, message: `dropped: ${ended.detail ?? ''}` } : { code: STATUS.unset },
    });
    return place;
  }

  private addOperation(operation: Operation): void {
    const { id, client, f, key, outcome, invokedAt, completedAt } = operation;
    const known = { ok: STATUS.ok, fail: STATUS.error, info: STATUS.unset, pending: STATUS.unset }[outcome];
    this.add(client, {
      ...(this.operationPlace(id) as Required<Place>),
      name: askedText(operation),
      kind: KIND.client,
      ...interval(invokedAt, completedAt === NEVER ? this.result.engine.reached : completedAt),
      attributes: [text('orrery.f', f), text('orrery.key', key), text('orrery.outcome', outcome)],
      status: { code: known, message: answerText(operation) },
    });
  }

  private add(service: string, span: Span): void {
    const list = this.byService.get(service);
    if (list === undefined) this.byService.set(service, [span]);
    else list.push(span);
  }

  private id(kind: string, number: number, digits: 16 | 32): string {
    return bytesToHex(sha256(utf8ToBytes(`${this.result.digest}/${kind}/${number}`))).slice(0, digits);
  }
}

const text = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } });
const whole = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });

/** µs to ns in decimal: beyond 104 days of virtual time a double would not hold them. */
const nanos = (at: Micros): string => (at === 0 ? '0' : `${at}000`);
const interval = (from: Micros, to: Micros): Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano'> => ({
  startTimeUnixNano: nanos(from),
  endTimeUnixNano: nanos(to),
});
