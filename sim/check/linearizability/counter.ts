/**
 * Linearizability of a counter: `add` adds its input (1 when there is none), `read` returns the sum.
 *
 * When all amounts are equal, difference constraints decide (unit-counter.ts). Arbitrary amounts hide a subset sum, which is
 * NP-complete; but what the counter holds depends only on which additions have been made, not on their order, so that the
 * search (sequential-search.ts) takes n · 2^k steps at most for k additions open at once.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Decision } from './counterexample.ts';
import type { Automaton, Call, ObjectConflict, ObjectModel } from './object-model.ts';
import type { ObjectWords } from './object-words.ts';
import { decideBySearch } from './sequential-search.ts';
import { withoutDeadlines, type Span } from './span.ts';
import { unitCounterConflict, type UnitConflict } from './unit-counter.ts';

/** Of the additions that had begun when a read saw more, the last so many are shown. */
const MOST_SHOWN = 12;

const amountOf = ({ input }: Pick<Operation, 'input'>): number => (input ?? 1) as number;

function verify(op: Operation): void {
  const value = op.f === 'add' ? amountOf(op) : op.output;
  if (op.f === 'read' && (op.outcome !== 'ok' || value === undefined)) return;
  if (!Number.isSafeInteger(value))
    throw new ConfigError(
      `operation ${op.id}: ${op.f === 'add' ? 'input of add' : 'output of read'}`,
      value,
      'a whole number',
    );
}

/** `initial`: the counter's value before the first addition. */
export function counterModel(initial: number): ObjectModel<number> {
  const automaton: Automaton<number> = {
    init: () => initial,
    step(state, call: Call) {
      if (call.f === 'add') return state + amountOf(call);
      return call.outcome !== 'ok' || call.output === state ? state : undefined;
    },
    observes: (f) => f === 'read',
    byClient: false,
  };
  return {
    ...automaton,
    name: 'counter',
    noun: 'counter',
    operations: ['add', 'read'],
    verify,
    decide: (spans, budget) => decideUnits(spans, initial) ?? decideBySearch(spans, automaton, budget),
    trimmed: (spans) =>
      spans.filter(({ required, source }) => required || source.f !== 'add' || amountOf(source) !== 0),
    outputs: (_spans, culprit) => near(culprit.source.output as number),
  };
}

/** The values around one. */
const near = (value: number): number[] =>
  Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? value - 1 - i / 2 : value + (i + 1) / 2));

/** Undefined when amounts differ. */
function decideUnits(spans: readonly Span[], initial: number): Decision<ObjectConflict> | undefined {
  const additions = spans.filter(({ source }) => source.f === 'add');
  const unit = additions[0] === undefined ? 1 : amountOf(additions[0].source);
  if (unit === 0 || additions.some(({ source }) => amountOf(source) !== unit)) return undefined;
  const reads = spans.filter(({ source }) => source.f === 'read');
  const counted = reads.map((span) => ({ span, units: ((span.source.output as number) - initial) / unit }));
  const odd = counted.find(({ units }) => !Number.isInteger(units));
  if (odd !== undefined) return { status: 'violated', steps: 0, conflict: betweenUnits(odd.span, unit) };
  const found = unitCounterConflict(withoutDeadlines(additions), counted);
  if (found === undefined) return { status: 'held', steps: 0 };
  return { status: 'violated', steps: 0, conflict: conflictOf(found, additions) };
}

const betweenUnits = (read: Span, unit: number): ObjectConflict => ({
  kind: 'never-written',
  steps: [read],
  sentence: (words) => `${words.subject(read.source)}, which no number of additions of ${unit} makes`,
});

const backwards = (first: Span, second: Span, words: ObjectWords): string =>
  `${words.subject(second.source)} although ${words.subject(first.source)} before, and no addition leads back`;

function conflictOf({ kind, reads, count, units }: UnitConflict, additions: readonly Span[]): ObjectConflict {
  const [read, later] = reads as [Span, ...Span[]];
  if (later !== undefined)
    return { kind: 'new-old-inversion', steps: reads, sentence: (words) => backwards(read, later, words) };
  const ended = additions.filter((span) => span.required && span.ret < read.call).sort((a, b) => a.ret - b.ret);
  const begun = additions.filter((span) => span.call < read.ret);
  const enough = ended.slice(0, Math.max(0, units) + 1);
  return {
    kind: kind === 'missing' ? 'too-many' : 'too-few',
    steps: [read, ...(kind === 'missing' ? begun.slice(-MOST_SHOWN) : ended.length > units ? enough : ended)],
    sentence(words) {
      const began = begun.length;
      if (kind === 'missing' && began < units)
        return `${words.subject(read.source)}, but only ${began === 1 ? 'one addition' : `${began} additions`} had been invoked by then`;
      if (kind === 'surplus' && ended.length >= count)
        return `${words.subject(read.source)}, but ${ended.length} additions had certainly been made by then`;
      return `${words.subject(read.source)}, which cannot be reconciled with what the other reads saw`;
    },
  };
}
