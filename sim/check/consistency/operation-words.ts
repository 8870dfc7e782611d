/** Operations in the words of the people who use them: clients, values, instants. */
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';

/** Longer values are cut. */
const LONGEST_VALUE = 40;

export function valueText(value: unknown): string {
  const text = canonicalJson(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

const seconds = (t: number): string => (t / 1_000_000).toFixed(4);

/** `0.5000–0.6000 s`, or `from 0.5000 s, never completed`. */
export function intervalText({ outcome, invokedAt, completedAt }: Operation): string {
  if (outcome === 'pending') return `from ${seconds(invokedAt)} s, never completed`;
  return `${seconds(invokedAt)}–${seconds(completedAt)} s`;
}

/** `x=5`, or `5` when there is one key only. */
export const assignedText = (key: string, value: unknown): string =>
  key === '' ? valueText(value) : `${key}=${valueText(value)}`;

/** `c1's write of x=5`, `c2's compare-and-set of x from 5 to 7`, `c3's read of x=7`. */
export function operationText(op: Operation): string {
  if (op.f === 'cas') {
    const [from, to] = op.input as [unknown, unknown];
    return `${op.client}'s compare-and-set of ${op.key === '' ? 'the register' : op.key} from ${valueText(from)} to ${valueText(to)}`;
  }
  return `${op.client}'s ${op.f} of ${assignedText(op.key, op.f === 'read' ? op.output : op.input)}`;
}

/** The same with its interval. */
export const placedText = (op: Operation): string => `${operationText(op)} (${intervalText(op)})`;

/** The value that an operation returned. */
export const observedText = (op: Operation): string =>
  assignedText(op.key, op.f === 'cas' ? (op.input as unknown[])[0] : op.output);
