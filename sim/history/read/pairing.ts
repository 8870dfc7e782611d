/** Pairs the invocations and completions of a recorded history, and refuses what cannot be one. */
import { ConfigError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import { NEVER, type Micros } from '../../base/time.ts';
import type { Operation, Outcome } from '../operation.ts';

/** Something began (`invoke`) or ended. */
export interface RecordedEvent {
  /** Where it stands in the text, counted from 1. */
  readonly line: number;
  readonly client: string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key: string;
  /** invoke: the input; ok: the output; undefined when nothing is said. */
  readonly value: unknown;
  readonly error?: string;
  /** Its instant, where the history has a clock; else events are one millisecond apart. */
  readonly at?: Micros;
}

/** A history as it was read. */
export interface RecordedHistory {
  readonly operations: readonly Operation[];
  /** By operation id: the line of its invocation, counted from 1. */
  readonly lines: readonly number[];
}

/** Reads a history line by line. Both methods throw ConfigError that names the line. */
export interface HistoryReader {
  line(text: string): void;
  end(): RecordedHistory;
}

const TYPES = ['invoke', 'ok', 'fail', 'info'];

export const isEventType = (type: unknown): type is RecordedEvent['type'] => TYPES.includes(type as string);

/** The place of an error: `history.jsonl:12`. */
export const placeOf = (name: string, line: number): string => `${name}:${line}`;

/** Collects operations from events in the order of the text. */
export class Pairing {
  private readonly name: string;
  private readonly operations: Operation[] = [];
  private readonly lines: number[] = [];
  private readonly open = new Map<string, number>();
  private events = 0;
  private clock: boolean | undefined;

  /** `name`: the file's, for errors. */
  constructor(name: string) {
    this.name = name;
  }

  add(event: RecordedEvent): void {
    const hasClock = event.at !== undefined;
    if ((this.clock ??= hasClock) !== hasClock)
      throw new ConfigError(placeOf(this.name, event.line), event.at, 'an instant with every event, or with none');
    const sequence = this.events++;
    const at = event.at ?? sequence * 1_000;
    if (event.type === 'invoke') this.invoke(event, sequence, at);
    else this.complete(event, sequence, at);
  }

  end(): RecordedHistory {
    if (this.events === 0) throw new ConfigError(this.name, '', 'at least one operation');
    return { operations: this.operations, lines: this.lines };
  }

  private invoke(event: RecordedEvent, sequence: number, at: Micros): void {
    const { client, f, key, value, line } = event;
    const other = this.open.get(client);
    if (other !== undefined)
      throw new ConfigError(
        placeOf(this.name, line),
        f,
        `the completion of ${client}'s ${this.operations[other]?.f} of line ${this.lines[other]} first: one operation of a client at a time`,
      );
    const id = this.operations.length;
    this.open.set(client, id);
    this.lines.push(line);
    this.operations.push({
      id,
      client,
      f,
      key,
      input: value,
      output: undefined,
      outcome: 'pending',
      invoked: sequence,
      completed: Number.MAX_SAFE_INTEGER,
      invokedAt: at,
      completedAt: NEVER,
    });
  }

  private complete(event: RecordedEvent, sequence: number, at: Micros): void {
    const { client, type, f, value, error, line } = event;
    const id = this.open.get(client);
    const operation = id === undefined ? undefined : this.operations[id];
    if (id === undefined || operation === undefined || operation.f !== f) {
      const expected =
        operation === undefined
          ? 'an invocation of it before'
          : `the completion of ${client}'s ${operation.f} of line ${this.lines[id as number]}`;
      throw new ConfigError(placeOf(this.name, line), f, expected);
    }
    this.open.delete(client);
    this.operations[id] = {
      ...operation,
      outcome: type as Outcome,
      output: type === 'ok' ? value : undefined,
      completed: type === 'info' ? Number.MAX_SAFE_INTEGER : sequence,
      completedAt: at,
      ...(error === undefined ? {} : { error }),
    };
  }
}

/** The output in formats that have one value for both: the completion repeats the input, unless it has something to say. */
export function outputOf(input: unknown, value: unknown): unknown {
  return value !== undefined && canonicalJson(input) === canonicalJson(value) ? undefined : value;
}
