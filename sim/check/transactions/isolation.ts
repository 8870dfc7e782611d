/** Isolation levels as checks of a scenario: the operations `txn` are judged, others are left out. */
import type { Check } from '../check.ts';
import { checkTransactions } from './check-transactions.ts';
import type { Level } from './levels.ts';
import type { TransactionOptions } from './observations.ts';

/** The transactions are isolated as `level` promises. */
export function isolation(level: Level, options: TransactionOptions = {}): Check {
  return {
    name: level,
    kind: 'history',
    promise: `transactions show no anomaly that ${level} forbids`,
    begin: (view) => ({
      finish() {
        const { status, message, witness, weakest, refuted } = checkTransactions(view.operations, level, options);
        const facts = { ...witness?.facts, weakest, refuted };
        return {
          check: level,
          kind: 'history',
          status,
          message,
          ...(witness === undefined ? {} : { witness: { ...witness, facts } }),
        };
      },
    }),
  };
}

/** All transactions in one order (PL-3). */
export const serializable = (options?: TransactionOptions): Check => isolation('serializable', options);

/** All transactions in one order that also keeps real time. */
export const strictSerializable = (options?: TransactionOptions): Check => isolation('strict serializable', options);

/** Each transaction reads from one snapshot, and of two that run at once and write one key, one fails (PL-SI). */
export const snapshotIsolation = (options?: TransactionOptions): Check => isolation('snapshot isolation', options);

/** Nobody reads what is not committed, or not the last that its transaction wrote (PL-2). */
export const readCommitted = (options?: TransactionOptions): Check => isolation('read committed', options);
