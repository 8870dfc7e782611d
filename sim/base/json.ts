/**
 * Canonical text and deep copies of plain state: JSON values, plus Map, Set, undefined and non-finite numbers.
 *
 * Canonical text sorts object keys, so two states that are equal as data have equal text whatever the order in which their
 * fields were made. Maps and Sets keep insertion order: a simulation makes them in a deterministic order, and code may
 * depend on it.
 */
import { SimulationError } from './errors.ts';

/** State that is heavier than plain data: it says itself what its snapshot is. */
export interface Opaque {
  /** A plain-data picture of the value, for digests and reports. */
  snapshot(): unknown;
}

const isOpaque = (value: object): value is Opaque => typeof (value as Partial<Opaque>).snapshot === 'function';

/** Canonical JSON text of a plain value. Throws SimulationError for functions, symbols and cycles. */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'null';
    case 'bigint':
      return `"${value}n"`;
    case 'object':
      return value === null ? 'null' : writeObject(value, depth + 1);
    default:
      throw new SimulationError('plain-data', `state and payloads are plain data: found a ${typeof value}`);
  }
}

function writeObject(value: object, depth: number): string {
  if (depth > 100)
    throw new SimulationError('plain-data', 'state and payloads are plain data: nested over 100 deep, or a cycle');
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth)).join(',')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([k, item]) => `[${write(k, depth)},${write(item, depth)}]`);
    return `{"Map":[${entries.join(',')}]}`;
  }
  if (value instanceof Set) return `{"Set":[${[...value].map((item) => write(item, depth)).join(',')}]}`;
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Uint8Array).join(',')}]`;
  if (isOpaque(value)) return write(value.snapshot(), depth);
  const record = value as Record<string, unknown>;
  const fields: string[] = [];
  for (const key of Object.keys(record).sort()) {
    const field = record[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${write(field, depth)}`);
  }
  return `{${fields.join(',')}}`;
}

/**
 * A deep copy of plain data, for what leaves a state: `ctx.send(ref, 'log', { entries: copyOf(state.log) })`.
 * Works on raw state and on immer drafts alike. Opaque values are copied by their snapshot.
 */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return copyObject(value) as T;
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) {
    const length = value.length;
    const copy: unknown[] = Array.from({ length });
    for (let i = 0; i < length; i++) copy[i] = copyOf(value[i] as unknown);
    return copy;
  }
  if (value instanceof Map) return new Map([...value].map(([k, item]) => [copyOf<unknown>(k), copyOf<unknown>(item)]));
  if (value instanceof Set) return new Set([...value].map((item) => copyOf<unknown>(item)));
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  if (isOpaque(value)) return copyOf(value.snapshot());
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy;
}
