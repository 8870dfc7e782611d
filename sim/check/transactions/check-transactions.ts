/**
 * Which isolation level a history of transactions refutes.
 *
 * From Kingsbury and Alvaro, "Elle: inferring isolation anomalies from experimental observations", VLDB 2020: from values that
 * are unique and reads that show what they are made of, the order of versions and so the dependencies between transactions
 * follow; each cycle of dependencies, and each impossible read, refutes a level and all that are stronger. A violation is
 * certain. That none is found is a proof for serializability of lists; elsewhere dependencies may be missing (an order that is
 * not known): then possible orders are tried (possible-orders.ts), and the answer is `undecided` when they are too many.
 */
import type { Operation } from '../../history/operation.ts';
import type { Status, Witness } from '../verdict.ts';
import { cyclesOf } from './cycles.ts';
import type { Cycle } from './cycles.ts';
import { dependenciesOf } from './dependencies.ts';
import { implies, LEVELS, refutedBy, weakestOf } from './levels.ts';
import type { Level } from './levels.ts';
import { observe } from './observations.ts';
import { possibleOrders } from './possible-orders.ts';
import type { Observations, ReadAnomaly, ReadAnomalyName, TransactionOptions } from './observations.ts';
import { TransactionWords } from './transaction-words.ts';
import { transactionsOf } from './transaction.ts';
import { pairAnomalies } from './update-anomalies.ts';
import type { PairAnomaly } from './update-anomalies.ts';

export interface Anomaly {
  /** `G0`, `G1a`, `lost update`, `G-single-realtime`, … */
  readonly name: string;
  /** The weakest levels that it refutes. */
  readonly refutes: readonly Level[];
  readonly witness: Witness;
}

export interface IsolationResult {
  /** Of the level asked for. */
  readonly status: Status;
  readonly message: string;
  /** The weakest levels refuted. */
  readonly weakest: readonly Level[];
  /** These and everything stronger. */
  readonly refuted: readonly Level[];
  /** One of each name, those that refute weaker levels first. */
  readonly anomalies: readonly Anomaly[];
  /** Of an anomaly that refutes the level asked for. */
  readonly witness?: Witness;
}

const READ_REFUTES: Readonly<Record<ReadAnomalyName, Level>> = {
  'garbage read': 'read uncommitted',
  'duplicate elements': 'read uncommitted',
  'incompatible order': 'read uncommitted',
  G1a: 'read committed',
  G1b: 'read committed',
  internal: 'read atomic',
};

/** Judges the transactions (operations `txn`) among `operations` by `level`. Throws ConfigError for a malformed transaction. */
export function checkTransactions(
  operations: readonly Operation[],
  level: Level,
  options: TransactionOptions = {},
): IsolationResult {
  const transactions = transactionsOf(operations);
  const observations = observe(transactions, options);
  const { result, unordered } = judged(observations, level);
  const isOpen = result.status === 'undecided' && unordered.length > 0;
  if (!isOpen || unordered.some((name) => observations.keys.get(name)?.isGiven)) return result;
  return inSomeOrder(observations, { result, unordered }, level, options) ?? result;
}

interface Judged {
  readonly result: IsolationResult;
  /** Keys some of whose writes have no known place. */
  readonly unordered: readonly string[];
}

function judged(observations: Observations, level: Level): Judged {
  const { transactions, flaw } = observations;
  if (flaw !== undefined) {
    const result = { status: 'undecided', message: flaw, weakest: [], refuted: [], anomalies: [] } as const;
    return { result, unordered: [] };
  }
  const { graph, keys, unordered, loose } = dependenciesOf(observations);
  const words = new TransactionWords(transactions, keys);
  const anomalies = [
    ...firstOfEach(observations.anomalies).map((anomaly) => readAnomaly(anomaly, observations, words)),
    ...pairAnomalies(observations).map((anomaly) => pairAnomaly(anomaly, observations, words)),
    ...cyclesOf(graph).map((cycle) => cycleAnomaly(cycle, observations, words)),
  ].toSorted(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      b.refutes.length - a.refutes.length ||
      a.witness.operations.length - b.witness.operations.length,
  );
  const direct = anomalies.flatMap(({ refutes }) => refutes);
  const [weakest, refuted] = [weakestOf(direct), refutedBy(direct)];
  const common = { weakest, refuted, anomalies };
  if (refuted.includes(level)) {
    const culprit = anomalies.find(({ refutes }) => refutes.some((weaker) => implies(level, weaker))) as Anomaly;
    const message = verdictText(culprit, level, weakest, refuted);
    return { result: { ...common, status: 'violated', message, witness: culprit.witness }, unordered };
  }
  const open = openText(level, refuted, unordered, loose);
  if (open !== undefined) return { result: { ...common, status: 'undecided', message: open }, unordered };
  const also = refuted.length === 0 ? '' : `; refuted: ${refuted.join(', ')}`;
  const message = `${level}: no anomaly in ${transactions.length} transactions on ${keys.length} keys${also}`;
  return { result: { ...common, status: 'held', message }, unordered };
}

/** What the answer depends on; undefined when it depends on nothing that is not known. */
function openText(
  level: Level,
  refuted: readonly Level[],
  unordered: readonly string[],
  loose: readonly string[],
): string | undefined {
  if (unordered.length > 0)
    return `no anomaly found, but the order of the writes to ${some(unordered)} is not known: give the versions, or read what is overwritten`;
  const counterpart = SERIALIZABLE_COUNTERPART[level];
  if (counterpart === undefined || !refuted.includes(counterpart) || loose.length === 0) return undefined;
  return `not ${counterpart}; whether ${level} depends on the order of the last appends to ${some(loose)}, which nobody read: read every key at the end`;
}

