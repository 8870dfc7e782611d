/** Linearizability of any object that has a model; a violation is reduced to the few operations that contradict each other. */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Witness } from '../verdict.ts';
import { coreOf, shortestFailingPrefix, Trials, type Decision, type Reduction } from './counterexample.ts';
import type { ObjectConflict, ObjectModel } from './object-model.ts';
import { objectWitness } from './object-witness.ts';
import { budgetOf, judgeObjects, type LinearizabilityResult } from './per-object.ts';
import { decideBySearch } from './sequential-search.ts';
import { spanOf, type Span } from './span.ts';

/** Checks every object in a history. Throws ConfigError for an operation that the object does not know. */
export function checkObject<S>(
  model: ObjectModel<S>,
  operations: readonly Operation[],
  budget: number | undefined,
): LinearizabilityResult {
  const { partOf } = model;
  const part = partOf === undefined ? undefined : (op: Operation): string => `${op.key} ${partOf(op)}`;
  const judge = (key: string, own: readonly Operation[], left: number) => {
    const spans = spansOf(model, own);
    const decision = decide(model, spans, left);
    return { ...decision, witness: () => witnessOf(model, key, own, spans, decision) };
  };
  return judgeObjects(operations, model.noun, budgetOf(budget), judge, part);
}

/** The operations that say something, in order of invocation. */
function spansOf<S>(model: ObjectModel<S>, operations: readonly Operation[]): Span[] {
  const spans: Span[] = [];
  for (const operation of operations) {
    if (!model.operations.includes(operation.f))
      throw new ConfigError(
        `operation ${operation.id}: f`,
        operation.f,
        `one of ${model.operations.join(', ')} on a ${model.noun}`,
      );
    model.verify?.(operation);
    if (operation.outcome === 'fail') continue;
    const known = operation.outcome === 'ok' && operation.output !== undefined;
    if (known || !model.observes(operation.f)) spans.push(spanOf(operation));
  }
  return spans.sort((a, b) => a.call - b.call);
}

const decide = <S>(model: ObjectModel<S>, spans: readonly Span[], budget: number): Decision<ObjectConflict> =>
  model.decide?.(spans, budget) ?? decideBySearch(spans, model, budget);

function witnessOf<S>(
  model: ObjectModel<S>,
  key: string,
  operations: readonly Operation[],
  spans: readonly Span[],
  decision: Decision<ObjectConflict>,
): Witness {
  const reduction: Reduction<Span, ObjectConflict> = {
    decide: (steps, budget) => decide(model, steps, budget),
    relaxed: (span, ret) => (model.observes(span.source.f) ? undefined : { ...span, ret, required: false }),
    trimmed: (steps) => model.trimmed?.(steps) ?? steps,
    rank: ({ source }) => (model.observes(source.f) ? 0 : 1),
  };
  const trials = new Trials(reduction);
  const prefix = shortestFailingPrefix(spans, decision, trials);
  const core = coreOf(prefix, undefined, trials);
  return objectWitness({ model, key, operations, prefix, core, trials });
}
