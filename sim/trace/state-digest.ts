/**
 * Folds plain state into a digest as it stands, without writing it as text first: what a searched run pays at its end.
 *
 * Two states that `canonicalJson` writes alike are folded alike: fields in the order of their sorted names, absent and undefined
 * fields the same, Maps and Sets in insertion order, typed arrays as arrays, heavier values by their snapshot. (−0 counts as 0.)
 */
import { checkDepth, isOpaque, refuseUnplain } from '../base/json.ts';
import { RecordShapes } from '../base/record-shapes.ts';
import { Digest } from './digest.ts';

const ARRAY = 0x510e527f;
const RECORD = 0x1f83d9ab;
const MAP = 0x5be0cd19;
const SET = 0x428a2f98;
const BIGINT = 0x71374491;
const NULL = 0x3956c25b;
const TRUE = 0x59f111f1;
const FALSE = 0x12835b01;

/** A word that stands for a key. */
function wordOf(key: string): number {
  const digest = new Digest();
  digest.foldText(key);
  return digest.word();
}

/** Folds values into one digest. */
export class StateDigest {
  private readonly digest: Digest;
  private readonly shapes = new RecordShapes(wordOf);

  constructor(digest: Digest) {
    this.digest = digest;
  }

  /** Throws SimulationError for functions, symbols and cycles. */
  fold(value: unknown, depth = 1): void {
    const { digest } = this;
    switch (typeof value) {
      case 'string':
        digest.foldText(value);
        return;
      case 'number':
        digest.fold(value);
        return;
      case 'boolean':
        digest.fold(value ? TRUE : FALSE);
        return;
      case 'undefined':
        digest.fold(NULL);
        return;
      case 'bigint':
        digest.fold(BIGINT);
        digest.foldText(String(value));
        return;
      case 'object':
        if (value === null) digest.fold(NULL);
        else this.foldObject(value, depth);
        return;
      default:
        refuseUnplain(value);
    }
  }

  private foldObject(value: object, depth: number): void {
    checkDepth(depth);
    if (Array.isArray(value) || ArrayBuffer.isView(value)) this.foldItems(ARRAY, value as ArrayLike<unknown>, depth);
    else if (value instanceof Map) this.foldEntries(value, depth);
    else if (value instanceof Set) this.foldItems(SET, [...value], depth);
    else if (isOpaque(value)) this.fold(value.snapshot(), depth + 1);
    else this.foldRecord(value as Record<string, unknown>, depth);
  }

  private foldItems(tag: number, items: ArrayLike<unknown>, depth: number): void {
    this.digest.fold(tag);
    this.digest.fold(items.length);
    for (let i = 0; i < items.length; i++) this.fold(items[i], depth + 1);
  }

  private foldEntries(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.digest.fold(MAP);
    this.digest.fold(map.size);
    for (const [key, item] of map) {
      this.fold(key, depth + 1);
      this.fold(item, depth + 1);
    }
  }

  private foldRecord(record: Record<string, unknown>, depth: number): void {
    const { digest } = this;
    const { sorted, parts } = this.shapes.of(record, depth);
    for (let i = 0; i < sorted.length; i++) {
      const field = record[sorted[i] as string];
      if (field === undefined) continue;
      digest.fold(parts[i] as number);
      this.fold(field, depth + 1);
    }
    digest.fold(RECORD);
  }
}
