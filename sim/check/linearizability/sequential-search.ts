/**
 * Linearizability of any object with a pure sequential specification, by depth-first search (interval-search.ts).
 *
 * States that are equal by their canonical JSON are one state, steps that do the same and saw the same are one effect, and
 * what an effect makes of a state is computed once. Of the rules of the register's search four need nothing but that:
 * operations that only observe are placed at once when they agree with the state; of open steps of equal effect only the
 * one that completes first is tried; indefinite steps of equal effect are a count; an indefinite step that changes
 * nothing is left out. The time is O(n · 2^k · states) for k operations open at once, the budget bounds it.
 */
import { ConfigError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Conflict, Decision } from './counterexample.ts';
import { IntervalSearch, type SearchResult } from './interval-search.ts';
import { callOf, type Automaton, type Call } from './object-model.ts';
import { NONE, windowsOf } from './search-window.ts';
import type { Span } from './span.ts';

/** Searches for an order of `spans` (by invocation). `budget`: branching moves before the answer is `undecided`. */
export const searchSequential = <S>(
  spans: readonly Span[],
  automaton: Automaton<S>,
  budget: number,
): SearchResult<Span> => new SequentialSearch(spans, automaton, budget).run();

/** The same as a decision. */
export function decideBySearch<S, C extends Conflict>(
  spans: readonly Span[],
  automaton: Automaton<S>,
  budget: number,
): Decision<C> {
  const { status, steps, reached } = searchSequential(spans, automaton, budget);
  return { status, steps, reached };
}

function effectOf({ f, input, output, outcome, client }: Call, byClient: boolean): string {
  const who = byClient ? canonicalJson(client) : '';
  return `${f} ${outcome} ${canonicalJson(input)} ${canonicalJson(output)} ${who}`;
}

class SequentialSearch<S> extends IntervalSearch<Span> {
  private readonly automaton: Automaton<S>;
  private readonly calls: readonly Call[];
  private readonly states: S[] = [];
  private readonly numbers = new Map<string, number>();
  /** By state and effect: the number of the state after it, or NONE. */
  private readonly transitions = new Map<number, number>();

  constructor(spans: readonly Span[], automaton: Automaton<S>, budget: number) {
    const calls = new Map(spans.map((span) => [span, callOf(span)]));
    const effect = (span: Span): string => effectOf(calls.get(span) as Call, automaton.byClient);
    super(spans, windowsOf(spans, effect), 0, budget);
    this.automaton = automaton;
    this.calls = [...calls.values()];
    this.numberOf(automaton.init());
  }

  protected allowed(i: number): boolean {
    const next = this.after(i);
    return next !== NONE && ((this.steps[i] as Span).required || next !== this.value);
  }

  protected after(i: number): number {
    const key = this.value * this.windows.effectCount + (this.windows.effect[i] as number);
    const known = this.transitions.get(key);
    if (known !== undefined) return known;
    const call = this.calls[i] as Call;
    const state = this.automaton.step(this.states[this.value] as S, call);
    const next = state === undefined ? NONE : this.numberOf(state);
    if (next !== NONE && next !== this.value && this.automaton.observes(call.f))
      throw new ConfigError('observers', call.f, 'operations that never change the state');
    this.transitions.set(key, next);
    return next;
  }

  protected agrees(i: number): boolean {
    return this.automaton.observes((this.calls[i] as Call).f) && this.after(i) === this.value;
  }

  protected worthPlacing(): boolean {
    return true;
  }

  protected survives(): boolean {
    return true;
  }

  protected account(): void {}

  private numberOf(state: S): number {
    const text = canonicalJson(state);
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.states.push(state) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }
}
