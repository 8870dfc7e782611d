/** Random register histories, small for fuzzing against brute force and large for measuring. */
import { NEVER } from '../../sim/base/time.ts';
import type { Operation, Outcome } from '../../sim/history/operation.ts';
import { PRECONDITION_FAILED } from '../../sim/check/linearizability/register-step.ts';

/** A small generator of whole numbers below a bound (mulberry32). */
export function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * bound);
  };
}

export interface Shape {
  readonly operations: number;
  readonly clients: number;
  /** How many values there are; 0: each write has a value of its own. */
  readonly values: number;
  /** Chances in percent. */
  readonly reads: number;
  readonly cas: number;
  readonly indefinite: number;
  readonly failed: number;
  /** A read returns something drawn, not what the register held. */
  readonly wrong: number;
  /** No more than this many indefinite operations. */
  readonly indefiniteAtMost?: number;
  /** Clients begin with the next operation at once. Default: each pauses for about as long as an operation takes. */
  readonly alwaysBusy?: boolean;
}

interface Open {
  id: number;
  f: string;
  input: unknown;
  output: unknown;
  refused: boolean;
  applied: boolean;
}

/** A register that works, some answers wrong: each operation takes effect somewhere between its two events. */
export function randomHistory(seed: number, shape: Shape): Operation[] {
  const below = numbers(seed);
  const chance = (percent: number): boolean => below(100) < percent;
  const operations: Operation[] = [];
  const busy = new Map<number, Open>();
  const names = Array.from({ length: shape.clients }, (_, c) => c);
  let state: unknown = null;
  let [written, indefinite, event] = [0, 0, 0];
  let nextName = shape.clients;
  const fresh = (): number => (shape.values === 0 ? ++written : below(shape.values));
  const some = (): unknown => (shape.values !== 0 ? below(shape.values) : chance(15) ? null : 1 + below(written + 1));
  const draw = (): Pick<Open, 'f' | 'input'> => {
    const kind = below(100);
    if (kind < shape.reads) return { f: 'read', input: undefined };
    if (kind >= shape.reads + shape.cas) return { f: 'write', input: fresh() };
    return { f: 'cas', input: [chance(60) ? state : some(), fresh()] };
  };
  const apply = (open: Open): void => {
    if (open.applied) return;
    open.applied = true;
    if (open.f === 'read') open.output = chance(shape.wrong) ? some() : state;
    else if (open.f === 'write') state = open.input;
    else {
      const [from, to] = open.input as [unknown, unknown];
      open.refused = (state !== from && !chance(shape.wrong)) || chance(shape.wrong / 2);
      if (!open.refused) state = to;
    }
  };
  const complete = (slot: number, open: Open): void => {
    busy.delete(slot);
    const before = operations[open.id] as Operation;
    let outcome: Outcome = 'ok';
    if (indefinite < (shape.indefiniteAtMost ?? Infinity) && chance(shape.indefinite))
      outcome = chance(50) ? 'info' : 'pending';
    else if (!open.applied && chance(shape.failed)) outcome = 'fail';
    if (outcome === 'ok') apply(open);
    if (outcome === 'ok' && open.refused) outcome = 'fail';
    const unknown = outcome === 'info' || outcome === 'pending';
    if (unknown) {
      indefinite++;
      if (chance(50)) apply(open);
      names[slot] = nextName++;
    }
    operations[open.id] = {
      ...before,
      outcome,
      output: open.refused && outcome === 'fail' ? PRECONDITION_FAILED : outcome === 'ok' ? open.output : undefined,
      completed: unknown ? Number.MAX_SAFE_INTEGER : event,
      completedAt: outcome === 'pending' ? NEVER : event * 1_000,
    };
  };
  const start = (slot: number): void => {
    if (operations.length >= shape.operations) return;
    const started: Open = { id: operations.length, ...draw(), output: undefined, refused: false, applied: false };
    busy.set(slot, started);
    operations.push(invocation(started, `c${names[slot]}`, shape.alwaysBusy === true ? ++event : event));
  };
  while (operations.length < shape.operations || busy.size > 0) {
    event++;
    const slot = below(shape.clients);
    const open = busy.get(slot);
    if (open !== undefined) {
      if (!open.applied && chance(40)) apply(open);
      else complete(slot, open);
      if (shape.alwaysBusy === true && !busy.has(slot)) start(slot);
    } else start(slot);
  }
  return operations;
}

function invocation(open: Open, client: string, event: number): Operation {
  return {
    id: open.id,
    client,
    f: open.f,
    key: '',
    input: open.input,
    output: undefined,
    outcome: 'pending',
    invoked: event,
    completed: Number.MAX_SAFE_INTEGER,
    invokedAt: event * 1_000,
    completedAt: NEVER,
  };
}

/** 2,000 operations of 20 clients over 5 values with 14 crashed ones. */
export const busyHistory = (seed: number, wrong: number): readonly Operation[] =>
  randomHistory(seed, {
    operations: 2_000,
    clients: 20,
    values: 5,
    reads: [50, 30, 70, 20][seed % 4] as number,
    cas: 10 * (seed % 3),
    indefinite: 2,
    failed: 0,
    wrong,
    indefiniteAtMost: 14,
    alwaysBusy: seed % 2 === 0,
  });
