/** Anomalies of pairs of transactions that need no cycle to be seen: lost updates and fractured reads. */
import { grouped } from '../consistency/grouped.ts';
import type { KeyHistory } from './key-history.ts';
import type { Observations } from './observations.ts';
import { nameOfValue } from './transaction.ts';

/** lost update: both read one version of the key and overwrote it. fractured read: `second` saw one write of `first`, and missed another. */
export interface PairAnomaly {
  readonly name: 'lost update' | 'fractured read';
  readonly key: string;
  readonly first: number;
  readonly second: number;
  /** The version that both read, or the one that was missed; undefined: the initial one. */
  readonly value: unknown;
  /** fractured read: the key of the write that was seen. */
  readonly through?: string;
}

/** At most one of each name. */
export function pairAnomalies({ keys, committed, transactions }: Observations): PairAnomaly[] {
  const isCommitted = (index: number): boolean => committed[index] === 1 && transactions[index]?.outcome === 'ok';
  const found: PairAnomaly[] = [];
  for (const key of keys.values()) {
    const pair = lostUpdate(key, isCommitted);
    if (pair === undefined) continue;
    found.push(pair);
    break;
  }
  const fractured = fracturedRead([...keys.values()], committed);
  return fractured === undefined ? found : [...found, fractured];
}

function lostUpdate(key: KeyHistory, isCommitted: (index: number) => boolean): PairAnomaly | undefined {
  const readers = [...key.overwrote].filter(([transaction]) => isCommitted(transaction));
  for (const group of grouped(readers, ([, value]) =>
    value === undefined ? 'initial' : `of ${String(nameOfValue(value))}`,
  ).values()) {
    const [one, other] = group;
    if (one === undefined || other === undefined) continue;
    return { name: 'lost update', key: key.name, first: one[0], second: other[0], value: one[1] };
  }
  return undefined;
}

function fracturedRead(keys: readonly KeyHistory[], committed: Uint8Array): PairAnomaly | undefined {
  const readsOf = new Map<number, { readonly key: KeyHistory; readonly at: number; readonly value: unknown }[]>();
  const wrote = new Map<number, KeyHistory[]>();
  for (const key of keys) {
    for (const { transaction, at, value } of key.reads) push(readsOf, transaction, { key, at, value });
    for (const writer of key.finalOf.keys()) push(wrote, writer, key);
  }
  for (const [reader, reads] of readsOf) {
    for (const { key: through, value } of reads) {
      const writer = value === undefined ? undefined : through.writerOf(value);
      if (writer === undefined || writer === reader || committed[writer] !== 1) continue;
      const written = wrote.get(writer) as KeyHistory[];
      if (written.length < 2) continue;
      for (const other of reads) {
        if (
          other.key === through ||
          !other.key.finalOf.has(writer) ||
          !isBefore(other.key, other.at, other.value, writer)
        )
          continue;
        return {
          name: 'fractured read',
          key: other.key.name,
          first: writer,
          second: reader,
          value: other.value,
          through: through.name,
        };
      }
    }
  }
  return undefined;
}

function push<K, V>(map: Map<K, V[]>, name: K, item: V): void {
  const list = map.get(name);
  if (list === undefined) map.set(name, [item]);
  else list.push(item);
}

/** Whether the version read is known to be older than the writer's last one. */
function isBefore(key: KeyHistory, at: number, value: unknown, writer: number): boolean {
  if (value === undefined) return true;
  const final = key.finalOf.get(writer);
  if (at >= 0) {
    const place = key.positionOfName(final);
    return place < 0 ? !key.isGiven : place >= at;
  }
  return (
    key.overwrote.has(writer) &&
    key.overwrote.get(writer) !== undefined &&
    nameOfValue(key.overwrote.get(writer)) === nameOfValue(value)
  );
}
