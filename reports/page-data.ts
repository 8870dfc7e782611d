/** What a page's script needs besides the trace; embedded as JSON by the report, read by the page. */
import type { Micros } from '../sim/base/time.ts';
import type { FaultOutcome, RunResult } from '../sim/result.ts';
import { type Charts, chartsOf } from './charts.ts';
import { faultPart } from './fault-part.ts';
import { headline, type Headline } from './headline.ts';
import { bandNodes, type Lane, lanesOf } from './lanes.ts';
import { isRecorded, partlyRecorded } from './recording.ts';
import { contradiction, type Step, stepsOf } from './steps.ts';
import { TraceReader } from './trace-reader.ts';

export interface PageFault {
  readonly id: string;
  readonly text: string;
  readonly at: Micros;
  readonly until: Micros;
  /** Nodes that its band is drawn on. */
  readonly nodes: readonly string[];
  readonly effective: boolean;
  /** Deliveries, timers, reads and lifecycles that it changed. */
  readonly effects: number;
  /** Its part in the failure: `in force`, `over`; empty without one. */
  readonly part: string;
  readonly inForce: boolean;
  /** Index of its colour. */
  readonly hue: number;
}

export interface PageData {
  readonly nodes: readonly string[];
  readonly lanes: readonly Lane[];
  readonly lanesOmitted: number;
  readonly end: Micros;
  /** What the trace covers when that is not the whole run; outside it nothing is known. */
  readonly recorded?: readonly [from: Micros, to: Micros];
  /** Instant of the violation; absent in a run that held. */
  readonly failedAt?: Micros;
  /** What the diagram shows first. */
  readonly opening: readonly [from: Micros, to: Micros];
  readonly faults: readonly PageFault[];
  readonly steps: readonly Step[];
  /** Ids of the operations of the contradiction, the wrong answer last. */
  readonly contradiction: readonly number[];
  /** Rows that led to the steps which tell of operations: drawn strong. */
  readonly highlighted: readonly number[];
  readonly charts: Charts;
  /** The check that the page is about; absent when everything held. */
  readonly property?: string;
}

function faultOf(fault: FaultOutcome, i: number, result: RunResult, told: Headline): PageFault {
  const { inForce, text: part } = faultPart(fault, told);
  return {
    id: fault.id,
    text: fault.text,
    at: fault.at,
    until: fault.until ?? result.engine.reached,
    nodes: bandNodes(fault, result),
    effective: fault.effects > 0,
    effects: fault.effects,
    part,
    inForce,
    hue: i % FAULT_HUES,
  };
}

/** Colours for faults in the style sheet. */
export const FAULT_HUES = 6;

export function pageData(result: RunResult): PageData {
  const told = headline(result);
  const { verdict, at } = told;
  const recorded = partlyRecorded(result);
  const steps = stepsOf(result);
  const lanes = lanesOf(result, steps, at ?? result.engine.reached);
  return {
    nodes: result.trace?.nodes ?? result.nodes.map((node) => node.id),
    lanes,
    lanesOmitted: result.nodes.length - lanes.length,
    end: result.engine.reached,
    ...(recorded === undefined ? {} : { recorded }),
    ...(at === undefined ? {} : { failedAt: at }),
    opening: openingWindow(result, steps),
    faults: result.faults.map((fault, i) => faultOf(fault, i, result, told)),
    steps,
    contradiction: contradiction(verdict, result.operations).map((op) => op.id),
    highlighted: highlightedRows(result, steps),
    charts: chartsOf(result),
    ...(verdict === undefined ? {} : { property: verdict.check }),
  };
}

/**
 * Around the failure: the steps that happened at most `reach` before it, with room at both ends. The reach is what holds about
 * 150 rows, so that single messages can be told apart. Without a failure: around the faults, or the whole run.
 */
function openingWindow(result: RunResult, steps: readonly Step[]): readonly [Micros, Micros] {
  const { at } = headline(result);
  const { reached } = result.engine;
  if (at === undefined) return calmWindow(result);
  if (result.trace !== undefined && !isRecorded(result, at)) return recordedWindow(result, steps);
  const trace = result.trace;
  if (trace === undefined || trace.at.length === 0) return [0, reached];
  const row = new TraceReader(trace).firstAt(at);
  const reach = Math.max(1_000, at - (trace.at[Math.max(0, row - 1 - OPENING_ROWS)] as number));
  const told = steps.filter((step) => step.at >= at - reach && step.at <= at).map((step) => step.at);
  const from = Math.min(at - reach * 0.6, ...told);
  const room = Math.max(500, (at - from) * 0.12);
  return [Math.max(0, Math.floor(from - room)), Math.min(reached, Math.ceil(at + room * 1.6))];
}

const OPENING_ROWS = 260;

/** The failure lies outside the trace: from the first step inside it, the trigger, to the last. */
function recordedWindow(result: RunResult, steps: readonly Step[]): readonly [Micros, Micros] {
  const [start, end] = partlyRecorded(result) ?? [0, result.engine.reached];
  const told = steps.filter((step) => isRecorded(result, step.at)).map((step) => step.at);
  if (told.length === 0) return [start, end];
  const [from, to] = [Math.min(...told), Math.max(...told)];
  const room = Math.max(1_000, (to - from) * 0.15);
  return [Math.max(0, Math.floor(from - room)), Math.min(result.engine.reached, Math.ceil(to + room))];
}

/** A run that held: from a little before the first fault until roles have changed, or the last heal; without faults all of it. */
function calmWindow(result: RunResult): readonly [Micros, Micros] {
  const { reached } = result.engine;
  const effective = result.faults.filter((fault) => fault.effects > 0);
  if (effective.length === 0 || result.trace === undefined) return [0, reached];
  const from = Math.min(...effective.map((fault) => fault.at));
  // The reaction to the faults says more than their whole length.
  const told = stepsOf(result).filter((step) => step.kind === 'phase' && step.at >= from);
  const healed = Math.max(...effective.map((fault) => fault.until ?? reached));
  const until = told.length > 0 ? Math.max(...told.map((step) => step.at)) : healed;
  const room = Math.max(1_000, (until - from) * 0.15);
  return [Math.max(0, Math.floor(from - room)), Math.min(reached, Math.ceil(until + room))];
}

/** The causal chains of the steps that tell of operations, each back to the operation's invocation. */
function highlightedRows(result: RunResult, steps: readonly Step[]): readonly number[] {
  if (result.trace === undefined) return [];
  const reader = new TraceReader(result.trace);
  const rows = new Set<number>();
  for (const step of steps) {
    if (step.row === 0 || !['operation', 'answer', 'violation'].includes(step.kind)) continue;
    const since = result.operations[step.operation ?? -1]?.invokedAt;
    const chain = reader.causes(step.row, since === undefined ? 4 : 40);
    for (const row of chain) if (since === undefined || reader.row(row).at >= since) rows.add(row);
  }
  return [...rows].sort((a, b) => a - b);
}
