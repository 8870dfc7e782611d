/**
 * The contract of versioning: how a store tells which of two values of a key came later, or that neither did.
 *
 * A *cell* is all that a replica keeps under one key: one value, or several *siblings* that none supersedes, with what is
 * needed to compare them. A reader gets the values and an opaque *context*, and hands the context back with its write: "this
 * replaces what I have seen". Cells are plain data and never changed in place: `write` and `merge` make new ones.
 *
 * The laws, for all members: `merge` is commutative, associative and idempotent, and `compare` is its order (a before b when
 * their merge is b); a write comes after the cell it was applied to, and replaces what its context has read.
 * `keepsConcurrent` tells the members apart: updates that did not know of each other are both kept, or one of them is lost in
 * silence.
 */

/** How a first cell relates to a second one. */
export type Order = 'equal' | 'before' | 'after' | 'concurrent';

/** Who writes. */
export interface Writer {
  /** Name under which its updates are counted: a node, or a node for as long as it holds a key. */
  readonly actor: string;
  /** Its wall clock, in microseconds. */
  readonly at: number;
}

export interface Reading<Context = unknown> {
  /** The siblings' values, in an order that is the same on all replicas. None: never written. */
  readonly values: readonly unknown[];
  readonly context: Context;
}

export interface Versioning<Cell = unknown, Context = unknown> {
  readonly name: string;
  /** Whether updates that did not know of each other are both kept. */
  readonly keepsConcurrent: boolean;
  /** Never written. */
  readonly empty: Cell;
  read(cell: Cell): Reading<Context>;
  /** The cell after a write by somebody who had read `context`; undefined when the policy refuses it. */
  write(cell: Cell, value: unknown, context: Context, by: Writer): Cell | undefined;
  /** What a replica knows that has heard of both. */
  merge(a: Cell, b: Cell): Cell;
  compare(a: Cell, b: Cell): Order;
  /** A short text that is equal for equal cells, and for no others: for hashes. */
  textOf(cell: Cell): string;
}

/** The order of two that may each cover the other. */
export const orderOf = (firstCovers: boolean, secondCovers: boolean): Order =>
  firstCovers ? (secondCovers ? 'equal' : 'after') : secondCovers ? 'before' : 'concurrent';

/** The order of two numbers or texts. */
export const ordered = (a: number | string, b: number | string): Order =>
  a === b ? 'equal' : a < b ? 'before' : 'after';
