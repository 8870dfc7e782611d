/**
 * The obvious checks of transactions: run them in every order, with every interleaving of snapshots; list every simple cycle.
 * For at most five transactions; the judges of the quick ones.
 */
import { NEVER } from '../../sim/base/time.ts';
import type { Operation, Outcome } from '../../sim/history/operation.ts';
import { numbers } from './register-histories.ts';

export type Micro = readonly [f: string, key: string, value: unknown];
/** A transaction by what it did: client, micro-operations as completed, interval in events. */
export interface Txn {
  readonly client: string;
  readonly micros: readonly Micro[];
  readonly from: number;
  readonly to: number;
  readonly outcome?: Outcome;
}

/** The history of some transactions. Reads are blank in the input. */
export function historyOf(txns: readonly Txn[]): Operation[] {
  return txns.map(({ client, micros, from, to, outcome = 'ok' }, id): Operation => {
    const isOpen = outcome === 'info' || outcome === 'pending';
    const input = micros.map(([f, key, value]) =>
      f === 'r' ? [f, key, null] : f === 'all' ? [f, null] : [f, key, value],
    );
    const output =
      outcome === 'ok' ? micros.map(([f, key, value]) => (f === 'all' ? [f, value] : [f, key, value])) : undefined;
    const completed = isOpen ? Number.MAX_SAFE_INTEGER : to;
    return {
      id,
      client,
      f: 'txn',
      key: '',
      input,
      output,
      outcome,
      invoked: from,
      completed,
      invokedAt: from * 1_000,
      completedAt: outcome === 'pending' ? NEVER : to * 1_000,
    };
  });
}

export interface TxnShape {
  /** Lists, or registers whose writers read first. */
  readonly registers: boolean;
  /** At the end somebody reads everything. */
  readonly finalRead: boolean;
  readonly predicates: boolean;
}

/** A few transactions on two keys against a store that is right, or stale, or wild. */
export function smallTransactions(seed: number, { registers, finalRead, predicates }: TxnShape): Operation[] {
  const below = numbers(seed ^ 0x1b873593);
  const chance = (percent: number): boolean => below(100) < percent;
  const count = 2 + below(3);
  const wrong = [0, 25, 60][below(3)] as number;
  const trouble = below(3) === 0 ? 25 : 0;
  let value = 0;
  const state = new Map<string, unknown[]>([
    ['x', []],
    ['y', []],
  ]);
  const txns: { client: string; micros: Micro[]; outcome: Outcome }[] = [];
  for (let i = 0; i < count; i++) {
    const outcome: Outcome = chance(trouble) ? (chance(50) ? 'fail' : 'info') : 'ok';
    const own = new Map(
      [...state].map(([key, list]) => [key, chance(wrong) ? list.slice(0, below(list.length + 1)) : [...list]]),
    );
    const micros: Micro[] = [];
    const seen = (key: string): unknown =>
      registers ? (own.get(key)?.at(-1) ?? null) : [...(own.get(key) as unknown[])];
    for (let steps = 1 + below(3); steps > 0; steps--) {
      const key = chance(50) ? 'x' : 'y';
      const roll = below(100);
      if (roll < 12 && predicates)
        micros.push([
          'all',
          '',
          ['x', 'y'].filter((k) => (own.get(k) as unknown[]).length > 0).map((k) => [k, seen(k)]),
        ]);
      else if (roll < 50) micros.push(['r', key, seen(key)]);
      else {
        if (registers && !micros.some(([f, k]) => f === 'all' || k === key)) micros.push(['r', key, seen(key)]);
        micros.push([registers ? 'w' : 'append', key, ++value]);
        (own.get(key) as unknown[]).push(value);
        const list = state.get(key) as unknown[];
        if (outcome === 'ok' || chance(30))
          list.splice(chance(wrong / 3) ? below(list.length + 1) : list.length, 0, value);
      }
    }
    txns.push({ client: `c${below(3)}`, micros, outcome });
  }
  if (finalRead)
    txns.push({
      client: 'last',
      micros: ['x', 'y'].map((key): Micro => [
        'r',
        key,
        registers ? (state.get(key)?.at(-1) ?? null) : (state.get(key) as unknown[]),
      ]),
      outcome: 'ok',
    });
  return placed(txns, below, finalRead);
}

