/** Holds the verdict and the witness of any object against brute force, on small random histories of an object that works, mostly. */
import { NEVER } from '../../sim/base/time.ts';
import type { LinearizabilityResult } from '../../sim/check/linearizability/per-object.ts';
import type { Specification } from '../../sim/check/specification.ts';
import type { Operation, Outcome } from '../../sim/history/operation.ts';
import { explainable, type SequentialSpec } from './brute-force.ts';
import { numbers } from './register-histories.ts';

/** What the working object answers when it cannot do it: the operation fails, unless the answer is a wrong one. */
export const REFUSED = Symbol('refused');

export type Below = (bound: number) => number;

/** How to draw histories of an object, and what is right. */
export interface Subject<S> {
  readonly specification: Specification;
  /** Written for this test, apart from the checker's own. */
  readonly spec: SequentialSpec<S>;
  /** What a client does next; undefined: nothing. `count`: operations so far. */
  draw(below: Below, client: string, count: number): Pick<Operation, 'f' | 'input'>;
  /** The working object: changes its state, returns the output. */
  apply(state: { current: S }, operation: Operation): unknown;
  /** A wrong output. */
  wrong(output: unknown, operation: Operation, below: Below): unknown;
  /** How operations are told to brute force. Default: as they are. */
  told?(operations: readonly Operation[]): readonly (readonly Operation[])[];
  /** Operations of unknown output that say nothing and are left out. */
  readonly silent?: readonly string[];
}

export interface Shape {
  readonly operations: number;
  readonly clients: number;
  /** Chances in percent. */
  readonly indefinite: number;
  readonly wrong: number;
  readonly failed: number;
}

export const smallShape = (below: Below): Shape => ({
  operations: 2 + below(6),
  clients: 1 + below(4),
  indefinite: [0, 0, 15, 40][below(4)] as number,
  wrong: [0, 5, 20, 60][below(4)] as number,
  failed: [0, 10][below(2)] as number,
});

/** A history in which each operation takes effect somewhere between its two events, some answers wrong. */
export function drawnHistory<S>(
  subject: Subject<S>,
  seed: number,
  shape = smallShape(numbers(seed ^ 0x3333)),
): Operation[] {
  const below = numbers(seed);
  const operations: Operation[] = [];
  const state = { current: subject.spec.init() };
  const busy = new Map<number, { id: number; applied: boolean; output: unknown }>();
  const names = Array.from({ length: shape.clients }, (_, c) => c);
  let nextName = shape.clients;
  for (let event = 1; operations.length < shape.operations || busy.size > 0; event++) {
    const slot = below(shape.clients);
    const open = busy.get(slot);
    if (open === undefined) {
      if (operations.length === shape.operations) continue;
      const id = operations.length;
      const client = `c${names[slot]}`;
      const drawn = subject.draw(below, client, id);
      operations.push(begun(id, client, drawn.f, drawn.input, event));
      busy.set(slot, { id, applied: false, output: undefined });
      continue;
    }
    const operation = operations[open.id] as Operation;
    if (!open.applied && below(100) < 40) {
      open.applied = true;
      open.output = subject.apply(state, operation);
      continue;
    }
    busy.delete(slot);
    const chance = below(100);
    const indefinite = chance < shape.indefinite;
    const fails = !indefinite && !open.applied && chance < shape.indefinite + shape.failed;
    if (!open.applied && !fails && (!indefinite || below(2) === 0)) open.output = subject.apply(state, operation);
    if (indefinite && below(3) > 0) names[slot] = nextName++;
    const isWrong = below(100) < shape.wrong;
    const refused = open.output === REFUSED;
    const failed = fails || (refused && !isWrong);
    const outcome: Outcome = indefinite ? (below(2) === 0 ? 'info' : 'pending') : failed ? 'fail' : 'ok';
    const answer = refused ? undefined : open.output;
    const output = isWrong && outcome === 'ok' ? subject.wrong(answer, operation, below) : answer;
    operations[open.id] = ended(operation, outcome, output, event);
  }
  return operations;
}

