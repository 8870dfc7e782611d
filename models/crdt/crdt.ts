/**
 * The contract of state-based replicated data types (CvRDT; Shapiro, Preguiça, Baquero and Zawirski, "Conflict-free replicated data
 * types", SSS 2011): states form a join semilattice, `merge` is its least upper bound, and an update only moves a state up. Replicas
 * that have merged the same updates are therefore in the same state, in whatever order, and however often, these came.
 *
 * States are plain data and never changed in place: `apply` and `merge` return new ones, which may share parts with their arguments.
 */

/** Where and when an update is made. */
export interface Origin {
  /** The replica. No two of them may share a name, and one that has forgotten updates which others may have must take a new one. */
  readonly replica: string;
  /** Its own wall clock, µs. Only types that say so look at it. */
  readonly wall: number;
}

/** `S` state, `C` change, `V` value. */
export interface Crdt<S, C, V> {
  readonly name: string;
  /** Before any update. */
  empty(): S;
  /** The state of a replica after a change that is made there: at or above `state`. */
  apply(state: S, change: C, at: Origin): S;
  /** The least upper bound. */
  merge(a: S, b: S): S;
  /** What clients see. */
  value(state: S): V;
}
