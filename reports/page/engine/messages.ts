/** What a page asks of its engine, and what the engine answers. Plain data: it crosses from thread to thread. */
import type { Status } from '../../../sim/check/verdict.ts';
import type { InevitabilityPoint } from '../../../sim/search/inevitability.ts';
import type { NecessityRow } from '../../../sim/search/necessity.ts';
import type { TraceOptions } from '../../../sim/trace/trace.ts';
import type { Repro } from '../../../sim/repro.ts';
import type { Parting } from '../../first-difference.ts';
import type { PageData } from '../../page-data.ts';
import type { Parts } from '../../parts.ts';
import type { Plan } from '../../plan.ts';
import type { PageTrace } from '../../trace-columns.ts';

/** What a run came to, for a line or two. */
export interface Outcome {
  readonly digest: string;
  readonly status: Status;
  /** Names of the violated checks; those that only had to happen once, and did not; those that could not decide. */
  readonly violated: readonly string[];
  readonly neverHappened: readonly string[];
  readonly undecided: readonly string[];
  /** The leading check; absent when everything held. */
  readonly check?: string;
  readonly sentence: string;
  /** `failed at 5.2000 s`; empty when nothing failed. */
  readonly when: string;
  readonly messages: number;
  readonly operations: number;
  readonly events: number;
  /** Host time, milliseconds. */
  readonly elapsedMs: number;
}

/** Everything that the page shows of a run. */
export interface Shown {
  readonly page: PageData;
  readonly parts: Parts;
  readonly trace?: PageTrace;
}

/** The run that is recorded in the page, or the one that its reader made of it. */
export type Which = 'recorded' | 'changed';

/** A parameter of a scenario, for a form. */
export interface ParamForm {
  readonly name: string;
  readonly kind: 'count' | 'number' | 'flag' | 'duration' | 'choice' | 'text';
  readonly doc: string;
  readonly choices?: readonly string[];
}

/** What became of a property in another run. */
export type Became = NecessityRow['without'];

/** The state of a node at the cursor. */
export interface NodeState {
  readonly node: string;
  /** The last row that changed it, 0 when none did. */
  readonly changedBy: number;
  readonly fields: readonly StateField[];
}

export interface StateField {
  readonly name: string;
  readonly text: string;
  /** Whether it is another than at the row `since`. */
  readonly changed: boolean;
  /** A number, a text, yes or no: can be followed over time. */
  readonly plain: boolean;
}

export type PlainValue = number | string | boolean | null;

/** What one event changed. */
export interface StateChange {
  /** `log[12].term`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface Asks {
  /** The parameters that the scenario takes. */
  describe: { ask: { readonly scenario: string }; answer: { readonly params: readonly ParamForm[] } };
  /** Runs it, recorded, and keeps it for later questions. */
  run: {
    ask: { readonly which: Which; readonly plan: Plan; readonly record: TraceOptions; readonly show: boolean };
    answer: { readonly outcome: Outcome; readonly repro: Repro; readonly shown?: Shown };
  };
  /** Where the changed run parts from the recorded one; absent when they are the same as far as they were recorded. */
  compare: { ask: object; answer: { readonly parting?: Parting } };
  /** Runs it unrecorded, and says what became of a property. */
  judge: {
    ask: {
      readonly plan: Plan;
      readonly property: string;
      /** Leaves this fault out. */
      readonly without: string;
    };
    answer: { readonly became: Became };
  };
  /** Draws everything from `at` on again, and adds the answer to those for this instant; with the first salt, 1, it counts afresh. */
  future: {
    ask: { readonly plan: Plan; readonly property: string; readonly at: number; readonly salt: number };
    answer: { readonly point: InevitabilityPoint };
  };
  /** The states once a row has happened, of the nodes asked for, and what that row changed. */
  states: {
    ask: { readonly which: Which; readonly row: number; readonly since: number; readonly nodes: readonly string[] };
    answer: {
      readonly states: readonly NodeState[];
      /** What the row changed, or else the event during which it came about: that event's row. */
      readonly changes: readonly StateChange[];
      readonly changedBy: number;
    };
  };
  /** A plain field of a node over time: each value with the instant from which on it was so. */
  track: {
    ask: { readonly which: Which; readonly node: string; readonly field: string };
    answer: { readonly points: readonly (readonly [at: number, value: PlainValue])[] };
  };
}

export type AskName = keyof Asks;
export type Ask<K extends AskName = AskName> = { [N in K]: { readonly name: N } & Asks[N]['ask'] }[K];
export type Answer<K extends AskName> = Asks[K]['answer'];

export interface Envelope {
  readonly id: number;
  readonly ask: Ask;
}

export type Reply =
  | { readonly id: number; readonly answer: unknown }
  /** The run broke off, or the plan makes no sense. */
  | { readonly id: number; readonly error: string };