/* Field by field: spreading would take more time than everything that is tested here. */
const begun = (id: number, client: string, f: string, input: unknown, event: number): Operation => ({
  id,
  client,
  f,
  key: '',
  input,
  output: undefined,
  outcome: 'pending',
  invoked: event,
  completed: Number.MAX_SAFE_INTEGER,
  invokedAt: event * 1_000,
  completedAt: NEVER,
});

const ended = (operation: Operation, outcome: Outcome, output: unknown, event: number): Operation => ({
  id: operation.id,
  client: operation.client,
  f: operation.f,
  key: '',
  input: operation.input,
  output: outcome === 'ok' ? output : undefined,
  outcome,
  invoked: operation.invoked,
  completed: outcome === 'ok' || outcome === 'fail' ? event : Number.MAX_SAFE_INTEGER,
  invokedAt: operation.invokedAt,
  completedAt: outcome === 'pending' ? NEVER : event * 1_000,
});

const explains = <S>(subject: Subject<S>, operations: readonly Operation[]): boolean => {
  const silent = (op: Operation): boolean => op.outcome !== 'ok' && (subject.silent ?? []).includes(op.f);
  const heard = operations.filter((op) => !silent(op));
  return (subject.told?.(heard) ?? [heard]).some((told) => explainable(told, subject.spec));
};

/** What is wrong with the checker's answer; undefined when nothing is. */
export function faultOf<S>(
  subject: Subject<S>,
  operations: readonly Operation[],
  result: LinearizabilityResult = subject.specification.decide(operations),
  withWitness = true,
): string | undefined {
  const legal = explains(subject, operations);
  if (result.status !== (legal ? 'held' : 'violated'))
    return `${result.status}, but brute force says ${legal}: ${result.message}`;
  if (legal || !withWitness) return undefined;
  const { witness } = result;
  if (witness === undefined) return 'no witness';
  const end = witness.facts?.['failingEvent'] as number;
  const good = witness.facts?.['lastGoodEvent'] as number;
  const prefix = prefixOf(operations, end);
  if (explains(subject, prefix)) return `the failing prefix can be explained: ${result.message}`;
  if (!explains(subject, prefixOf(operations, good)))
    return `the last good prefix cannot be explained: ${result.message}`;
  const mandatory = new Set(witness.mandatory);
  const shown = new Set(witness.operations);
  if (![...mandatory].every((id) => shown.has(id))) return 'a mandatory operation is not shown';
  const relaxed = prefix
    .filter((op) => op.outcome !== 'fail')
    .map((op): Operation => (mandatory.has(op.id) ? op : { ...op, outcome: 'info', output: undefined }));
  if (explains(subject, relaxed)) return `the mandatory operations do not suffice: ${result.message}`;
  if (
    explains(
      subject,
      relaxed.filter((op) => shown.has(op.id)),
    )
  )
    return `the operations shown do not suffice: ${result.message}`;
  return faultOfLegal(subject, prefix, witness.facts?.['culprit'] as number, witness.facts?.['legal'] as unknown[]);
}

function faultOfLegal<S>(
  subject: Subject<S>,
  prefix: readonly Operation[],
  culprit: number,
  legal: readonly unknown[],
): string | undefined {
  for (const output of legal) {
    const changed = prefix.map((op) => (op.id === culprit ? { ...op, output } : op));
    if (!explains(subject, changed)) return `${JSON.stringify(output)} is told as legal, and is not`;
  }
  return undefined;
}

/** The history as it stood just after event `end`, except that what is going to fail is known not to happen. */
function prefixOf(operations: readonly Operation[], end: number): Operation[] {
  const open = { outcome: 'pending', completed: Number.MAX_SAFE_INTEGER, output: undefined } as const;
  return operations
    .filter((op) => op.invoked <= end && (op.outcome !== 'fail' || op.completed <= end))
    .map((op) => (op.completed <= end ? op : { ...op, ...open }));
}
