/**
 * Canonical text and deep copies of plain state: JSON values, plus Map, Set, undefined and non-finite numbers.
 *
 * Canonical text sorts object keys, so two states that are equal as data have equal text whatever the order in which their
 * fields were made. Maps and Sets keep insertion order: a simulation makes them in a deterministic order, and code may
 * depend on it.
 */
import { SimulationError } from './errors.ts';
import { RecordShapes } from './record-shapes.ts';

/** State that is heavier than plain data: it says itself what its snapshot is. */
export interface Opaque {
  /** A plain-data picture of the value, for digests and reports. */
  snapshot(): unknown;
}

export const isOpaque = (value: object): value is Opaque => typeof (value as Partial<Opaque>).snapshot === 'function';

/** Canonical JSON text of a plain value. Throws SimulationError for functions, symbols and cycles. */
export function canonicalJson(value: unknown): string {
  return typeof value === 'object' && value !== null ? new CanonicalWriter().object(value, 1) : scalar(value);
}

/** Text that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function scalar(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
    case 'number':
      if (Number.isInteger(value) && value !== 0) return String(value);
      return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}n"`;
    case 'undefined':
    case 'object':
      return 'null';
    default:
      return refuseUnplain(value);
  }
}

/** Throws SimulationError for a value nested so deep that it must be a cycle. */
export function checkDepth(depth: number): void {
  if (depth > 100)
    throw new SimulationError('plain-data', 'state and payloads are plain data: nested over 100 deep, or a cycle');
}

/** Throws the SimulationError for something that is no plain data. */
export function refuseUnplain(value: unknown): never {
  throw new SimulationError('plain-data', `state and payloads are plain data: found a ${typeof value}`);
}

/** Writes one value. Texts are joined by `+`, which V8 does without copying. */
class CanonicalWriter {
  /** Each sorted key, quoted, with its colon. */
  private readonly shapes = new RecordShapes((key) => `${JSON.stringify(key)}:`);

  object(value: object, depth: number): string {
    checkDepth(depth);
    if (Array.isArray(value)) return `[${this.items(value, depth)}]`;
    if (value instanceof Map) return `{"Map":[${this.entries(value, depth)}]}`;
    if (value instanceof Set) return `{"Set":[${this.items([...value], depth)}]}`;
    if (ArrayBuffer.isView(value)) return `[${Array.from(value as Uint8Array).join(',')}]`;
    if (isOpaque(value)) return this.any(value.snapshot(), depth);
    return this.record(value as Record<string, unknown>, depth);
  }

  private any(value: unknown, depth: number): string {
    return typeof value === 'object' && value !== null ? this.object(value, depth + 1) : scalar(value);
  }

  private items(items: readonly unknown[], depth: number): string {
    let text = '';
    for (let i = 0; i < items.length; i++)
      text += i === 0 ? this.any(items[i], depth) : `,${this.any(items[i], depth)}`;
    return text;
  }

  private entries(map: ReadonlyMap<unknown, unknown>, depth: number): string {
    let text = '';
    for (const [key, item] of map) {
      text += `${text === '' ? '' : ','}[${this.any(key, depth)},${this.any(item, depth)}]`;
    }
    return text;
  }

  private record(record: Readonly<Record<string, unknown>>, depth: number): string {
    const { sorted, parts } = this.shapes.of(record, depth);
    let text = '';
    for (let i = 0; i < sorted.length; i++) {
      const field = record[sorted[i] as string];
      if (field !== undefined) text += `${text === '' ? '' : ','}${parts[i]}${this.any(field, depth)}`;
    }
    return `{${text}}`;
  }
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
    const copy: unknown[] = value.slice();
    for (let i = 0; i < copy.length; i++) {
      const item = copy[i];
      if (typeof item === 'object' && item !== null) copy[i] = copyObject(item);
    }
    return copy;
  }
  if (value instanceof Map) return new Map([...value].map(([k, item]) => [copyOf<unknown>(k), copyOf<unknown>(item)]));
  if (value instanceof Set) return new Set([...value].map((item) => copyOf<unknown>(item)));
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  if (isOpaque(value)) return copyOf(value.snapshot());
  // A spread keeps the record's hidden class, which is much faster than adding its fields one by one.
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) };
  for (const key in copy) {
    const field = copy[key];
    if (typeof field === 'object' && field !== null) copy[key] = copyObject(field);
  }
  return copy;
}
