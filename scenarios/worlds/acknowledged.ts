import type { RunView } from '../../sim/index.ts';

/** Whether an operation of this kind has ended well: for checks that something was done at all. */
export const acknowledged = (view: RunView, f: string): boolean =>
  view.operations.some((operation) => operation.f === f && operation.outcome === 'ok');
