/**
 * The determinism guard: two runs of one trial, compared event by event.
 *
 * They must be the same run. Where they differ something leaks in from outside the simulated world: state kept between runs in a
 * module, the host's clock, its randomness, the order of an unordered structure. The first event that differs says where to
 * look. Run the second one in a fresh worker to find what a worn process hides.
 */
import { canonicalJson } from '../base/json.ts';
import type { Scenario } from '../scenario.ts';
import type { RunResult } from '../result.ts';
import { run } from '../run.ts';
import type { TraceData } from '../trace/trace.ts';
import { optionsOf, type Trial } from './trial.ts';

/** An event of a trace in words. */
export interface EventText {
  /** Virtual time, µs. */
  readonly at: number;
  /** What happened, where, and with what. */
  readonly text: string;
}

/** Where two runs part. */
export type Divergence =
  | {
      readonly kind: 'event';
      /** Number of the event in both traces, from 1. */
      readonly row: number;
      /** Absent: this run had ended. */
      readonly first?: EventText;
      readonly second?: EventText;
    }
  /** The traces agree as far as they go, but not what came of them: the first part of the results that differs. */
  | { readonly kind: 'outcome'; readonly part: string; readonly first: string; readonly second: string };

/** Undefined when the two are the same run. Record both with the same trace options to be shown an event. */
export function firstDivergence(first: RunResult, second: RunResult): Divergence | undefined {
  const event =
    first.trace === undefined || second.trace === undefined ? undefined : divergentEvent(first.trace, second.trace);
  return event ?? divergentOutcome(first, second);
}

/** Runs a trial twice, recorded, and compares. A leak that shows on the fast path only differs in its digest. */
export function checkDeterminism(scenario: Scenario, trial: Trial): Divergence | undefined {
  const once = (record: boolean): RunResult => run(scenario, { ...optionsOf(trial), record });
  return firstDivergence(once(true), once(true)) ?? firstDivergence(once(false), once(false));
}

const rowsOf = ({ at }: TraceData): number => at.length;

function divergentEvent(a: TraceData, b: TraceData): Divergence | undefined {
  const most = Math.max(rowsOf(a), rowsOf(b));
  for (let i = 0; i < most; i++) {
    const [first, second] = [eventText(a, i), eventText(b, i)];
    if (first?.at === second?.at && first?.text === second?.text) continue;
    return {
      kind: 'event',
      row: i + 1,
      ...(first === undefined ? {} : { first }),
      ...(second === undefined ? {} : { second }),
    };
  }
  return undefined;
}

function eventText(trace: TraceData, i: number): EventText | undefined {
  const at = trace.at[i];
  if (at === undefined) return undefined;
  const name = (index: number | undefined): string => trace.nodes[index ?? -1] ?? '';
  const [node, peer] = [name(trace.node[i]), name(trace.peer[i])];
  const patches = trace.patches[i + 1];
  const words = [
    trace.kinds[trace.kind[i] as number] as string,
    trace.strings[trace.label[i] as number] as string,
    peer === '' ? node : `${node} (${peer})`,
    trace.detail[i + 1] ?? '',
    patches === undefined ? '' : canonicalJson(patches),
    trace.cause[i] === 0 ? '' : `cause ${trace.cause[i]}`,
  ];
  return { at, text: words.filter((word) => word !== '').join(' ') };
}

function divergentOutcome(a: RunResult, b: RunResult): Divergence | undefined {
  const parts: readonly (keyof RunResult)[] = [
    'engine',
    'network',
    'operations',
    'verdicts',
    'metrics',
    'nodes',
    'digest',
  ];
  for (const part of parts) {
    const [first, second] = [JSON.stringify(a[part]), JSON.stringify(b[part])];
    if (first !== second) return { kind: 'outcome', part, ...around(first ?? '', second ?? '') };
  }
  return undefined;
}

const CONTEXT = 60;

/** The two texts from a little before their first difference on. */
function around(a: string, b: string): { first: string; second: string } {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const from = Math.max(0, i - CONTEXT);
  return { first: a.slice(from, i + CONTEXT), second: b.slice(from, i + CONTEXT) };
}
