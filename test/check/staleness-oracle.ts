/** The obvious checks of bounded staleness. */
import type { Operation } from '../../sim/history/operation.ts';
import { explainable, registerSpec } from './brute-force.ts';

/** Every order, each read being allowed to begin `within` earlier. Times and events agree in the histories given. */
export function bruteStale(operations: readonly Operation[], within: number): boolean {
  const place = (at: number, sequence: number): number => at * 1_000 + sequence;
  const moved = operations
    .filter((op) => op.f !== 'read' || op.outcome === 'ok')
    .map((op) => ({
      ...op,
      invoked: place(op.f === 'read' ? op.invokedAt - within : op.invokedAt, op.invoked),
      completed: op.completed === Number.MAX_SAFE_INTEGER ? Infinity : place(op.completedAt, op.completed),
    }));
  return explainable(moved, registerSpec(null));
}

/** The most writes that certainly came between what a read returned and the read; undefined when a read is of nothing. */
export function bruteVersionsBehind(operations: readonly Operation[]): number | undefined {
  let most = 0;
  for (const read of operations) {
    if (read.f !== 'read' || read.outcome !== 'ok' || read.output === undefined) continue;
    const source = operations.find((op) => op.f === 'write' && op.outcome !== 'fail' && op.input === read.output);
    if (source === undefined && read.output !== null) return undefined;
    const ended = operations.filter((op) => op.f === 'write' && op.outcome === 'ok' && op.completed < read.invoked);
    most = Math.max(most, ended.filter((op) => source === undefined || op.invoked > source.completed).length);
  }
  return most;
}
