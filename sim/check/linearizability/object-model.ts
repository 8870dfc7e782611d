/** What the checkers know of an object: its sequential specification, and a quicker decision procedure where there is one. */
import type { Operation } from '../../history/operation.ts';
import type { Conflict, Decision } from './counterexample.ts';
import type { ObjectWords } from './object-words.ts';
import type { Span } from './span.ts';

/**
 * An operation as a sequential specification sees it. `outcome` is 'ok', or 'info' for one that may have happened: then
 * nothing is known of its output, and any output is right.
 */
export type Call = Pick<Operation, 'client' | 'f' | 'key' | 'input' | 'output' | 'outcome'>;

/** A sequential specification: what the object does when one operation follows another. */
export interface Automaton<S> {
  init(): S;
  /** The state after `call`; undefined when the call could not have had its outcome in `state`. Pure. */
  step(state: S, call: Call): S | undefined;
  /** Whether operations of this name never change a state. */
  observes(f: string): boolean;
  /** Whether `step` looks at `client`. If not, equal operations of different clients are interchangeable. */
  readonly byClient: boolean;
}

/** A contradiction that a pattern found. */
export interface ObjectConflict extends Conflict {
  /** In the user's terms; `operations`: the object's whole history. Absent: that no order of the operations explains it. */
  sentence?(words: ObjectWords, operations: readonly Operation[]): string;
}

export interface ObjectModel<S = unknown> extends Automaton<S> {
  readonly name: string;
  /** What a sentence calls an object without a key: 'the queue'. */
  readonly noun: string;
  readonly operations: readonly string[];
  /** Throws ConfigError when the operation has a form that the object does not know. */
  verify?(operation: Operation): void;
  /** Which part of the object `operation` belongs to, where parts are independent: the element of a set. */
  partOf?(operation: Operation): string;
  /** Decides spans (in order of invocation). Absent: by the search. */
  decide?(spans: readonly Span[], budget: number): Decision<ObjectConflict>;
  /** Without the optional spans that cannot matter. Absent: all may. */
  trimmed?(spans: readonly Span[]): readonly Span[];
  /** Outputs that `culprit` might have had; those that are legal are told. Absent: outputs and inputs that occur. */
  outputs?(spans: readonly Span[], culprit: Span): readonly unknown[];
  /** Accepts or refuses calls one after another; for states that are costly to copy. Absent: made of init and step. */
  acceptor?(): (call: Call) => boolean;
}

/** `span` as the specification sees it. */
export const callOf = ({ source, required }: Span): Call => ({
  client: source.client,
  f: source.f,
  key: source.key,
  input: source.input,
  output: required ? source.output : undefined,
  outcome: required ? source.outcome : 'info',
});
