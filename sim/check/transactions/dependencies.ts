/**
 * The direct serialization graph (Adya, 1999) of the committed transactions, with session and real-time edges.
 *
 * Version order of a list: its longest read, then everything appended and never read, in an unknown order. Of a register: the
 * model's; or, where a transaction read what it overwrote, that its version came after the one read: a write-read edge says so
 * already, and only the anti-dependencies of the version's other readers are new.
 * Where many come before many (readers before all the unread, completions before later invocations), an auxiliary node keeps the
 * number of edges linear.
 */
import { grouped } from '../consistency/grouped.ts';
import type { KeyHistory } from './key-history.ts';
import type { Observations } from './observations.ts';
import { nameOfValue } from './transaction.ts';
import { TypedGraph } from './typed-graph.ts';

/** `topics` of the edges are indexes into `keys`. */
export interface Dependencies {
  readonly graph: TypedGraph;
  readonly keys: readonly KeyHistory[];
  /** Keys some of whose writes have no known place in the version order. */
  readonly unordered: readonly string[];
  /** Lists to which several transactions appended something that nobody read: the order among those is not known. */
  readonly loose: readonly string[];
}

export function dependenciesOf(observations: Observations): Dependencies {
  const graph = new TypedGraph(observations.transactions.length);
  const keys = [...observations.keys.values()];
  const unordered: string[] = [];
  keys.forEach((key, topic) => {
    if (key.isGiven && unseenWriters(key, observations.committed).length > 0) unordered.push(key.name);
    if (key.kind === 'list' || key.isGiven) addOrdered(graph, key, topic, observations);
    else if (!addInferred(graph, key, topic, observations)) unordered.push(key.name);
  });
  addSessions(graph, observations);
  addRealTime(graph, observations);
  graph.seal();
  const loose = keys.filter(
    (key) => key.kind === 'list' && !key.isGiven && unseenWriters(key, observations.committed).length > 1,
  );
  return { graph, keys, unordered, loose: loose.map(({ name }) => name) };
}

/** Edges of a key whose versions are in a known order, with a tail of versions that nobody saw. */
function addOrdered(graph: TypedGraph, key: KeyHistory, topic: number, { committed }: Observations): void {
  const { order } = key;
  const isCommitted = (writer: number | undefined): writer is number => writer !== undefined && committed[writer] === 1;
  /** next[i]: the first committed version from place i on. */
  const next = new Int32Array(order.length + 1).fill(-1);
  for (let i = order.length - 1; i >= 0; i--) next[i] = isCommitted(order[i]?.writer) ? i : (next[i + 1] as number);
  let last = -1;
  for (let i = next[0] as number; i >= 0; i = next[i + 1] as number) {
    const writer = order[i]?.writer as number;
    if (last >= 0 && last !== writer) graph.add(last, writer, 'ww', topic, i);
    last = writer;
  }
  // A given order has everything that was installed: what it lacks has no place at all.
  const tail = key.isGiven ? [] : unseenWriters(key, committed);
  for (const writer of tail) if (last >= 0 && last !== writer) graph.add(last, writer, 'ww', topic, -1);
  const latecomers: { transaction: number; at: number; isAbsence: boolean }[] = [];
  for (const { transaction, at, isAbsence } of key.reads) {
    const source = at > 0 ? order[at - 1]?.writer : undefined;
    if (isCommitted(source) && source !== transaction) graph.add(source, transaction, 'wr', topic, at);
    const following = next[at] as number;
    if (following < 0) latecomers.push({ transaction, at, isAbsence });
    else if (order[following]?.writer !== transaction)
      graph.add(transaction, order[following]?.writer as number, isAbsence ? 'prw' : 'rw', topic, at);
  }
  addLatecomers(graph, topic, latecomers, tail);
}

/** Committed writers whose last version is in nobody's read. */
function unseenWriters(key: KeyHistory, committed: Uint8Array): number[] {
  const unseen = new Set<number>();
  for (const [writer, name] of key.finalOf)
    if (committed[writer] === 1 && key.positionOfName(name) < 0) unseen.add(writer);
  return [...unseen];
}

