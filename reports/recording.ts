/** Which stretch of a run its trace covers, and which stretch is worth covering when the whole would be too much. */
import type { Micros } from '../sim/base/time.ts';
import type { RunResult } from '../sim/result.ts';
import { headline } from './headline.ts';
import { firstUnanswered } from './unanswered.ts';

/** The recorded window when it is not the whole run: outside it nothing is known, which is not the same as nothing happened. */
export function partlyRecorded({ trace, engine }: RunResult): readonly [from: Micros, to: Micros] | undefined {
  if (trace === undefined || (trace.from <= 0 && trace.to >= engine.reached)) return undefined;
  return [trace.from, Math.min(trace.to, engine.reached)];
}

/** Whether the trace can show what happened at this instant. */
export const isRecorded = ({ trace }: RunResult, at: Micros): boolean =>
  trace !== undefined && at >= trace.from && at <= trace.to;

/**
 * The stretch of length `span` that explains most. A service level fails long after its cause, so there it begins at the trigger,
 * the first fault, and is long enough for the first failure of a client; a loss is told by what follows the acknowledgement;
 * any other failure by what came before it.
 */
export function worthRecording(result: RunResult, span: Micros): { readonly from: Micros; readonly to: Micros } {
  const { verdict, at, acknowledged, loss } = headline(result);
  const trigger = result.faults.find((fault) => fault.effects > 0)?.at;
  const around = (centre: Micros, before: number): { from: Micros; to: Micros } => {
    const from = Math.max(0, centre - Math.round(span * before));
    return { from, to: from + span };
  };
  if ((verdict === undefined || verdict.kind === 'slo') && trigger !== undefined) {
    const window = around(trigger, 0.1);
    const first = firstUnanswered(result.operations, trigger, result.engine.reached);
    return { from: window.from, to: Math.max(window.to, (first?.completedAt ?? 0) + Math.round(span * 0.05)) };
  }
  if (acknowledged !== undefined) {
    const window = around(acknowledged.completedAt, 0.25);
    return { from: window.from, to: Math.max(window.to, (loss?.at ?? 0) + Math.round(span * 0.05)) };
  }
  return around(at ?? trigger ?? 0, 0.75);
}
