/**
 * What a saga promises (Garcia-Molina and Salem, SIGMOD 1987): a transaction made of steps ends in one of two ways, with all its
 * steps done once, or with every step that was done undone once, last first. Judged at the end of the run.
 */
import { canonicalJson } from '../../base/json.ts';
import type { Check, RunView } from '../check.ts';
import type { Verdict, Witness } from '../verdict.ts';

/** Something that a saga has done, or undone, where its effects are kept. */
export interface SagaEffect {
  readonly saga: string;
  readonly step: string;
  readonly kind: 'done' | 'undone';
}

export interface SagaOptions {
  /** All effects, in the order in which they took place. */
  readonly effects: (view: RunView) => Iterable<SagaEffect>;
  /** Every saga that was begun: its steps in order, and how its coordinator says that it ended. */
  readonly sagas: (view: RunView) => Iterable<Saga>;
  /** Default `sagas are done or undone, whole and once`. */
  readonly name?: string;
}

export interface Saga {
  readonly id: string;
  readonly steps: readonly string[];
  readonly outcome: 'completed' | 'compensated' | 'running';
}

/** Violated by a saga that ended with a step missing, done twice, left standing, undone twice or undone out of order. */
export function sagaCompletion(options: SagaOptions): Check {
  const { name = 'sagas are done or undone, whole and once' } = options;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const effects = new Map<string, SagaEffect[]>();
    for (const effect of options.effects(view)) {
      const own = effects.get(effect.saga);
      if (own === undefined) effects.set(effect.saga, [effect]);
      else own.push(effect);
    }
    let running = 0;
    let ended = 0;
    for (const saga of options.sagas(view)) {
      const own = effects.get(saga.id) ?? [];
      if (saga.outcome === 'running') running++;
      else ended++;
      const wrong = faultOf(saga, own);
      if (wrong === undefined) continue;
      const sentence = `saga ${saga.id}, ${saga.outcome}: ${wrong}`;
      const facts = { saga: saga.id, outcome: saga.outcome, effects: own.map(({ step, kind }) => `${kind} ${step}`) };
      const witness: Witness = { sentence, at: view.end, operations: [], facts };
      return { ...base, status: 'violated', message: sentence, witness };
    }
    const message = `${ended} sagas ended${running > 0 ? `, ${running} still running` : ''}`;
    return { ...base, status: running > 0 ? 'undecided' : 'held', message };
  };
  return {
    name,
    kind: 'history',
    promise: 'every saga ends with all its steps done once, or with what was done undone once, last first',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

/** What is wrong with a saga's effects; undefined when nothing is. */
function faultOf({ steps, outcome }: Saga, effects: readonly SagaEffect[]): string | undefined {
  const done: string[] = [];
  const undone = new Set<string>();
  for (const { step, kind } of effects) {
    if (!steps.includes(step)) return `${canonicalJson(step)} is none of its steps`;
    if (kind === 'undone') {
      const last = done.findLast((other) => !undone.has(other));
      if (undone.has(step)) return `${step} was undone twice`;
      if (last === undefined || !done.includes(step)) return `${step} was undone, but never done`;
      if (last !== step) return `${step} was undone before ${last}, which was done later`;
      undone.add(step);
    } else if (done.includes(step))
      return `${step} was done ${undone.has(step) ? 'again after it was undone' : 'twice'}`;
    else if (undone.size > 0) return `${step} was done after ${[...undone][0]} was undone`;
    else done.push(step);
  }
  const inOrder = done.findIndex((step, i) => step !== steps[i]);
  if (inOrder >= 0) return `${done[inOrder]} was done before ${steps[inOrder]}`;
  if (outcome === 'completed' && undone.size > 0) return `${[...undone][0]} was undone`;
  if (outcome === 'completed' && done.length < steps.length) return `${steps[done.length]} was never done`;
  const standing = done.find((step) => !undone.has(step));
  return outcome === 'compensated' && standing !== undefined ? `${standing} was not undone` : undefined;
}
