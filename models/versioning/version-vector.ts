/**
 * Version vectors: per replica, how many of its updates are known (Parker et al., "Detection of mutual inconsistency in
 * distributed systems", IEEE TSE 9(3), 1983). A replica without an entry counts as 0. No function changes its arguments.
 */
import { orderOf, type Order } from './versioning.ts';

export type VersionVector = Readonly<Record<string, number>>;

/** Whether `vector` knows update number `counter` of `replica`. */
export const knows = (vector: VersionVector, replica: string, counter: number): boolean =>
  (vector[replica] ?? 0) >= counter;

/** Whether `a` knows all that `b` knows. */
export function includes(a: VersionVector, b: VersionVector): boolean {
  for (const replica of Object.keys(b)) if (!knows(a, replica, b[replica] as number)) return false;
  return true;
}

/** Which of the two knows more. */
export const compareVectors = (a: VersionVector, b: VersionVector): Order =>
  a === b ? 'equal' : orderOf(includes(a, b), includes(b, a));

/** What either knows: the least upper bound. */
export function joined(a: VersionVector, b: VersionVector): VersionVector {
  const both: Record<string, number> = { ...a };
  for (const replica of Object.keys(b)) both[replica] = Math.max(both[replica] ?? 0, b[replica] as number);
  return both;
}

/** With `by` more updates of `replica`. */
export const advanced = (vector: VersionVector, replica: string, by = 1): VersionVector => ({
  ...vector,
  [replica]: (vector[replica] ?? 0) + by,
});
