/** What recorded histories can be held against: by name, loaded when it is asked for, and found out from the operations. */
import { ConfigError } from '../../sim/base/errors.ts';
import { nearest } from '../../sim/base/nearest.ts';
import type * as Specifications from '../../sim/check/specification.ts';
import type { Specification } from '../../sim/check/specification.ts';
import type { Status, Witness } from '../../sim/check/verdict.ts';
import type { HistoryFormat } from '../../sim/history/read/history-format.ts';
import type { Operation } from '../../sim/history/operation.ts';

export interface Settings {
  readonly budget?: number;
  /** Absent: the model's own. */
  readonly initial?: unknown;
}

export interface Judgement {
  readonly status: Status;
  readonly message: string;
  /** 0 when nothing was searched. */
  readonly steps: number;
  readonly key?: string;
  readonly witness?: Witness;
}

export interface HistoryModel {
  /** The operations that it knows. */
  readonly operations: readonly string[];
  decide(operations: readonly Operation[]): Judgement;
}

function withInitial<T>(
  { initial, ...rest }: Settings,
  fits: (value: unknown) => value is T,
  expected: string,
): { initial?: T; budget?: number } {
  if (initial === undefined) return rest;
  if (!fits(initial)) throw new ConfigError('--initial', initial, expected);
  return { ...rest, initial };
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isSequence = (value: unknown): value is string | readonly unknown[] =>
  typeof value === 'string' || Array.isArray(value);

function withoutInitial({ initial, ...rest }: Settings): { budget?: number } {
  if (initial !== undefined) throw new ConfigError('--initial', initial, 'a model that has an initial value');
  return rest;
}

/** Linearizability. A refused compare-and-set counts where the history says so: with the error `precondition-failed`. */
const OBJECTS: Readonly<Record<string, (of: typeof Specifications, settings: Settings) => Specification>> = {
  register: (of, settings) => of.register({ ...settings, failedCasObserves: true }),
  'append-store': (of, settings) => of.appendStore(withInitial(settings, isSequence, 'a text or a list')),
  counter: (of, settings) => of.counter(withInitial(settings, isNumber, 'a whole number')),
  'grow-only-set': (of, settings) => of.growOnlySet(withInitial(settings, isList, 'a list of elements')),
  'element-set': (of, settings) => of.elementSet(withoutInitial(settings)),
  'fifo-queue': (of, settings) => of.fifoQueue(withoutInitial(settings)),
  mutex: (of, settings) => of.mutex(withoutInitial(settings)),
  'owned-lock': (of, settings) => of.ownedLock(withoutInitial(settings)),
  'fenced-lock': (of, settings) => (withoutInitial(settings), of.fencedLock()),
  'unique-ids': (of, settings) => (withoutInitial(settings), of.uniqueIds()),
  'timestamp-oracle': (of, settings) => (withoutInitial(settings), of.timestampOracle()),
};

/** Weaker models of registers, by the names that they have in sim/check/consistency. */
const CAUSAL = { causal: 'causal', 'causal-plus': 'causal+', 'causal-memory': 'causal memory', pram: 'pram' } as const;
const GUARANTEES = ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'] as const;

/** Isolation levels of transactions. */
const ISOLATION = [
  'read-uncommitted',
  'read-committed',
  'read-atomic',
  'repeatable-read',
  'snapshot-isolation',
  'serializable',
  'strong-session-snapshot-isolation',
  'strong-session-serializable',
  'strong-snapshot-isolation',
  'strict-serializable',
] as const;

const OBJECT_NAMES = Object.keys(OBJECTS);
export const MODEL_NAMES: readonly string[] = [
  ...OBJECT_NAMES,
  'sequential',
  ...Object.keys(CAUSAL),
  ...GUARANTEES,
  ...ISOLATION,
];

/** Throws ConfigError for a name that no model has. */
export function verifyModelName(name: string): void {
  if (MODEL_NAMES.includes(name)) return;
  const meant = nearest(name, MODEL_NAMES);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new ConfigError('--model', name, `one of ${MODEL_NAMES.join(', ')}${hint}`);
}

/** `name`: one of MODEL_NAMES. Throws ConfigError for settings that the model does not have. */
export async function historyModel(name: string, settings: Settings): Promise<HistoryModel> {
  const object = OBJECTS[name];
  if (object !== undefined) return object(await import('../../sim/check/specification.ts'), settings);
  const level = ISOLATION.find((known) => known === name);
  return level === undefined ? sessionModel(name, settings) : isolationModel(level, settings);
}

async function sessionModel(name: string, { budget, ...initial }: Settings): Promise<HistoryModel> {
  const operations = ['read', 'write', 'cas'];
  const guarantee = GUARANTEES.find((known) => known === name);
  if (guarantee !== undefined) {
    const { checkGuarantee } = await import('../../sim/check/consistency/check-guarantee.ts');
    const promised = spaced(guarantee);
    return { operations, decide: (history) => checkGuarantee(history, promised, initial) };
  }
  const { checkCausal, checkSequential } = await import('../../sim/check/consistency/check-sessions.ts');
  if (name === 'sequential') {
    const options = budget === undefined ? initial : { ...initial, budget };
    return { operations, decide: (history) => checkSequential(history, options) };
  }
  const model = CAUSAL[name as keyof typeof CAUSAL];
  return { operations, decide: (history) => checkCausal(history, model, initial) };
}

async function isolationModel(name: (typeof ISOLATION)[number], settings: Settings): Promise<HistoryModel> {
  withoutInitial(settings);
  const { checkTransactions } = await import('../../sim/check/transactions/check-transactions.ts');
  const level = spaced(name);
  return {
    operations: ['txn'],
    decide(history) {
      const { weakest, refuted, anomalies, witness, ...rest } = checkTransactions(history, level);
      const facts = { ...witness?.facts, weakest, refuted, anomalies: anomalies.map((anomaly) => anomaly.name) };
      return { ...rest, steps: 0, ...(witness === undefined ? {} : { witness: { ...witness, facts } }) };
    },
  };
}

type Spaced<T extends string> = T extends `${infer A}-${infer B}` ? `${A} ${Spaced<B>}` : T;
const spaced = <T extends string>(name: T): Spaced<T> => name.replaceAll('-', ' ') as Spaced<T>;

/** What a format is a history of, whatever its operations. */
const MODEL_OF: Partial<Record<HistoryFormat, string>> = { etcd: 'register', kv: 'append-store' };

/** Names of operations that only one object has, with all that it may have beside them. */
const TELLING: readonly { readonly model: string; readonly any: readonly string[]; readonly all: readonly string[] }[] =
  [
    { model: 'register', any: ['write', 'cas'], all: ['read', 'write', 'cas'] },
    { model: 'append-store', any: ['append'], all: ['append', 'read', 'get', 'write', 'put'] },
    { model: 'element-set', any: ['remove', 'contains'], all: ['add', 'remove', 'contains'] },
    { model: 'fifo-queue', any: ['enqueue', 'dequeue'], all: ['enqueue', 'dequeue'] },
    { model: 'fenced-lock', any: ['use'], all: ['acquire', 'use'] },
    { model: 'unique-ids', any: ['generate'], all: ['generate'] },
    { model: 'timestamp-oracle', any: ['timestamp'], all: ['timestamp'] },
  ];

/** Linearizability of the only object whose history this can be. Throws ConfigError when it could be another's. */
export function inferredModel(format: HistoryFormat, operations: readonly Operation[]): string {
  const known = MODEL_OF[format];
  if (known !== undefined) return known;
  const names = [...new Set(operations.map(({ f }) => f))];
  const told = TELLING.find(
    ({ any, all }) => names.some((f) => any.includes(f)) && names.every((f) => all.includes(f)),
  );
  const found = told?.model ?? additive(names, operations);
  if (found !== undefined) return found;
  throw new ConfigError(
    '--model',
    undefined,
    `one of ${MODEL_NAMES.join(', ')}: the operations ${names.slice(0, 8).join(', ')} do not tell which`,
  );
}

/** `add` and `read` are a counter's when reads return numbers, and a set's when they return lists. */
function additive(names: readonly string[], operations: readonly Operation[]): string | undefined {
  if (!names.includes('add') || !names.every((f) => f === 'add' || f === 'read')) return undefined;
  const read = operations.find(({ f, output }) => f === 'read' && output !== undefined && output !== null);
  if (isList(read?.output)) return 'grow-only-set';
  return isNumber(read?.output) ? 'counter' : undefined;
}
