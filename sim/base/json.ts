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
      throw new SimulationError('plain-data', `state and payloads are plain data: found a ${typeof value}`);
  }
}

/** The keys of a record as it has them, and in the order in which they are written. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** Each sorted key, quoted, with its colon. */
  readonly heads: readonly string[];
}

/**
 * Writes one value. The entries of a log, the rows of a table all have the same keys, so at each depth the last shape is kept and
 * sorting is done once: a third of the cost. Texts are joined by `+`, which V8 does without copying.
 */
class CanonicalWriter {
  private readonly shapes: Shape[] = [];

  object(value: object, depth: number): string {
    if (depth > 100)
      throw new SimulationError('plain-data', 'state and payloads are plain data: nested over 100 deep, or a cycle');
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
    const { sorted, heads } = this.shape(Object.keys(record), depth);
    let text = '';
    for (let i = 0; i < sorted.length; i++) {
      const field = record[sorted[i] as string];
      if (field !== undefined) text += `${text === '' ? '' : ','}${heads[i]}${this.any(field, depth)}`;
    }
    return `{${text}}`;
  }

  private shape(keys: readonly string[], depth: number): Shape {
    const known = this.shapes[depth];
    if (known !== undefined && sameKeys(known.keys, keys)) return known;
    const sorted = keys.toSorted();
    const shape = { keys, sorted, heads: sorted.map((key) => `${JSON.stringify(key)}:`) };
    this.shapes[depth] = shape;
    return shape;
  }
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