/** Everybody who saw the last known version comes before everybody who wrote one that nobody saw. */
function addLatecomers(
  graph: TypedGraph,
  topic: number,
  readers: readonly { transaction: number; at: number; isAbsence: boolean }[],
  tail: readonly number[],
): void {
  if (tail.length === 0) return;
  const writers = new Set(tail);
  const hubs = new Map<string, number>();
  for (const { transaction, at, isAbsence } of readers) {
    const kind = isAbsence ? 'prw' : 'rw';
    if (writers.has(transaction) || tail.length === 1) {
      for (const writer of tail) if (writer !== transaction) graph.add(transaction, writer, kind, topic, at);
      continue;
    }
    let hub = hubs.get(kind);
    if (hub === undefined) {
      hubs.set(kind, (hub = graph.auxiliary()));
      for (const writer of tail) graph.add(hub, writer, 'link', topic, at);
    }
    graph.add(transaction, hub, kind, topic, at);
  }
}

/** Edges of a register without a given order. Whether the order that was inferred is complete. */
function addInferred(graph: TypedGraph, key: KeyHistory, topic: number, { committed }: Observations): boolean {
  const all = [...new Set(key.writers.values())].filter((writer) => committed[writer] === 1);
  const overwriters = grouped(
    all.filter((writer) => key.overwrote.has(writer)),
    (writer) => nameOfVersion(key.overwrote.get(writer)),
  );
  const blind = all.filter((writer) => !key.overwrote.has(writer)).length;
  const firsts = blind + (overwriters.get(INITIAL)?.length ?? 0);
  const isComplete = firsts <= 1 && [...overwriters.values()].every((others) => others.length === 1);
  const hubs = new Map<string, number>();
  for (const { transaction, value, isAbsence } of key.reads) {
    const source = value === undefined ? undefined : key.writerOf(value);
    if (source !== undefined && source !== transaction && committed[source] === 1)
      graph.add(source, transaction, 'wr', topic, -1);
    const kind = isAbsence ? 'prw' : 'rw';
    const after = value === undefined ? all : (overwriters.get(nameOfVersion(value)) ?? []);
    if (after.length <= 4 || after.includes(transaction)) {
      for (const writer of after) if (writer !== transaction) graph.add(transaction, writer, kind, topic, -1);
      continue;
    }
    const name = `${kind} ${String(nameOfVersion(value))}`;
    let hub = hubs.get(name);
    if (hub === undefined) {
      hubs.set(name, (hub = graph.auxiliary()));
      for (const writer of after) graph.add(hub, writer, 'link', topic, -1);
    }
    graph.add(transaction, hub, kind, topic, -1);
  }
  return isComplete;
}

const INITIAL = 'the initial version';
const nameOfVersion = (value: unknown): unknown => (value === undefined ? INITIAL : nameOfValue(value));

function addSessions(graph: TypedGraph, { transactions, committed }: Observations): void {
  const last = new Map<string, number>();
  for (const { op, index, outcome } of transactions) {
    if (committed[index] !== 1) continue;
    const before = last.get(op.client);
    if (before !== undefined) graph.add(before, index, 'so');
    // Of an unknown outcome: it may have taken effect after what its client did next.
    if (outcome === 'ok') last.set(op.client, index);
  }
}

/** Sweeps the events; each invocation after completions gets a barrier that all earlier completions lead to. */
function addRealTime(graph: TypedGraph, { transactions, committed }: Observations): void {
  const events: { readonly at: number; readonly index: number; readonly isEnd: boolean }[] = [];
  for (const { op, index, outcome } of transactions) {
    if (committed[index] !== 1) continue;
    events.push({ at: op.invoked, index, isEnd: false });
    if (outcome === 'ok') events.push({ at: op.completed, index, isEnd: true });
  }
  events.sort((a, b) => a.at - b.at);
  let barrier = -1;
  let ended: number[] = [];
  for (const { index, isEnd } of events) {
    if (isEnd) {
      ended.push(index);
      continue;
    }
    if (ended.length > 0) {
      const next = graph.auxiliary();
      if (barrier >= 0) graph.add(barrier, next, 'link');
      for (const before of ended) graph.add(before, next, 'rt');
      barrier = next;
      ended = [];
    }
    if (barrier >= 0) graph.add(barrier, index, 'link');
  }
}
