/** Holds the refuted isolation levels against brute force. */
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import { implies, LEVELS, type Level } from '../../sim/check/transactions/levels.ts';
import {
  bruteCycles,
  bruteSerializable,
  bruteSnapshot,
  inRealTime,
  inSession,
  never,
  smallTransactions,
  type TxnShape,
} from './transaction-oracle.ts';

const ORACLES: readonly (readonly [Level, typeof bruteSerializable, typeof never])[] = [
  ['serializable', bruteSerializable, never],
  ['strong session serializable', bruteSerializable, inSession],
  ['strict serializable', bruteSerializable, inRealTime],
  ['snapshot isolation', bruteSnapshot, never],
  ['strong session snapshot isolation', bruteSnapshot, inSession],
  ['strong snapshot isolation', bruteSnapshot, inRealTime],
];

const SHAPES: readonly TxnShape[] = [
  { registers: false, finalRead: true, predicates: false },
  { registers: false, finalRead: false, predicates: false },
  { registers: false, finalRead: true, predicates: true },
  { registers: true, finalRead: true, predicates: false },
];

export interface JudgedTransactions {
  readonly fault: string | undefined;
  readonly refuted: readonly Level[];
  readonly undecided: boolean;
}

/** Draws a history and judges every level that brute force can judge. */
export function judgeTransactions(seed: number): JudgedTransactions {
  const shape = SHAPES[seed % SHAPES.length] as TxnShape;
  const operations = smallTransactions(seed, shape);
  const result = checkTransactions(operations, 'strict serializable');
  const { refuted, anomalies } = result;
  const undecided = result.status === 'undecided';
  const fault = (text: string): JudgedTransactions => ({
    fault: `${text}: ${anomalies.map(({ witness }) => witness.sentence).join(' | ')}`,
    refuted,
    undecided,
  });
  for (const [level, oracle, before] of ORACLES) {
    const holds = oracle(operations, before);
    if (holds && refuted.includes(level)) return fault(`${level} is refuted, and holds`);
    if (refuted.includes(level) || (holds && !shape.registers)) continue;
    // With registers each level is judged by itself: the order of versions that it needs may be another one.
    const { status } = checkTransactions(operations, level);
    if (!holds && status === 'held') return fault(`${level} is not refuted, and does not hold`);
    if (holds && status === 'violated') return fault(`${level} is refuted by every order of versions, and holds`);
  }
  const closed = LEVELS.every(
    (level) => !refuted.includes(level) || LEVELS.every((other) => !implies(other, level) || refuted.includes(other)),
  );
  if (!closed) return fault('what is stronger than a refuted level is not refuted');
  if (!shape.registers && shape.finalRead && !shape.predicates) {
    const cycles = bruteCycles(operations);
    const has = (...names: string[]): boolean => anomalies.some(({ name }) => names.includes(name));
    if (cycles !== undefined) {
      const G1 = cycles.G1 || has('G1a', 'G1b');
      const expected = [cycles.G0, G1, cycles.item || G1 || has('internal')];
      const found = (['read uncommitted', 'read committed', 'repeatable read'] as const).map((level) =>
        refuted.includes(level),
      );
      if (expected.join() !== found.join())
        return fault(`PL-1, PL-2, PL-2.99 refuted: ${found.join()}, by simple cycles ${expected.join()}`);
    }
  }
  return { fault: undefined, refuted, undecided };
}
