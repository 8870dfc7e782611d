/** One JSON document for all runs of a command. */
import { isAsExpected, isBroken, type ReportEntry } from './entry.ts';

/** Bumped when a field of the document changes its meaning; results carry a version of their own. */
export const JSON_SCHEMA_VERSION = 1;

export interface JsonOptions {
  /** Keep traces, which may be large. Default false: what was left out is said in `omitted`. */
  readonly traces?: boolean;
  /** Spaces of indentation, default 2; 0 for one line. */
  readonly indent?: number;
}

/**
 * `{ schemaVersion, summary, runs: [{ result | error, replayCommand, asExpected, … }] }`. Numbers that JSON cannot write
 * (NaN, infinities) become null, as JSON.stringify does.
 */
export function jsonReport(entries: readonly ReportEntry[], { traces = false, indent = 2 }: JsonOptions = {}): string {
  const runs = entries.map((entry) => {
    const asExpected = isAsExpected(entry);
    if (isBroken(entry)) return { ...entry, asExpected };
    if (traces || entry.result.trace === undefined) return { ...entry, asExpected };
    const { trace, ...result } = entry.result;
    return { ...entry, result, omitted: { traceRows: trace.at.length }, asExpected };
  });
  const summary = {
    runs: runs.length,
    asExpected: entries.filter(isAsExpected).length,
    errors: entries.filter(isBroken).length,
  };
  return JSON.stringify({ schemaVersion: JSON_SCHEMA_VERSION, summary, runs }, plainValue, indent);
}

/** Maps and Sets are plain data in a simulation; JSON knows neither. */
function plainValue(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { Map: [...value] };
  if (value instanceof Set) return { Set: [...value] };
  return typeof value === 'bigint' ? `${value}n` : value;
}
