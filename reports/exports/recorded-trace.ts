/** The trace that an export needs. */
import { ConfigError } from '../../sim/base/errors.ts';
import type { RunResult } from '../../sim/result.ts';
import type { TraceData } from '../../sim/trace/trace.ts';

/** Throws ConfigError when the run was not recorded. */
export function recordedTrace({ scenario, trace }: RunResult): TraceData {
  if (trace === undefined)
    throw new ConfigError('result', scenario, 'a run that was recorded: run(…, { record: true })');
  return trace;
}
