/**
 * Versioning by dotted version vectors (Preguiça, Baquero, Almeida, Fonte and Gonçalves, 2010; their compact set form, 2012;
 * Riak's default since 2.0). Each update is a *dot*, (actor, counter). A cell has the siblings with their dots, and a version
 * vector of all dots that it has ever heard of: what is in the vector and has no sibling was superseded. So two writes by way
 * of one coordinator with the same context stay concurrent, which a plain vector clock cannot say.
 *
 * A vector says "all of this actor's updates up to here". That holds when an actor counts without a gap, and when cells are
 * replicated whole: who has an actor's update has its earlier ones. A node that has lost a cell, or handed it over, and
 * writes to the key again must do so under a new name; Riak lost data until it gave each key an epoch (issue kv679, "per-key
 * actor epochs", 2.1).
 *
 * Vectors are not truncated: they have an entry for each actor that has ever written the key.
 */
import { canonicalJson } from '../../sim/index.ts';
import { advanced, compareVectors, joined, knows, type VersionVector } from './version-vector.ts';
import type { Versioning } from './versioning.ts';

export interface DottedValue {
  readonly actor: string;
  readonly counter: number;
  readonly value: unknown;
}

export interface DottedCell {
  readonly seen: VersionVector;
  /** In ascending order of their dots. */
  readonly siblings: readonly DottedValue[];
}

const NOTHING: DottedCell = Object.freeze({ seen: Object.freeze({}), siblings: Object.freeze([]) });

export function dottedVersionVectors(): Versioning<DottedCell, VersionVector> {
  return {
    name: 'dotted-version-vectors',
    keepsConcurrent: true,
    empty: NOTHING,
    read: ({ seen, siblings }) => ({ values: siblings.map(({ value }) => value), context: seen }),
    write(cell, value, context, { actor }) {
      const known = joined(cell.seen, context);
      const seen = advanced(known, actor);
      const concurrent = cell.siblings.filter((sibling) => !isSeen(sibling, context));
      return { seen, siblings: [...concurrent, { actor, counter: seen[actor] as number, value }].toSorted(byDot) };
    },
    merge,
    compare: (a, b) => compareVectors(a.seen, b.seen),
    // What is superseded follows from what has been heard of.
    textOf: ({ seen }) => canonicalJson(seen),
  };
}

/** A sibling stays if the other cell has it too, or has never heard of it. */
function merge(a: DottedCell, b: DottedCell): DottedCell {
  const order = compareVectors(a.seen, b.seen);
  if (order === 'after' || order === 'equal') return a;
  if (order === 'before') return b;
  const inB = (dot: DottedValue): boolean =>
    b.siblings.some(({ actor, counter }) => actor === dot.actor && counter === dot.counter);
  const ofA = a.siblings.filter((dot) => inB(dot) || !isSeen(dot, b.seen));
  const ofB = b.siblings.filter((dot) => !isSeen(dot, a.seen));
  return { seen: joined(a.seen, b.seen), siblings: [...ofA, ...ofB].toSorted(byDot) };
}

const isSeen = ({ actor, counter }: DottedValue, seen: VersionVector): boolean => knows(seen, actor, counter);

const byDot = (a: DottedValue, b: DottedValue): number =>
  a.actor < b.actor ? -1 : a.actor > b.actor ? 1 : a.counter - b.counter;
