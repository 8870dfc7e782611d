/**
 * Who read from whom. It is known when every value that was read has one writer and is not the initial value again: that is
 * verified here, since histories that look unique often are not.
 *
 * An indefinite write happened if and only if its value was read (transitively, through compare-and-sets); the others are
 * left out, as nothing can depend on them.
 */
import type { Operation } from '../../history/operation.ts';
import { NONE, slotOf } from './session-steps.ts';
import type { Sessions, SessionStep } from './session-steps.ts';

/** The writer of the initial value: before everything. */
export const INITIAL_WRITER = -2;

export interface ReadsFrom {
  /** By step: the step whose value it read, INITIAL_WRITER, or NONE for a step that reads nothing. */
  readonly writer: Int32Array;
  /** By step: 1 when it certainly happened. */
  readonly happened: Uint8Array;
}

/** A read of what nobody wrote, or of what a failed write would have written. */
export interface UnexplainedRead {
  readonly read: SessionStep;
  /** When the reader is an indefinite compare-and-set: who shows that it happened, down to an operation that completed. */
  readonly observers: readonly SessionStep[];
  readonly failed: Operation | undefined;
}

export type ReadsFromResult =
  | { readonly kind: 'known'; readonly readsFrom: ReadsFrom }
  | { readonly kind: 'unexplained'; readonly found: UnexplainedRead }
  | { readonly kind: 'ambiguous'; readonly reason: string };

/** Resolves every read. `ambiguous`: some value that was read has two writers, or is also the initial value. */
export function readsFromOf(sessions: Sessions): ReadsFromResult {
  const { steps } = sessions;
  const writers = new Map<string, number>();
  const twice = new Set<string>();
  for (const step of steps) {
    if (step.to === NONE) continue;
    const slot = slotOf(step.key, step.to);
    if (writers.has(slot) || step.to === 0) twice.add(slot);
    writers.set(slot, step.index);
  }
  const writer = new Int32Array(steps.length).fill(NONE);
  const happened = new Uint8Array(steps.length);
  const observer = new Int32Array(steps.length).fill(NONE);
  const reached = steps.filter((step) => step.definite).map((step) => step.index);
  for (const index of reached) happened[index] = 1;
  let unexplained: UnexplainedRead | undefined;
  for (let at = 0; at < reached.length; at++) {
    const step = steps[reached[at] as number] as SessionStep;
    if (step.from === NONE) continue;
    const slot = slotOf(step.key, step.from);
    if (twice.has(slot)) return { kind: 'ambiguous', reason: ambiguity(sessions, step) };
    const source = step.from === 0 ? INITIAL_WRITER : (writers.get(slot) ?? NONE);
    if (source === NONE)
      unexplained ??= { read: step, observers: observersOf(steps, observer, step), failed: sessions.failed.get(slot) };
    writer[step.index] = source;
    if (source >= 0 && happened[source] === 0) {
      happened[source] = 1;
      observer[source] = step.index;
      reached.push(source);
    }
  }
  if (unexplained !== undefined) return { kind: 'unexplained', found: unexplained };
  return { kind: 'known', readsFrom: { writer, happened } };
}

function observersOf(steps: readonly SessionStep[], observer: Int32Array, read: SessionStep): SessionStep[] {
  const chain: SessionStep[] = [];
  for (let at = observer[read.index] as number; at !== NONE; at = observer[at] as number)
    chain.push(steps[at] as SessionStep);
  return chain;
}

function ambiguity({ values }: Sessions, { op, from }: SessionStep): string {
  const value = JSON.stringify(values.valueOf(from));
  const name = op.key === '' ? value : `${op.key}=${value}`;
  const why = from === 0 ? 'is the initial value and was written too' : 'was written more than once';
  return `${name} ${why}, and read by ${op.client} (operation ${op.id}): who read from whom is not known; write unique values`;
}
