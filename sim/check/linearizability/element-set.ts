/**
 * Linearizability of a set by its elements: `add` and `remove` change it, `contains` asks. Elements are independent of each
 * other, so each is a register that holds true or false, and is decided as one (register-decision.ts). `add` and `remove`
 * may return whether they changed anything (true or false); then they are compare-and-sets that succeeded, or reads.
 */
import { ConfigError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';
import type { Decision } from './counterexample.ts';
import type { Call, ObjectConflict, ObjectModel } from './object-model.ts';
import { decideRegister } from './register-decision.ts';
import { NOTHING, type RegisterStep } from './register-step.ts';
import type { Span } from './span.ts';

function step(present: boolean, { f, output, outcome }: Call): boolean | undefined {
  const known = outcome === 'ok' && typeof output === 'boolean';
  if (f === 'contains') return !known || output === present ? present : undefined;
  const wanted = f === 'add';
  return !known || output === (present !== wanted) ? wanted : undefined;
}

function verify(op: Operation): void {
  if (op.f === 'contains' && op.outcome === 'ok' && op.output !== undefined && typeof op.output !== 'boolean')
    throw new ConfigError(`operation ${op.id}: output of contains`, op.output, 'true or false');
}

/** An element's presence as a register of two values: 0 for the initial one, here `false`, and 1. */
function asRegister(span: Span): RegisterStep {
  const { call, ret, required, source } = span;
  const { f, output } = source;
  if (f === 'contains')
    return { call, ret, required, source, kind: 'read', from: output === true ? 1 : 0, to: NOTHING };
  const to = f === 'add' ? 1 : 0;
  if (!required || typeof output !== 'boolean')
    return { call, ret, required, source, kind: 'write', from: NOTHING, to };
  if (output) return { call, ret, required, source, kind: 'cas', from: 1 - to, to };
  return { call, ret, required, source, kind: 'read', from: to, to: NOTHING };
}

function decide(spans: readonly Span[], budget: number): Decision<ObjectConflict> {
  const { conflict, ...decision } = decideRegister(spans.map(asRegister), 2, budget);
  return conflict === undefined ? decision : { ...decision, conflict: { kind: 'order', steps: conflict.steps } };
}

/** An element is not in the set at first. */
export const elementSetModel: ObjectModel<boolean> = {
  name: 'element set',
  noun: 'set',
  operations: ['add', 'remove', 'contains'],
  init: () => false,
  step,
  observes: (f) => f === 'contains',
  byClient: false,
  verify,
  partOf: ({ input }) => canonicalJson(input),
  decide,
  outputs: () => [true, false],
};