/** Gives intervals: sessions in order, else anything from one after another to all at once. */
function placed(
  txns: readonly { client: string; micros: Micro[]; outcome: Outcome }[],
  below: (bound: number) => number,
  finalRead: boolean,
): Operation[] {
  const spread = 1 + below(8);
  let event = 0;
  const free = new Map<string, number>();
  const order = txns
    .map((txn, i) => ({ txn, at: finalRead && i === txns.length - 1 ? 1_000 : i * 4 + below(4 * spread) }))
    .toSorted((a, b) => a.at - b.at);
  const marks = order.map(({ txn, at }) => {
    const from = Math.max(at, free.get(txn.client) ?? 0);
    const to = from + 1 + below(3 * spread);
    free.set(txn.client, to + 0.5);
    return { txn, from, to };
  });
  const events = marks
    .flatMap((mark) => [
      { mark, at: mark.from, isEnd: false },
      { mark, at: mark.to, isEnd: true },
    ])
    .toSorted((a, b) => a.at - b.at || Number(a.isEnd) - Number(b.isEnd));
  const numbered = new Map<(typeof marks)[number], { from: number; to: number }>();
  for (const { mark, isEnd } of events)
    numbered.set(mark, { from: isEnd ? (numbered.get(mark)?.from as number) : event, to: event++ });
  return historyOf(marks.map((mark) => ({ ...mark.txn, ...(numbered.get(mark) as { from: number; to: number }) })));
}

type State = ReadonlyMap<string, readonly unknown[]>;

const microsOf = (op: Operation): readonly (readonly unknown[])[] =>
  (op.output ?? op.input) as readonly (readonly unknown[])[];
const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The state after a transaction that reads from `state`, or undefined when it did not read that. */
function execute(op: Operation, state: State): State | undefined {
  const next = new Map(state);
  const shown = (key: string, isList: boolean): unknown =>
    isList ? (next.get(key) ?? []) : (next.get(key)?.at(-1) ?? null);
  for (const [f, second, value] of microsOf(op)) {
    const key = second as string;
    if (f === 'append' || f === 'w') next.set(key, [...(next.get(key) ?? []), value]);
    else if (op.outcome !== 'ok') continue;
    else if (f === 'r' && !equal(value, shown(key, Array.isArray(value)))) return undefined;
    else if (f === 'all') {
      const rows = new Map(second as [string, unknown][]);
      for (const name of ['x', 'y'])
        if (
          !equal(
            rows.get(name) ?? null,
            (next.get(name) ?? []).length === 0 ? null : shown(name, Array.isArray(rows.get(name))),
          )
        )
          return undefined;
    }
  }
  return next;
}

export type Precedes = (a: Operation, b: Operation) => boolean;
export const inSession: Precedes = (a, b) => a.client === b.client && a.completed < b.invoked;
export const inRealTime: Precedes = (a, b) => a.completed < b.invoked;
export const never: Precedes = () => false;

const candidates = (ops: readonly Operation[]): Operation[] => ops.filter(({ outcome }) => outcome !== 'fail');
const isOptional = ({ outcome }: Operation): boolean => outcome !== 'ok';

/** Whether some order explains every read. */
export function bruteSerializable(ops: readonly Operation[], before: Precedes): boolean {
  const left = new Set(candidates(ops));
  const extend = (state: State): boolean => {
    if ([...left].every(isOptional)) return true;
    for (const op of [...left]) {
      if ([...left].some((other) => other !== op && !isOptional(other) && before(other, op))) continue;
      const next = execute(op, state);
      if (next === undefined) continue;
      left.delete(op);
      const done = extend(next);
      left.add(op);
      if (done) return true;
    }
    return false;
  };
  return extend(new Map());
}

const written = (op: Operation): unknown[] =>
  microsOf(op).flatMap(([f, key]) => (f === 'append' || f === 'w' ? [key] : []));

