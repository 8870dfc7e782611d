/** What a check is: something that watches a run and ends with a verdict. */
import type { Micros } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { NodeRef } from '../world/actor.ts';
import type { Lifecycle } from '../world/node.ts';
import type { Verdict } from './verdict.ts';

/** A node as a check sees it. `state` is live: read it, keep nothing of it, change nothing. */
export interface NodeView {
  readonly id: string;
  readonly role: string;
  readonly phase: string;
  readonly status: Lifecycle;
  readonly zone: string;
  readonly region: string;
  /** How often it has booted. */
  readonly life: number;
  readonly state: unknown;
}

/** A run as a check sees it. */
export interface RunView {
  readonly now: Micros;
  /** When the run ends. */
  readonly end: Micros;
  /** When the last fault has healed: 0 without faults, undefined when one never heals. */
  readonly healedAt: Micros | undefined;
  /** When the first fault begins; undefined without faults. */
  readonly firstFaultAt: Micros | undefined;
  readonly nodes: readonly NodeView[];
  readonly operations: readonly Operation[];
  readonly metrics: Metrics;
  /** The node called so. Throws SimulationError when there is none. */
  node(ref: NodeRef | string): NodeView;
  /** Its state, typed by the caller; undefined while it is down. */
  state<S>(ref: NodeRef | string): S | undefined;
}

/** A check at work in one run. */
export interface CheckRun {
  /** An event has been handled on a watched node, or it has crashed or booted. */
  handled?(node: NodeView): void;
  /** The run is over. */
  finish(): Verdict;
}

export interface Check {
  readonly name: string;
  readonly kind: Verdict['kind'];
  /** One line for people: what is promised. */
  readonly promise: string;
  /** Names of the nodes whose states it reads while the run goes on; absent: none, it judges at the end. */
  watches?(view: RunView): readonly string[];
  begin(view: RunView): CheckRun;
}

/** What a state predicate answers: true, or why not. */
export type Answer =
  | boolean
  | string
  | {
      readonly sentence: string;
      readonly nodes?: readonly string[];
      readonly facts?: Readonly<Record<string, unknown>>;
    };
