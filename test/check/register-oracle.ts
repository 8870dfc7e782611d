/** Holds a register's verdict and witness against brute force. */
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';
import type { LinearizabilityResult } from '../../sim/check/linearizability/per-object.ts';
import { refused } from '../../sim/check/linearizability/register-step.ts';
import type { Operation } from '../../sim/history/operation.ts';
import { explainable, registerSpec } from './brute-force.ts';
import { numbers, randomHistory } from './register-histories.ts';
import type { Shape } from './register-histories.ts';

export interface Judged {
  readonly result: LinearizabilityResult;
  readonly operations: readonly Operation[];
  /** What is wrong with the result; undefined when nothing is. */
  readonly fault: string | undefined;
}

/** A small history drawn from `seed`: unique or few values, some wrong answers, some operations indefinite or failed. */
export function smallHistory(seed: number): Operation[] {
  const draw = numbers(seed ^ 0x5555);
  const shape: Shape = {
    operations: 2 + draw(6),
    clients: 2 + draw(4),
    values: draw(2) === 0 ? 0 : 1 + draw(4),
    reads: 20 + draw(50),
    cas: draw(50),
    indefinite: draw(3) * 15,
    failed: draw(20),
    wrong: [0, 5, 20, 60][draw(4)] as number,
  };
  return randomHistory(seed, shape);
}

/** Checks a small history and everything that the result claims. */
export function judge(operations: readonly Operation[], failedCasObserves: boolean): Judged {
  const result = checkRegister(operations, { failedCasObserves });
  const legal = explains(operations, failedCasObserves);
  let fault: string | undefined;
  if (result.status !== (legal ? 'held' : 'violated')) fault = `${result.status}, but brute force says ${legal}`;
  else if (!legal) fault = faultOfWitness(result, operations, failedCasObserves);
  return { result, operations, fault };
}

function explains(operations: readonly Operation[], failedCasObserves: boolean): boolean {
  const relevant = operations.filter((op) => op.f !== 'read' || op.outcome === 'ok');
  return explainable(relevant, registerSpec(null), (op) => failedCasObserves && op.f === 'cas' && refused(op));
}

function faultOfWitness(
  { witness }: LinearizabilityResult,
  operations: readonly Operation[],
  observes: boolean,
): string | undefined {
  if (witness === undefined) return 'no witness';
  const end = witness.facts?.['failingEvent'] as number;
  const good = witness.facts?.['lastGoodEvent'] as number;
  const prefix = prefixOf(operations, end);
  if (explains(prefix, observes)) return 'the failing prefix can be explained';
  if (!explains(prefixOf(operations, good), observes)) return 'the last good prefix cannot be explained';
  const mandatory = new Set(witness.mandatory);
  const relaxed = prefix.flatMap((op): Operation[] => {
    if (mandatory.has(op.id)) return [op];
    return op.f === 'read' || op.outcome === 'fail' ? [] : [{ ...op, outcome: 'info' }];
  });
  if (explains(relaxed, observes)) return 'the mandatory operations do not suffice';
  const shown = new Set(witness.operations);
  if (
    explains(
      relaxed.filter((op) => shown.has(op.id)),
      observes,
    )
  )
    return 'the operations shown do not suffice';
  return faultOfLegal(witness.facts?.['culprit'] as number, witness.facts?.['legal'] as unknown[], prefix, observes);
}

function faultOfLegal(
  culprit: number,
  legal: unknown[],
  prefix: readonly Operation[],
  observes: boolean,
): string | undefined {
  if (prefix.find((op) => op.id === culprit)?.f !== 'read') return undefined;
  const known = new Set<unknown>([null]);
  for (const op of prefix) {
    if (op.f === 'write') known.add(op.input);
    if (op.f === 'cas') known.add((op.input as unknown[])[1]);
  }
  for (const value of known) {
    const changed = prefix.map((op) => (op.id === culprit ? { ...op, output: value } : op));
    if (explains(changed, observes) !== legal.includes(value))
      return `${String(value)} is wrong among the legal values`;
  }
  return undefined;
}

/** The history as it stood just after event `end`, except that what is going to fail is known not to happen. */
function prefixOf(operations: readonly Operation[], end: number): Operation[] {
  const open = { outcome: 'pending', completed: Number.MAX_SAFE_INTEGER } as const;
  return operations
    .filter((op) => op.invoked <= end && (op.outcome !== 'fail' || op.completed <= end))
    .map((op) => (op.completed <= end ? op : { ...op, ...open }));
}