/** Whether some interleaving of snapshots and commits explains every read, with no two at once writing one key. */
export function bruteSnapshot(ops: readonly Operation[], before: Precedes): boolean {
  const left = new Set(candidates(ops));
  const running = new Set<Operation>();
  const extend = (state: State): boolean => {
    if (running.size === 0 && [...left].every(isOptional)) return true;
    for (const op of [...running]) {
      running.delete(op);
      const keys = written(op);
      const own = new Map(
        keys.map((key) => [
          key as string,
          microsOf(op).flatMap(([f, k, value]) => ((f === 'append' || f === 'w') && k === key ? [value] : [])),
        ]),
      );
      const next = new Map(state);
      for (const [key, values] of own) next.set(key, [...(next.get(key) ?? []), ...values]);
      const done = extend(next);
      running.add(op);
      if (done) return true;
    }
    for (const op of [...left]) {
      const waits = [...left, ...running].some(
        (other) => other !== op && (!isOptional(other) || running.has(other)) && before(other, op),
      );
      const conflicts = [...running].some((other) => written(other).some((key) => written(op).includes(key)));
      if (waits || conflicts || execute(op, state) === undefined) continue;
      left.delete(op);
      running.add(op);
      const done = extend(state);
      running.delete(op);
      left.add(op);
      if (done) return true;
    }
    return false;
  };
  return extend(new Map());
}

/** What Adya's cycles say of a list history whose version orders are all in the last transaction's reads; undefined when reads are stray. */
export function bruteCycles(
  ops: readonly Operation[],
): { readonly G0: boolean; readonly G1: boolean; readonly item: boolean } | undefined {
  const final = new Map(
    microsOf(ops.find(({ client }) => client === 'last') as Operation).map(([, key, list]) => [
      key as string,
      list as unknown[],
    ]),
  );
  const writerOf = new Map<unknown, Operation>();
  for (const op of ops) for (const [f, , value] of microsOf(op)) if (f === 'append') writerOf.set(value, op);
  const nodes = candidates(ops);
  const edges: { from: Operation; to: Operation; kind: string }[] = [];
  const link = (from: Operation | undefined, to: Operation | undefined, kind: string): void => {
    if (from !== undefined && to !== undefined && from !== to) edges.push({ from, to, kind });
  };
  for (const list of final.values()) {
    if (list.some((value) => writerOf.get(value)?.outcome === 'fail') || new Set(list).size < list.length)
      return undefined;
    for (let i = 1; i < list.length; i++) link(writerOf.get(list[i - 1]), writerOf.get(list[i]), 'ww');
  }
  let stray = false;
  for (const op of nodes.filter(({ outcome }) => outcome === 'ok')) {
    const own = new Set<unknown>();
    for (const [f, key, value] of microsOf(op)) {
      if (f !== 'r') {
        own.add(key);
        if (!final.get(key as string)?.includes(value)) return undefined;
        continue;
      }
      const list = value as unknown[];
      const order = final.get(key as string) as unknown[];
      if (list.some((item, i) => item !== order[i])) stray = true;
      if (own.has(key)) continue;
      link(writerOf.get(list.at(-1)), op, 'wr');
      link(op, writerOf.get(order[list.length]), 'rw');
    }
  }
  /** Some of its elements are there and others are not, or they are in the wrong order. */
  const isTorn = (op: Operation): boolean => {
    const appended = microsOf(op).filter(([f]) => f === 'append');
    const places = appended.map(([, key, value]) => ({
      key,
      at: (final.get(key as string) as unknown[]).indexOf(value),
    }));
    const there = places.filter(({ at }) => at >= 0);
    return (
      (there.length > 0 && there.length < appended.length) ||
      places.some(({ key, at }, i) => places.slice(i).some((later) => later.key === key && later.at < at))
    );
  };
  if (stray || nodes.some(isTorn)) return undefined;
  const hasCycle = (kinds: readonly string[]): boolean =>
    nodes.some((start) =>
      simplePath(
        start,
        start,
        edges.filter(({ kind }) => kinds.includes(kind)),
        new Set(),
      ),
    );
  return { G0: hasCycle(['ww']), G1: hasCycle(['ww', 'wr']), item: hasCycle(['ww', 'wr', 'rw']) };
}

function simplePath(
  from: Operation,
  to: Operation,
  edges: readonly { from: Operation; to: Operation }[],
  seen: Set<Operation>,
): boolean {
  return edges.some((edge) => {
    if (edge.from !== from || seen.has(edge.to)) return false;
    if (edge.to === to) return true;
    seen.add(edge.to);
    return simplePath(edge.to, to, edges, seen);
  });
}
