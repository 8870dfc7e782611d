/** Transactions in a history: operations `txn` whose input and output are lists of micro-operations. */
import { canonicalJson } from '../../base/json.ts';
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';

/**
 * One step inside a transaction.
 *   ['append', key, value]: appends to the key's list; values are unique per key.
 *   ['w', key, value]: writes a register; values are unique per key.
 *   ['r', key, seen]: reads the key. In the input `seen` is null. In the output it is the list, or the register's value; null is
 *     the empty list, and a register's initial value.
 *   ['all', rows]: reads every key there is, by a predicate that all keys satisfy. In the output `rows` is a list of [key, seen].
 */
export type MicroOperation =
  | readonly ['append', string, unknown]
  | readonly ['w', string, unknown]
  | readonly ['r', string, unknown]
  | readonly ['all', readonly (readonly [string, unknown])[] | null];

export interface Transaction {
  readonly op: Operation;
  /** Index among the transactions, in order of invocation. */
  readonly index: number;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  /** The output when it is known, else the input. */
  readonly micros: readonly MicroOperation[];
}

/** Equal values have equal names: primitives are their own, everything else its canonical JSON. */
export const nameOfValue = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? `json ${canonicalJson(value)}` : (value ?? null);

/** The transactions among the operations, in order of invocation. Throws ConfigError for a malformed micro-operation. */
export function transactionsOf(operations: readonly Operation[]): Transaction[] {
  const ordered = operations.filter((op) => op.f === 'txn').toSorted((a, b) => a.invoked - b.invoked);
  return ordered.map((op, index) => {
    const outcome = op.outcome === 'ok' ? 'ok' : op.outcome === 'fail' ? 'fail' : 'unknown';
    const micros = outcome === 'ok' && op.output !== undefined ? op.output : op.input;
    return { op, index, outcome, micros: checked(op, micros) };
  });
}

function checked(op: Operation, micros: unknown): readonly MicroOperation[] {
  if (!Array.isArray(micros))
    throw new ConfigError(`operation ${op.id}: transaction`, micros, 'a list of micro-operations');
  for (const micro of micros as unknown[]) {
    if (!Array.isArray(micro) || !isMicro(micro)) {
      throw new ConfigError(
        `operation ${op.id}: micro-operation`,
        micro,
        "['append', key, value], ['w', key, value], ['r', key, seen] or ['all', rows]",
      );
    }
  }
  return micros as readonly MicroOperation[];
}

function isMicro([f, key]: unknown[]): boolean {
  if (f === 'all')
    return (
      key === null ||
      key === undefined ||
      (Array.isArray(key) && key.every((row) => Array.isArray(row) && typeof row[0] === 'string'))
    );
  return (f === 'append' || f === 'w' || f === 'r') && (typeof key === 'string' || typeof key === 'number');
}
