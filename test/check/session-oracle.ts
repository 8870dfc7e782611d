/**
 * The obvious checks of the session models, straight from the definitions: every order of every subset. For at most seven or
 * so operations; the judges of the quick ones.
 */
import { NEVER } from '../../sim/base/time.ts';
import type { Operation, Outcome } from '../../sim/history/operation.ts';
import { numbers } from './register-histories.ts';

/** A small history of 2–4 sessions, on 1–2 keys; reads return anything that may have been there, sometimes the sensible thing. */
export function smallSessions(seed: number, unique: boolean): Operation[] {
  const below = numbers(seed ^ 0x2545f491);
  const [clients, keys, length] = [2 + below(3), 1 + below(2), 3 + below(5)];
  const [wild, indefinite, cas] = [[10, 40, 80][below(3)] as number, below(2) * 15, below(3) * 12];
  const written = new Map<string, unknown[]>();
  const now = new Map<string, unknown>();
  const operations: Operation[] = [];
  let event = 0;
  let next = 1;
  for (let id = 0; id < length; id++) {
    const key = below(keys) === 0 ? 'x' : 'y';
    const history = written.get(key) ?? [null];
    const client = `c${below(clients)}`;
    const roll = below(100);
    const seen = below(100) < wild ? history[below(history.length)] : (now.get(key) ?? null);
    const value = unique ? next++ : 1 + below(2);
    const f = roll < 45 ? 'read' : roll < 100 - cas ? 'write' : 'cas';
    const drawn = below(100);
    const outcome: Outcome =
      drawn < indefinite ? (drawn % 2 === 0 ? 'info' : 'pending') : f !== 'read' && drawn > 96 ? 'fail' : 'ok';
    const isOpen = outcome === 'info' || outcome === 'pending';
    operations.push({
      id,
      client,
      f,
      key,
      input: f === 'read' ? undefined : f === 'write' ? value : [seen, value],
      output: f === 'read' && outcome === 'ok' ? seen : undefined,
      outcome,
      invoked: event++,
      completed: isOpen ? Number.MAX_SAFE_INTEGER : event++,
      invokedAt: event * 1_000,
      completedAt: outcome === 'pending' ? NEVER : event * 1_000 + 500,
    });
    if (f === 'read') continue;
    if (below(4) > 0) now.set(key, value);
    written.set(key, [...history, value]);
  }
  // Reads may also see what is written later: a read drawn last is moved to the front now and then.
  return below(4) === 0 ? reordered(operations, below) : operations;
}

function reordered(operations: readonly Operation[], below: (bound: number) => number): Operation[] {
  const order = operations.map((op) => ({ op, at: below(1_000) })).toSorted((a, b) => a.at - b.at);
  return order.map(({ op }, id) => {
    const isOpen = op.completed === Number.MAX_SAFE_INTEGER;
    return {
      ...op,
      id,
      invoked: 2 * id,
      completed: isOpen ? op.completed : 2 * id + 1,
      invokedAt: id * 2_000,
      completedAt: isOpen ? op.completedAt : id * 2_000 + 500,
    };
  });
}

const read = (op: Operation): unknown => (op.f === 'cas' ? (op.input as unknown[])[0] : op.output);
const wrote = (op: Operation): unknown => (op.f === 'cas' ? (op.input as unknown[])[1] : op.input);
const reads = (op: Operation): boolean =>
  op.f === 'cas' || (op.f === 'read' && op.outcome === 'ok' && op.output !== undefined);
const writes = (op: Operation): boolean => op.f !== 'read';
export const inSession = (a: Operation, b: Operation): boolean => a.client === b.client && a.completed < b.invoked;

/** Whether some order of `ops` that keeps `before` gives every operation of `judged` what it returned. */
function explainable(
  ops: readonly Operation[],
  before: (a: Operation, b: Operation) => boolean,
  judged: (op: Operation) => boolean,
  optional: (op: Operation) => boolean,
): boolean {
  const left = new Set(ops);
  const values = new Map<string, unknown>();
  const extend = (): boolean => {
    if ([...left].every(optional)) return true;
    for (const op of [...left]) {
      if ([...left].some((other) => other !== op && !optional(other) && before(other, op))) continue;
      const now = values.get(op.key) ?? null;
      if (judged(op) && reads(op) && read(op) !== now) continue;
      left.delete(op);
      if (writes(op)) values.set(op.key, wrote(op));
      const done = extend();
      left.add(op);
      values.set(op.key, now);
      if (done) return true;
    }
    return false;
  };
  return extend();
}

const isOptional = (op: Operation): boolean => op.outcome !== 'ok';
const relevant = (ops: readonly Operation[]): Operation[] =>
  ops.filter((op) => op.outcome !== 'fail' && (reads(op) || writes(op)));

/** One order for all; indefinite operations may be in it or not. */
export const bruteSequential = (ops: readonly Operation[]): boolean =>
  explainable(relevant(ops), inSession, () => true, isOptional);

interface Known {
  readonly ops: readonly Operation[];
  readonly writerOf: ReadonlyMap<Operation, Operation | undefined>;
}

/** Who read from whom, values being unique; undefined when a read is of nothing. Indefinite operations stay if they were seen. */
export function knownReads(operations: readonly Operation[]): Known | undefined {
  const all = relevant(operations);
  const writerOf = new Map<Operation, Operation | undefined>();
  const ops = all.filter((op) => op.outcome === 'ok');
  for (const op of ops) {
    if (!reads(op)) continue;
    const writer = all.find((other) => writes(other) && other.key === op.key && wrote(other) === read(op));
    if (writer === undefined && read(op) !== null) return undefined;
    writerOf.set(op, writer);
    if (writer !== undefined && !ops.includes(writer)) ops.push(writer);
  }
  return { ops, writerOf };
}