/** The answer that does not depend on the order of the versions; undefined when there are too many orders to tell. */
function inSomeOrder(
  observations: Observations,
  { result: known, unordered }: Judged,
  level: Level,
  options: TransactionOptions,
): IsolationResult | undefined {
  const { transactions } = observations;
  const { orders, trials } = possibleOrders(observations, unordered);
  let tried = 0;
  let first: IsolationResult | undefined;
  const shown = new Map<number, boolean>();
  for (const order of orders) {
    if (tried++ === trials) return undefined;
    const versions = (key: string): readonly unknown[] | undefined => order.get(key) ?? options.versions?.(key);
    const { result } = judged(observe(transactions, { versions }), level);
    if (result.status === 'undecided') return undefined;
    if (result.status === 'held') {
      const message = `${result.message}, in a possible order of the writes to ${some(unordered)}, which is not known`;
      return { ...result, message };
    }
    first ??= result;
    for (const id of result.witness?.operations ?? [])
      shown.set(id, shown.get(id) === true || result.witness?.mandatory?.includes(id) === true);
  }
  if (first?.witness === undefined) return undefined;
  // What contradicts one order need not contradict the next: all of it together is the proof.
  const operations = [...shown.keys()].sort((a, b) => a - b);
  const mandatory = operations.filter((id) => shown.get(id));
  const witness = { ...first.witness, operations, mandatory };
  const every = tried === 1 ? 'the only possible order' : `each of the ${tried} possible orders`;
  const message = `${first.message}. The order of the writes to ${some(unordered)} is not known: this is that of their completion, and ${every} shows an anomaly`;
  const refuted = refutedBy([...known.refuted, level]);
  return { ...first, message, witness, anomalies: known.anomalies, weakest: weakestOf(refuted), refuted };
}

/** While the serializable level stands, so does the snapshot level: some order of what nobody read makes it so. */
const SERIALIZABLE_COUNTERPART: Readonly<Partial<Record<Level, Level>>> = {
  'snapshot isolation': 'serializable',
  'strong session snapshot isolation': 'strong session serializable',
  'strong snapshot isolation': 'strict serializable',
};

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more keys` : names.join(', ');

const rankOf = ({ refutes }: Anomaly): number => Math.min(...refutes.map((level) => LEVELS.indexOf(level)));

function verdictText(
  { name, witness }: Anomaly,
  level: Level,
  weakest: readonly Level[],
  refuted: readonly Level[],
): string {
  const left = LEVELS.filter((other) => !refuted.includes(other));
  const standing = left.length === 0 ? 'nothing is left' : `not refuted: ${left.join(', ')}`;
  return `not ${level}: ${name}: ${witness.sentence}. Weakest level refuted: ${weakest.join(', ')}; ${standing}`;
}

function firstOfEach(anomalies: readonly ReadAnomaly[]): ReadAnomaly[] {
  const first = new Map<string, ReadAnomaly>();
  for (const anomaly of anomalies) if (!first.has(anomaly.name)) first.set(anomaly.name, anomaly);
  return [...first.values()];
}

function witnessOf(
  indexes: readonly number[],
  sentence: string,
  { transactions }: Observations,
  words: TransactionWords,
  facts: Readonly<Record<string, unknown>>,
): Witness {
  const distinct = [...new Set(indexes)].toSorted((a, b) => a - b);
  const ops = distinct.flatMap((index) => transactions[index]?.op ?? []);
  return {
    sentence: `${sentence}. ${distinct.map((index) => words.introduction(index)).join('; ')}`,
    at: ops.reduce((latest, op) => (op.outcome === 'ok' ? Math.max(latest, op.completedAt) : latest), 0),
    operations: ops.map(({ id }) => id),
    mandatory: ops.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id),
    facts,
  };
}

function readAnomaly(anomaly: ReadAnomaly, observations: Observations, words: TransactionWords): Anomaly {
  const { name, key, reader, other, value } = anomaly;
  const witness = witnessOf(
    other === undefined ? [reader] : [reader, other],
    words.read(anomaly),
    observations,
    words,
    { kind: name, key, value },
  );
  return { name, refutes: [READ_REFUTES[name]], witness };
}

function pairAnomaly(anomaly: PairAnomaly, observations: Observations, words: TransactionWords): Anomaly {
  const { name, key, first, second } = anomaly;
  const witness = witnessOf([first, second], words.pair(anomaly), observations, words, { kind: name, key });
  return {
    name,
    refutes: name === 'lost update' ? ['repeatable read', 'snapshot isolation'] : ['read atomic'],
    witness,
  };
}

function cycleAnomaly(cycle: Cycle, observations: Observations, words: TransactionWords): Anomaly {
  const name = `${cycle.name}${cycle.order}`;
  const edges = cycle.edges.map((edge) => words.edge(edge));
  const witness = witnessOf(
    cycle.edges.map(({ from }) => from),
    words.cycle(cycle),
    observations,
    words,
    { kind: name },
  );
  return { name, refutes: refutesOf(cycle), witness: { ...witness, edges } };
}

function refutesOf({ name, order, hasPredicate }: Cycle): readonly Level[] {
  const isStrong = name === 'G2-item' || name === 'G2';
  if (order === '-session') return [isStrong ? 'strong session serializable' : 'strong session snapshot isolation'];
  if (order === '-realtime') return [isStrong ? 'strict serializable' : 'strong snapshot isolation'];
  if (name === 'G0') return ['read uncommitted'];
  if (name === 'G1c') return ['read committed'];
  if (isStrong) return hasPredicate ? ['serializable'] : ['repeatable read'];
  return hasPredicate ? ['snapshot isolation'] : ['repeatable read', 'snapshot isolation'];
}
