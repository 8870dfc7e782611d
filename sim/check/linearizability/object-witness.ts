/** Builds the witness of an object's violation: the sentence, the smallest set of operations, and what orders them. */
import type { Operation } from '../../history/operation.ts';
import type { Witness } from '../verdict.ts';
import type { FailingPrefix, Trials } from './counterexample.ts';
import type { ObjectConflict, ObjectModel } from './object-model.ts';
import { ObjectWords } from './object-words.ts';
import { explainedPrefix, ORDER_BUDGET } from './explained-prefix.ts';
import { indefiniteReasons, lastEventBefore, realTimeEdges } from './ordering.ts';
import { searchSequential } from './sequential-search.ts';
import { valueKey, type Span } from './span.ts';

/** Outputs tried as the culprit's, and told. */
const MOST_TRIED = 24;
/** Longer prefixes are not put into an order: the search writes every state out. */
const MOST_ORDERED = 1_500;

export interface ViolatedObject<S> {
  readonly model: ObjectModel<S>;
  readonly key: string;
  readonly operations: readonly Operation[];
  readonly prefix: FailingPrefix<Span, ObjectConflict>;
  readonly core: readonly Span[];
  readonly trials: Trials<Span, ObjectConflict>;
}

export function objectWitness<S>(violated: ViolatedObject<S>): Witness {
  const { model, key, operations, prefix, trials } = violated;
  const { culprit } = prefix;
  const conflict = trials.decide(violated.core).conflict ?? prefix.decision.conflict;
  const core = shownSpans(violated.core, conflict);
  const shown = core.map(({ source }) => source);
  const words = new ObjectWords(model.noun, key, shown);
  const legal = legalOutputs(violated);
  const explained =
    prefix.steps.length > MOST_ORDERED
      ? undefined
      : explainedPrefix(prefix, trials.reduction, (part) => searchSequential(part, model, ORDER_BUDGET));
  const indefinite = prefix.steps.filter((span) => !span.required);
  const relevant = model.trimmed?.(prefix.steps).filter((span) => !span.required) ?? indefinite;
  return {
    sentence: conflict?.sentence?.(words, operations) ?? unexplained(words, culprit.source, shown.length, legal),
    at: culprit.source.completedAt,
    operations: shown.map(({ id }) => id),
    mandatory: core.filter((span) => span.required).map(({ source }) => source.id),
    edges: realTimeEdges(core, words),
    ...(explained === undefined ? {} : { explained }),
    facts: {
      kind: conflict?.sentence === undefined ? 'unexplained' : conflict.kind,
      key,
      culprit: culprit.source.id,
      ...(culprit.source.output === undefined ? {} : { observed: culprit.source.output }),
      legal,
      failingEvent: culprit.ret,
      lastGoodEvent: lastEventBefore(culprit.ret, operations),
      indefinite: indefiniteReasons(
        relevant,
        (op) => words.named(op),
        words,
        indefinite.length - relevant.length,
        'nothing in the contradiction depends on them',
      ),
    },
  };
}

/** A pattern is a contradiction in itself: of the optional operations only its own are shown. */
function shownSpans(core: readonly Span[], conflict: ObjectConflict | undefined): readonly Span[] {
  if (conflict?.sentence === undefined) return core;
  const own = new Set(conflict.steps.map(({ source }) => source.id));
  return core.filter(({ required, source }) => required || own.has(source.id));
}

/** For what fits no pattern: how much was tried, and what would have been legal. */
function unexplained(words: ObjectWords, culprit: Operation, shown: number, legal: readonly unknown[]): string {
  const tried = shown === 1 ? 'but that cannot be' : `but no order of the ${shown} operations shown explains it`;
  const instead =
    legal.length === 0 ? '' : `; it could have returned ${legal.map((value) => words.value(value)).join(' or ')}`;
  return `${words.subject(culprit)}, ${tried}${instead}`;
}

/** What the culprit could have returned instead. */
function legalOutputs<S>({ model, prefix, trials }: ViolatedObject<S>): unknown[] {
  const { culprit, steps } = prefix;
  if (culprit.source.output === undefined) return [];
  const candidates = model.outputs?.(steps, culprit) ?? occurring(steps, culprit.source.f);
  const legal: unknown[] = [];
  const observed = valueKey(culprit.source.output);
  for (const output of candidates.slice(0, MOST_TRIED)) {
    if (valueKey(output) === observed) continue;
    const changed = steps.map((span) => (span === culprit ? { ...span, source: { ...span.source, output } } : span));
    if (trials.decide(changed).status === 'held') legal.push(output);
  }
  return legal;
}

/** Outputs of operations of the same name, and inputs, the most recent first. */
function occurring(steps: readonly Span[], f: string): unknown[] {
  const values = new Map<unknown, unknown>();
  const add = (value: unknown): unknown => (value === undefined ? undefined : values.set(valueKey(value), value));
  for (const { source } of [...steps].reverse()) {
    if (source.f === f) add(source.output);
    else add(source.input);
  }
  return [...values.values()];
}