function causalOrder({ ops, writerOf }: Known): ((a: Operation, b: Operation) => boolean) | undefined {
  const index = new Map(ops.map((op, i) => [op, i]));
  const before = ops.map((a) => ops.map((b) => inSession(a, b) || writerOf.get(b) === a));
  for (const k of ops.keys())
    for (const i of ops.keys())
      for (const j of ops.keys()) if (before[i]?.[k] && before[k]?.[j]) (before[i] as boolean[])[j] = true;
  if (ops.some((_, i) => before[i]?.[i])) return undefined;
  return (a, b) => before[index.get(a) as number]?.[index.get(b) as number] === true;
}

/** Bouajjani et al., POPL 2017, definitions of CC, CCv and CM on the least causal order. */
export function bruteCausal(operations: readonly Operation[], model: 'causal' | 'causal+' | 'causal memory'): boolean {
  const known = knownReads(operations);
  const before = known && causalOrder(known);
  if (known === undefined || before === undefined) return false;
  const { ops } = known;
  const never = (): boolean => false;
  const past = (op: Operation): Operation[] => ops.filter((other) => other === op || before(other, op));
  if (model === 'causal') return ops.every((op) => explainable(past(op), before, (other) => other === op, never));
  if (model === 'causal memory') {
    return ops.every((op) =>
      explainable(past(op), before, (other) => other === op || (inSession(other, op) && op.outcome === 'ok'), never),
    );
  }
  const agrees = (arbitration: readonly Operation[]): boolean =>
    ops.every((op) => {
      if (!reads(op)) return true;
      const last = arbitration.findLast((write) => write !== op && write.key === op.key && before(write, op));
      return last === undefined ? read(op) === null : read(op) === wrote(last);
    });
  return permutations(ops.filter(writes)).some(
    (order) => order.every((a, i) => order.slice(i + 1).every((b) => !before(b, a))) && agrees(order),
  );
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** Every session sees all writes in one order that keeps all session orders. */
export function brutePram(operations: readonly Operation[]): boolean {
  const known = knownReads(operations);
  if (known === undefined) return false;
  const clients = new Set(known.ops.map((op) => op.client));
  return [...clients].every((client) => {
    const own = (op: Operation): boolean => op.client === client && op.outcome === 'ok';
    const seen = known.ops.filter((op) => own(op) || writes(op));
    const before = (a: Operation, b: Operation): boolean => inSession(a, b) || (own(b) && known.writerOf.get(b) === a);
    return explainable(
      seen,
      (a, b) => before(a, b) || throughReads(known.ops, a, b),
      own,
      () => false,
    );
  });
}

/** Session order that runs through operations which are not shown. */
const throughReads = (ops: readonly Operation[], a: Operation, b: Operation): boolean =>
  ops.some((middle) => inSession(a, middle) && inSession(middle, b));

/** The session guarantees, from their definitions, values being unique; undefined when a read is of nothing. */
export function bruteGuarantees(operations: readonly Operation[]): Record<string, boolean> | undefined {
  const known = knownReads(operations);
  if (known === undefined) return undefined;
  const { ops, writerOf } = known;
  const own = ops.filter((op) => op.outcome === 'ok');
  const saw = (op: Operation): Operation | undefined => writerOf.get(op);
  /** `a` older than `b`; undefined is the initial value. */
  const older = (a: Operation | undefined, b: Operation | undefined): boolean =>
    a === undefined ? b !== undefined : b !== undefined && inSession(a, b);
  const stale = (r: Operation, version: Operation | undefined, key: string): boolean =>
    reads(r) && r.key === key && older(saw(r), version);
  const earlier = (r: Operation): Operation[] => own.filter((op) => inSession(op, r));
  const readYourWrites = !own.some((r) => earlier(r).some((w) => writes(w) && stale(r, w, w.key)));
  const goesBack = (r: Operation): boolean =>
    earlier(r).some(
      (a) =>
        reads(a) &&
        a.key === r.key &&
        saw(a) === saw(r) &&
        earlier(r).some((b) => inSession(a, b) && reads(b) && b.key === r.key && saw(b) !== saw(a)),
    );
  const monotonicReads = !own.some(
    (r) => reads(r) && (goesBack(r) || earlier(r).some((a) => reads(a) && stale(r, saw(a), a.key))),
  );
  const fresh = (r: Operation): boolean =>
    reads(r) && !earlier(r).some((a) => reads(a) && a.key === r.key && saw(a) === saw(r));
  const seenWrites = (r: Operation): Operation[] =>
    earlier(r).flatMap((a) =>
      reads(a) && saw(a) !== undefined && saw(a)?.client !== r.client ? [saw(a) as Operation] : [],
    );
  const monotonicWrites = !own.some(
    (r) =>
      fresh(r) &&
      seenWrites(r).some((w) =>
        ops.some(
          (w1) => writes(w1) && ((w1 === w && saw(r)?.client === w.client) || inSession(w1, w)) && stale(r, w1, w1.key),
        ),
      ),
  );
  const readBefore = (w: Operation): Operation[] => own.filter((a) => reads(a) && inSession(a, w));
  const writesFollowReads =
    !own.some(
      (r) =>
        fresh(r) &&
        seenWrites(r).some((w) =>
          readBefore(w).some(
            (a) => stale(r, saw(a), a.key) || (a.key === r.key && w.key === r.key && saw(a) === saw(r)),
          ),
        ),
    ) && !ops.some((w) => writes(w) && readBefore(w).some((a) => a.key === w.key && older(w, saw(a))));
  return {
    'read your writes': readYourWrites,
    'monotonic reads': monotonicReads,
    'monotonic writes': monotonicWrites,
    'writes follow reads': writesFollowReads,
  };
}
