/**
 * One key as all transactions saw it: who made each version, in which order the versions came, who saw which.
 *
 * A list that only grows shows its own order: every read is a prefix of the longest (traceability; Kingsbury and Alvaro, 2020).
 * What was appended and never read came later than all that was read. A register shows its order only where a transaction read
 * what it overwrote: that gives a tree of versions. The model's own order, when it is given, replaces both.
 */
import { nameOfValue } from './transaction.ts';

/** A read of a version from outside the transaction. */
export interface VersionRead {
  readonly transaction: number;
  /** How many versions the read state had behind it, in `order`; −1 when the order is not known. */
  readonly at: number;
  /** The value seen last (a list's last element); undefined: the initial state. */
  readonly value: unknown;
  /** Found by a predicate to be not there. */
  readonly isAbsence: boolean;
}

export interface KeyVersion {
  readonly value: unknown;
  /** Undefined: nobody wrote it. */
  readonly writer: number | undefined;
}

export class KeyHistory {
  readonly name: string;
  kind: 'list' | 'register' = 'register';
  /** The versions in their order, as far as it is known: for a register without a given order, empty. */
  order: readonly KeyVersion[] = [];
  /** The order comes from the model. */
  isGiven = false;
  readonly writers = new Map<unknown, number>();
  /** By transaction: the name of the value that it wrote last. */
  readonly finalOf = new Map<number, unknown>();
  readonly reads: VersionRead[] = [];
  /** By transaction: the value that it read from outside before it wrote the key; absent: it did not read. */
  readonly overwrote = new Map<number, unknown>();
  private positions: Map<unknown, number> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Notes a write. False when the value was written before. */
  wrote(transaction: number, value: unknown): boolean {
    const name = nameOfValue(value);
    if (this.writers.has(name)) return false;
    this.writers.set(name, transaction);
    this.finalOf.set(transaction, name);
    return true;
  }

  writerOf(value: unknown): number | undefined {
    return this.writers.get(nameOfValue(value));
  }

  /** The place of the first version that came without what its own transaction had appended before it, or −1. */
  gap(): number {
    const missing = new Map<number, Set<unknown>>();
    for (const [name, writer] of this.writers) {
      if (this.finalOf.get(writer) === name && !missing.has(writer)) continue;
      const names = missing.get(writer);
      if (names === undefined) missing.set(writer, new Set([name]));
      else names.add(name);
    }
    return this.order.findIndex(({ value, writer }) => {
      const names = writer === undefined ? undefined : missing.get(writer);
      if (names === undefined) return false;
      const name = nameOfValue(value);
      const isFirst = names.values().next().value === name;
      names.delete(name);
      return !isFirst;
    });
  }

  setOrder(values: readonly unknown[], isGiven: boolean): void {
    this.isGiven = isGiven;
    this.order = values.map((value) => ({ value, writer: this.writerOf(value) }));
    this.positions = undefined;
  }

  /** Place of a value in the order, or −1. */
  positionOf(value: unknown): number {
    return this.positionOfName(nameOfValue(value));
  }

  positionOfName(name: unknown): number {
    if (this.positions === undefined)
      this.positions = new Map(this.order.map((version, i) => [nameOfValue(version.value), i]));
    return this.positions.get(name) ?? -1;
  }
}
