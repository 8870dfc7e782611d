/**
 * Losses have two instants: a client was told that it is done, and later something undid it. The check knows the first; the
 * second is derived here: the first crash or loss of the lead, after the acknowledgement, of the node that acknowledged. Without
 * a trace only crashes by planned faults are known.
 */
import type { Micros } from '../sim/base/time.ts';
import type { Verdict } from '../sim/check/verdict.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { FaultOutcome, RunResult } from '../sim/result.ts';
import { askedText } from './operation-text.ts';
import { phaseRank } from './phases.ts';
import { TraceReader } from './trace-reader.ts';

export interface Loss {
  readonly at: Micros;
  readonly node: string;
  /** What happened, as a sentence without its full stop. */
  readonly text: string;
  /** The fault that did it. */
  readonly fault?: string;
  /** The row of the trace, 0 when there is none. */
  readonly row: number;
}

/** The acknowledged operation whose effect was lost; absent when the verdict is about something else. */
export function lostOperation(verdict: Verdict | undefined, operations: readonly Operation[]): Operation | undefined {
  const { witness } = verdict ?? {};
  const lost = witness?.facts?.['lost'];
  if (verdict?.kind !== 'history' || typeof lost !== 'number' || lost === 0) return undefined;
  const first = operations[witness?.operations[0] ?? -1];
  return first?.outcome === 'ok' && first.completedAt === witness?.at ? first : undefined;
}

/** What lost it; absent when that cannot be told. */
export function lossOf(result: RunResult, lost: Operation): Loss | undefined {
  const { node } = lost;
  if (node === undefined) return undefined;
  if (result.trace === undefined) {
    const fault = crashesOf(result, node)
      .filter(({ at }) => at >= lost.completedAt)
      .toSorted((a, b) => a.at - b.at)[0];
    return fault === undefined ? undefined : crashed(node, lost, fault.at, 0, fault);
  }
  const reader = new TraceReader(result.trace);
  let before = '';
  for (const { at, kind, label, node: where, row } of reader.of('phase', 'crash')) {
    if (where !== node) continue;
    if (at >= lost.completedAt) {
      const fault = crashesOf(result, node).findLast((crash) => crash.at <= at && (crash.until ?? at) >= at);
      if (kind === 'crash') return crashed(node, lost, at, row, fault);
      if (phaseRank(before) === 'leading' && phaseRank(label) !== 'leading' && phaseRank(label) !== 'down') {
        const text = `${node} becomes ${label} (was ${before}) and gives up what the others do not have, ${askedText(lost)} among it`;
        return { at, node, text, row };
      }
    }
    if (kind === 'phase') before = label;
  }
  return undefined;
}

function crashed(node: string, lost: Operation, at: Micros, row: number, fault: FaultOutcome | undefined): Loss {
  const named = fault === undefined ? `${node} crashes` : faultLine(fault);
  const text = `${named}: what ${node} had not synced is gone, ${askedText(lost)} among it`;
  return { at, node, text, row, ...(fault === undefined ? {} : { fault: fault.id }) };
}

/** `f1: partition …`, unless the text names the fault already. */
export const faultLine = ({ id, text }: FaultOutcome): string => (text.startsWith(id) ? text : `${id}: ${text}`);

const CRASHES: ReadonlySet<unknown> = new Set(['crash', 'restart', 'crash-loop']);
/** These may crash, or do something milder: that is their `mode`, `crash` unless it says otherwise. */
const OUTAGES: ReadonlySet<unknown> = new Set(['zone-outage', 'region-outage', 'correlated']);

function crashesOf(result: RunResult, node: string): readonly FaultOutcome[] {
  const planned = result.schedule as readonly ({ id?: unknown; kind?: unknown; mode?: unknown } | undefined)[];
  return result.faults.filter((fault) => {
    const plan = planned.find((one) => one?.id === fault.id);
    const crashes = CRASHES.has(plan?.kind) || (OUTAGES.has(plan?.kind) && (plan?.mode ?? 'crash') === 'crash');
    return crashes && fault.effects > 0 && fault.nodes.includes(node);
  });
}
