/**
 * The smallest part of a history that still refutes a model of reads and writes.
 *
 * Sound steps: leaving out a read, and leaving out a write that no remaining operation read. Whatever explains the history
 * explains what is left, so if what is left has no explanation the history has none. (Leaving out a write that was read would
 * make a violation of our own.) Halves first, then smaller and smaller pieces, so that a few operations are found in a long
 * history in a few dozen trials.
 */
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';

/** `refuted`: whether the model is certainly violated. `trials`: how often it may be asked. */
export function shrinkHistory(
  operations: readonly Operation[],
  refuted: (operations: readonly Operation[]) => boolean,
  trials: number,
): readonly Operation[] {
  let core = operations;
  let left = trials;
  for (let size = Math.ceil(core.length / 2); left > 0;) {
    let smaller = false;
    for (let at = core.length; at > 0 && left > 0; at -= size) {
      const gone = new Set(core.slice(Math.max(0, at - size), at));
      const candidate = explained(
        core.filter((op) => !gone.has(op)),
        core,
      );
      if (candidate.length === core.length || candidate.length === 0) continue;
      left--;
      if (!refuted(candidate)) continue;
      core = candidate;
      smaller = true;
    }
    if (size === 1 && !smaller) break;
    size = smaller ? Math.max(1, Math.min(size, Math.ceil(core.length / 2))) : Math.ceil(size / 2);
  }
  return core;
}

/** `part` without the operations that read a value which something in `whole` wrote and nothing in `part` does. */
export function explained(part: readonly Operation[], whole: readonly Operation[]): readonly Operation[] {
  const writtenBy = (ops: readonly Operation[]): Set<string> => new Set(ops.flatMap((op) => writtenValue(op) ?? []));
  const everWritten = writtenBy(whole);
  for (let now = part; ;) {
    const written = writtenBy(now);
    const next = now.filter((op) => {
      const value = readValue(op);
      return value === undefined || written.has(value) || !everWritten.has(value);
    });
    if (next.length === now.length) return next;
    now = next;
  }
}

const slot = (op: Operation, value: unknown): string => `${op.key}\n${canonicalJson(value ?? null)}`;

function writtenValue(op: Operation): string | undefined {
  if (op.f === 'read') return undefined;
  return slot(op, op.f === 'cas' ? (op.input as unknown[])[1] : op.input);
}

function readValue(op: Operation): string | undefined {
  if (op.f === 'write' || (op.f === 'read' && op.outcome !== 'ok')) return undefined;
  return slot(op, op.f === 'cas' ? (op.input as unknown[])[0] : op.output);
}
