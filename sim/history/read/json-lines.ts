/**
 * Histories as JSON, one object a line, in one of two forms.
 *
 * Events, in the order in which they happened: `{"type":"invoke","client":"c1","f":"write","key":"x","value":1}`, later
 * `{"type":"ok","client":"c1","f":"write"}`. `type` is invoke, ok, fail or info; `value` is the input of an invocation and the
 * output of an ok (null is a value, none is unknown); `key`, `error` and `at` (microseconds) may be left out; `process` is
 * another name for `client`.
 *
 * Whole operations, in any order: `{"client":"c1","f":"read","key":"x","output":1,"outcome":"ok","invoked":3,"completed":7}`.
 * `outcome` is ok, fail, info or pending; `invoked` and `completed` are numbers on one scale (sequence numbers, or instants),
 * of which equal ones count as concurrent; `input`, `output`, `error`, `node`, `invokedAt` and `completedAt` (microseconds) may
 * be left out.
 */
import { ConfigError } from '../../base/errors.ts';
import { NEVER } from '../../base/time.ts';
import type { Operation, Outcome } from '../operation.ts';
import { isEventType, Pairing, placeOf, type HistoryReader, type RecordedHistory } from './pairing.ts';

type Fields = Readonly<Record<string, unknown>>;

const OUTCOMES = ['ok', 'fail', 'info', 'pending'];

interface Row {
  readonly line: number;
  readonly fields: Fields;
  readonly invoked: number;
  readonly completed: number;
}

export function jsonLines(name: string): HistoryReader {
  const pairing = new Pairing(name);
  const rows: Row[] = [];
  let number = 0;
  let events = false;
  return {
    line(text) {
      number++;
      if (text.trim() === '') return;
      const fields = new Checked(parsed(text, name, number), placeOf(name, number));
      const isEvent = fields.has('type');
      if (isEvent ? rows.length > 0 : events) throw fields.error(text, 'events only, or whole operations only');
      events = isEvent;
      if (isEvent) addEvent(fields, number, pairing);
      else rows.push(rowOf(fields, number));
    },
    end: () => (rows.length > 0 ? assembled(rows) : pairing.end()),
  };
}

function parsed(text: string, name: string, line: number): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(placeOf(name, line), text, `one JSON object (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(placeOf(name, line), value, 'one JSON object');
  return value as Fields;
}

/** The fields of a line, each checked as it is asked for. */
class Checked {
  readonly fields: Fields;
  private readonly place: string;

  constructor(fields: Fields, place: string) {
    this.fields = fields;
    this.place = place;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  error(got: unknown, expected: string, field?: string): ConfigError {
    return new ConfigError(field === undefined ? this.place : `${this.place}: ${field}`, got, expected);
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string' || value === '') throw this.error(value, 'a text', name);
    return value;
  }

  /** '' when it is not there. */
  optionalText(name: string): string {
    const value = this.fields[name];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string' && typeof value !== 'number') throw this.error(value, 'a text', name);
    return String(value);
  }

  client(): string {
    const name = this.has('client') ? 'client' : 'process';
    const value = this.fields[name];
    if (typeof value === 'number') return `c${value}`;
    return this.text(name);
  }

  number(name: string): number {
    const value = this.fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.error(value, 'a number', name);
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.fields[name] === undefined || this.fields[name] === null ? undefined : this.number(name);
  }

  /** A value of the object's; whole numbers that JSON cannot carry exactly are refused. */
  value(name: string): unknown {
    const value = this.fields[name];
    this.verifyExact(value, name, 0);
    return value;
  }

  private verifyExact(value: unknown, name: string, depth: number): void {
    if (depth > 64) throw this.error('…', 'at most 64 levels', name);
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw this.error(value, 'whole numbers up to 2^53; write greater ones as text', name);
    if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) this.verifyExact(item, name, depth + 1);
  }
}

function addEvent(line: Checked, number: number, pairing: Pairing): void {
  const { type } = line.fields;
  if (!isEventType(type)) throw line.error(type, 'invoke, ok, fail or info', 'type');
  const field = line.has('value') ? 'value' : type === 'invoke' ? 'input' : 'output';
  const at = line.optionalNumber('at');
  const error = line.optionalText('error');
  pairing.add({
    line: number,
    client: line.client(),
    type,
    f: line.text('f'),
    key: line.optionalText('key'),
    value: line.value(field),
    ...(at === undefined ? {} : { at }),
    ...(error === '' ? {} : { error }),
  });
}

function rowOf(line: Checked, number: number): Row {
  const outcome = line.fields['outcome'];
  if (!OUTCOMES.includes(outcome as string)) throw line.error(outcome, 'ok, fail, info or pending', 'outcome');
  const invoked = line.number('invoked');
  const isOpen = outcome === 'info' || outcome === 'pending';
  const completed = isOpen ? Infinity : line.number('completed');
  if (completed < invoked) throw line.error(completed, `at least invoked, which is ${invoked}`, 'completed');
  for (const field of ['input', 'output']) line.value(field);
  line.text('f');
  line.client();
  for (const field of ['key', 'error', 'node']) line.optionalText(field);
  for (const field of ['invokedAt', 'completedAt']) line.optionalNumber(field);
  return { line: number, fields: line.fields, invoked, completed };
}

/** Operations by invocation, their events numbered afresh: of equal numbers, invocations come first. */
function assembled(rows: readonly Row[]): RecordedHistory {
  const byInvocation = [...rows].sort((a, b) => a.invoked - b.invoked);
  const ends = byInvocation.map((row, id) => ({ id, at: row.completed })).filter(({ at }) => at !== Infinity);
  ends.sort((a, b) => a.at - b.at);
  const invoked: number[] = [];
  const completed = new Map<number, number>();
  let sequence = 0;
  let next = 0;
  for (const end of ends) {
    while (next < byInvocation.length && (byInvocation[next] as Row).invoked <= end.at) invoked[next++] = sequence++;
    completed.set(end.id, sequence++);
  }
  while (next < byInvocation.length) invoked[next++] = sequence++;
  const operations = byInvocation.map((row, id) => operationOf(row, id, invoked[id] as number, completed.get(id)));
  return { operations, lines: byInvocation.map(({ line }) => line) };
}

function operationOf({ fields }: Row, id: number, invoked: number, completed: number | undefined): Operation {
  const line = new Checked(fields, '');
  const outcome = fields['outcome'] as Outcome;
  const end = outcome === 'pending' ? NEVER : (completed ?? invoked) * 1_000;
  const [error, node] = [line.optionalText('error'), line.optionalText('node')];
  return {
    id,
    client: line.client(),
    f: line.text('f'),
    key: line.optionalText('key'),
    input: fields['input'],
    output: fields['output'],
    outcome,
    invoked,
    completed: completed ?? Number.MAX_SAFE_INTEGER,
    invokedAt: line.optionalNumber('invokedAt') ?? invoked * 1_000,
    completedAt: line.optionalNumber('completedAt') ?? end,
    ...(error === '' ? {} : { error }),
    ...(node === '' ? {} : { node }),
  };
}
