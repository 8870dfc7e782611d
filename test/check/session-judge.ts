/** Holds the session models' verdicts and witnesses against brute force. */
import { checkGuarantee } from '../../sim/check/consistency/check-guarantee.ts';
import { checkCausal, checkSequential } from '../../sim/check/consistency/check-sessions.ts';
import type { ConsistencyResult } from '../../sim/check/consistency/consistency-witness.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { bruteCausal, bruteGuarantees, brutePram, bruteSequential } from './session-oracle.ts';

const CAUSAL = ['causal', 'causal+', 'causal memory', 'pram'] as const;
const GUARANTEES = ['read your writes', 'monotonic reads', 'monotonic writes', 'writes follow reads'] as const;

/** What is wrong with the answers; undefined when nothing is. Values must be unique. */
export function judgeSessions(operations: readonly Operation[], withWitness: boolean): string | undefined {
  const judged: [
    string,
    ConsistencyResult,
    boolean | undefined,
    (part: readonly Operation[]) => boolean | undefined,
  ][] = [];
  judged.push(['sequential', checkSequential(operations), bruteSequential(operations), bruteSequential]);
  for (const model of CAUSAL) {
    const brute = (part: readonly Operation[]): boolean =>
      model === 'pram' ? brutePram(part) : bruteCausal(part, model);
    judged.push([model, checkCausal(operations, model), brute(operations), brute]);
  }
  const all = bruteGuarantees(operations);
  for (const guarantee of GUARANTEES) {
    const brute = (part: readonly Operation[]): boolean | undefined => bruteGuarantees(part)?.[guarantee];
    judged.push([guarantee, checkGuarantee(operations, guarantee), all?.[guarantee], brute]);
  }
  for (const [name, { status, message, witness }, expected, brute] of judged) {
    const wanted = expected === undefined ? 'undecided' : expected ? 'held' : 'violated';
    if (status !== wanted) return `${name}: ${status}, brute force says ${wanted}: ${message}`;
    if (!withWitness || witness === undefined) continue;
    const shown = new Set(witness.operations);
    // Without a failed write's value nobody wrote it either, so the part without it is the stronger claim.
    const part = operations.filter((op) => shown.has(op.id));
    if (brute(part) !== false) return `${name}: the operations shown do not suffice: ${message}`;
  }
  return undefined;
}
