/**
 * Properties of states: `always` (safety), `sometimes` (a run in which it never happens proves nothing), `eventually`
 * (liveness: within a bound after the last fault has healed).
 *
 * They are evaluated whenever an event has been handled on a node that they watch, and at no other time: between two such
 * instants the states that they read cannot change.
 */
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../base/time.ts';
import type { Answer, Check, CheckRun, RunView } from './check.ts';
import type { Verdict, Witness } from './verdict.ts';

export interface StateCheckOptions {
  /** Watch the nodes of these roles only. Default: all nodes. */
  readonly roles?: readonly string[];
}

const watchedBy =
  ({ roles }: StateCheckOptions) =>
  (view: RunView): readonly string[] =>
    view.nodes.filter((node) => roles === undefined || roles.includes(node.role)).map((node) => node.id);

const witnessOf = (answer: Answer, name: string, at: Micros): Witness => {
  if (typeof answer === 'object') return { ...answer, at, operations: [] };
  return {
    sentence: typeof answer === 'string' ? answer : `${name} does not hold at ${instantText(at)}`,
    at,
    operations: [],
  };
};

/** `predicate` holds in every state of the run. A string (or a sentence with facts) instead of true says what is wrong. */
export function always(name: string, predicate: (view: RunView) => Answer, options: StateCheckOptions = {}): Check {
  return {
    name,
    kind: 'always',
    promise: `always: ${name}`,
    watches: watchedBy(options),
    begin(view): CheckRun {
      let witness: Witness | undefined;
      let evaluations = 0;
      const evaluate = (): void => {
        if (witness !== undefined) return;
        evaluations++;
        const answer = predicate(view);
        if (answer !== true) witness = witnessOf(answer, name, view.now);
      };
      return {
        handled: evaluate,
        finish(): Verdict {
          if (witness === undefined) {
            return { check: name, kind: 'always', status: 'held', message: `held in ${evaluations} states` };
          }
          return { check: name, kind: 'always', status: 'violated', message: witness.sentence, witness };
        },
      };
    },
  };
}

/** `predicate` is true at least once in the run. */
export function sometimes(name: string, predicate: (view: RunView) => boolean, options: StateCheckOptions = {}): Check {
  return {
    name,
    kind: 'sometimes',
    promise: `sometimes: ${name}`,
    watches: watchedBy(options),
    begin(view): CheckRun {
      let first: Micros | undefined;
      return {
        handled(): void {
          if (first === undefined && predicate(view)) first = view.now;
        },
        finish(): Verdict {
          if (first === undefined && predicate(view)) first = view.now;
          if (first !== undefined) {
            return { check: name, kind: 'sometimes', status: 'held', message: `first at ${instantText(first)}` };
          }
          const sentence = `${name} never happened in ${instantText(view.end)}: the run shows nothing about what follows from it`;
          return {
            check: name,
            kind: 'sometimes',
            status: 'violated',
            message: sentence,
            witness: { sentence, at: view.end, operations: [] },
          };
        },
      };
    },
  };
}

export interface EventuallyOptions extends StateCheckOptions {
  /** How long after the last fault has healed. */
  readonly within: Duration;
}

/** `predicate` becomes true within a bound after the last fault has healed. Undecided when a fault never heals. */
export function eventually(name: string, predicate: (view: RunView) => boolean, options: EventuallyOptions): Check {
  const within = parseDuration(options.within, `${name}: within`);
  return {
    name,
    kind: 'eventually',
    promise: `eventually, within ${durationText(within)} after the faults: ${name}`,
    watches: watchedBy(options),
    begin(view): CheckRun {
      let met: Micros | undefined;
      const deadline = view.healedAt === undefined ? undefined : view.healedAt + within;
      const evaluate = (): void => {
        if (met !== undefined || deadline === undefined || view.now < (view.healedAt ?? 0) || view.now > deadline)
          return;
        if (predicate(view)) met = view.now;
      };
      return {
        handled: evaluate,
        finish(): Verdict {
          const base = { check: name, kind: 'eventually' } as const;
          if (deadline === undefined)
            return { ...base, status: 'undecided', message: 'a fault never heals: nothing is owed' };
          evaluate();
          if (met !== undefined) return { ...base, status: 'held', message: `at ${instantText(met)}` };
          if (view.end < deadline) {
            return {
              ...base,
              status: 'undecided',
              message: `the run ended at ${instantText(view.end)}, before the deadline ${instantText(deadline)}`,
            };
          }
          const sentence = `${name} had not come true by ${instantText(deadline)}, ${durationText(within)} after the last fault healed`;
          return {
            ...base,
            status: 'violated',
            message: sentence,
            witness: { sentence, at: deadline, operations: [] },
          };
        },
      };
    },
  };
}
