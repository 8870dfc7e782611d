/** Each kind of object as it is fuzzed: drawn, run, and specified once more, plainly. */
import {
  appendStore,
  counter,
  elementSet,
  fencedLock,
  fifoQueue,
  growOnlySet,
  mutex,
  ownedLock,
  specification,
  timestampOracle,
  uniqueIds,
} from '../../sim/check/specification.ts';
import type { Operation } from '../../sim/history/operation.ts';
import type { SequentialSpec } from './brute-force.ts';
import { REFUSED, type Below, type Subject } from './objects-oracle.ts';

const ok = (op: Operation): boolean => op.outcome === 'ok';
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The output of an object whose `step` says what state follows, and `output` what it returns. */
function running<S>(
  step: (state: S, op: Operation) => S | undefined,
  output: (before: S, op: Operation) => unknown,
): Subject<S>['apply'] {
  return (state, op) => {
    const before = state.current;
    const next = step(before, { ...op, outcome: 'info' });
    if (next === undefined) return REFUSED;
    state.current = next;
    return output(before, op);
  };
}

const readOr = <S>(before: S, { f }: Operation): unknown => (f === 'read' ? before : undefined);

const append: SequentialSpec<string> = {
  init: () => '',
  step(state, op) {
    if (op.f === 'append') return state + String(op.input);
    if (op.f === 'write') return String(op.input);
    return !ok(op) || op.output === state ? state : undefined;
  },
};

const drawAppend =
  (writes: number, token: (below: Below, count: number) => string): Subject<string>['draw'] =>
  (below, _client, count) => {
    const kind = below(100);
    if (kind < 45) return { f: 'read', input: undefined };
    return { f: kind < 45 + writes ? 'write' : 'append', input: token(below, count) };
  };

function wrongText(output: unknown, op: Operation, below: Below): unknown {
  if (op.f !== 'read') return output;
  const text = String(output ?? '');
  const at = below(text.length + 1);
  return [text.slice(0, at), text.slice(at), `${text}${'abcd'[below(4)]}`, text.slice(0, at) + 'b' + text.slice(at)][
    below(4)
  ];
}

const texts = (writes: number, token: (below: Below, count: number) => string): Subject<string> => ({
  specification: appendStore(),
  spec: append,
  draw: drawAppend(writes, token),
  apply: running(append.step, readOr),
  wrong: wrongText,
  silent: ['read'],
});

const lists: SequentialSpec<readonly unknown[]> = {
  init: () => [9],
  step(state, op) {
    if (op.f === 'append') return [...state, op.input];
    if (op.f === 'write') return op.input as unknown[];
    return !ok(op) || same(op.output, state) ? state : undefined;
  },
};

const listStore: Subject<readonly unknown[]> = {
  specification: appendStore({ initial: [9] }),
  spec: lists,
  draw(below) {
    const kind = below(10);
    if (kind < 4) return { f: 'read', input: undefined };
    if (kind === 4) return { f: 'write', input: Array.from({ length: below(3) }, () => below(3)) };
    return { f: 'append', input: below(4) };
  },
  apply: running(lists.step, readOr),
  wrong(output, op, below) {
    if (op.f !== 'read') return output;
    const list = [...(output as unknown[])];
    list.splice(below(list.length + 1), below(2), ...(below(2) === 0 ? [below(4)] : []));
    return list;
  },
  silent: ['read'],
};

const sum = (initial: number): SequentialSpec<number> => ({
  init: () => initial,
  step(state, op) {
    if (op.f === 'add') return state + ((op.input as number | undefined) ?? 1);
    return !ok(op) || op.output === state ? state : undefined;
  },
});

const counters = (initial: number, amount: (below: Below) => number | undefined): Subject<number> => ({
  specification: counter({ initial }),
  spec: sum(initial),
  draw: (below) => (below(2) === 0 ? { f: 'read', input: undefined } : { f: 'add', input: amount(below) }),
  apply: running(sum(initial).step, readOr),
  wrong: (output, op, below) => (op.f === 'read' ? (output as number) + below(5) - 2 : output),
  silent: ['read'],
});

const whole: SequentialSpec<readonly number[]> = {
  init: () => [],
  step(state, op) {
    if (op.f === 'add') return [...new Set([...state, op.input as number])].sort((a, b) => a - b);
    return !ok(op) ||
      same(
        [...(op.output as number[])].sort((a, b) => a - b),
        state,
      )
      ? state
      : undefined;
  },
};

const growing: Subject<readonly number[]> = {
  specification: growOnlySet(),
  spec: whole,
  draw: (below) => (below(2) === 0 ? { f: 'read', input: undefined } : { f: 'add', input: below(5) }),
  apply: running(whole.step, readOr),
  wrong(output, op, below) {
    if (op.f !== 'read') return output;
    const elements = new Set(output as number[]);
    const element = below(5);
    if (!elements.delete(element)) elements.add(element);
    return [...elements];
  },
  silent: ['read'],
};

const elements: SequentialSpec<readonly number[]> = {
  init: () => [],
  step(state, op) {
    const element = op.input as number;
    const has = state.includes(element);
    const known = ok(op) && op.output !== undefined;
    if (op.f === 'contains') return !known || op.output === has ? state : undefined;
    if (known && op.output !== (op.f === 'add' ? !has : has)) return undefined;
    const rest = state.filter((other) => other !== element);
    return op.f === 'add' ? [...rest, element].sort((a, b) => a - b) : rest;
  },
};

const elementwise: Subject<readonly number[]> = {
  specification: elementSet(),
  spec: elements,
  draw: (below) => ({ f: ['add', 'remove', 'contains'][below(3)] as string, input: below(2) }),
  apply(state, op) {
    const has = state.current.includes(op.input as number);
    state.current = elements.step(state.current, { ...op, outcome: 'info' }) ?? state.current;
    if (op.f === 'contains') return has;
    return op.id % 2 === 0 ? undefined : op.f === 'add' ? !has : has;
  },
  wrong: (output) => (typeof output === 'boolean' ? !output : output),
  silent: ['contains'],
};

const queue: SequentialSpec<readonly unknown[]> = {
  init: () => [],
  step(state, op) {
    if (op.f === 'enqueue') return [...state, op.input];
    if (ok(op) && (state[0] ?? null) !== (op.output ?? null)) return undefined;
    return state.slice(1);
  },
};

const queues = (value: (below: Below, count: number) => number, dequeues: number): Subject<readonly unknown[]> => ({
  specification: fifoQueue(),
  spec: queue,
  draw: (below, _client, count) =>
    below(100) < dequeues ? { f: 'dequeue', input: undefined } : { f: 'enqueue', input: value(below, count) },
  apply: running(queue.step, (before, { f }) => (f === 'dequeue' ? (before[0] ?? null) : undefined)),
  wrong: (output, op, below) => (op.f === 'dequeue' ? [null, below(7), below(7)][below(3)] : output),
});

const binary: SequentialSpec<boolean> = {
  init: () => false,
  step: (held, op) => (op.f === 'acquire' ? (held ? undefined : true) : held ? false : undefined),
};

const owned: SequentialSpec<string> = {
  init: () => '',
  step(holder, op) {
    const owner = String(op.input ?? op.client);
    if (op.f === 'acquire') return holder === '' ? owner : undefined;
    return holder === owner ? '' : undefined;
  },
};

/** Clients that mostly alternate, on a lock that does not look who comes. */
function locks<S>(specification: Subject<S>['specification'], spec: SequentialSpec<S>): Subject<S> {
  return {
    specification,
    spec,
    draw: (below, client, count) => ({
      f: below(2) === 0 ? 'acquire' : 'release',
      input: below(8) === 0 && count > 2 && client !== 'c0' ? 'c0' : undefined,
    }),
    apply: running(spec.step, () => undefined),
    wrong: (output) => output,
  };
}

interface Fence {
  readonly issued: readonly number[];
  readonly accepted: number;
}

const fence: SequentialSpec<Fence> = {
  init: () => ({ issued: [], accepted: -1 }),
  step(state, op) {
    const token = (op.f === 'use' ? op.input : op.output) as number | undefined;
    if (op.f === 'use') {
      const right = state.issued.includes(token as number) && (token as number) >= state.accepted;
      return right ? { ...state, accepted: token as number } : undefined;
    }
    if (token === undefined) return state;
    return token > (state.issued.at(-1) ?? -1) ? { ...state, issued: [...state.issued, token] } : undefined;
  },
};

/** Every way in which open acquisitions may have been given the tokens that nobody else was. */
function withTokens(operations: readonly Operation[]): Operation[][] {
  const given = new Set(operations.filter((op) => op.f === 'acquire' && ok(op)).map((op) => op.output));
  const used = operations.filter((op) => op.f === 'use' && ok(op)).map((op) => op.input as number);
  const missing = [...new Set(used)].filter((token) => !given.has(token));
  const open = operations.filter((op) => op.f === 'acquire' && !ok(op));
  const ways = (tokens: readonly number[], left: readonly Operation[]): Operation[][] => {
    const [token, ...rest] = tokens;
    if (token === undefined) return [[]];
    return left.flatMap((op) =>
      ways(
        rest,
        left.filter((other) => other !== op),
      ).map((way) => [{ ...op, output: token }, ...way]),
    );
  };
  return ways(missing, open).map((way) => operations.map((op) => way.find((other) => other.id === op.id) ?? op));
}

const fenced: Subject<Fence> = {
  specification: fencedLock(),
  spec: fence,
  draw: (below) => (below(2) === 0 ? { f: 'acquire', input: undefined } : { f: 'use', input: below(4) }),
  apply(state, op) {
    const next = (state.current.issued.at(-1) ?? -1) + 1;
    const output = op.f === 'acquire' ? next : undefined;
    const after = fence.step(state.current, { ...op, output });
    if (after === undefined) return REFUSED;
    state.current = after;
    return output;
  },
  wrong: (output, op, below) => (op.f === 'acquire' ? below(5) : output),
  told: withTokens,
};

const ids: SequentialSpec<readonly number[]> = {
  init: () => [],
  step(state, op) {
    if (!ok(op)) return state;
    return state.includes(op.output as number) ? undefined : [...state, op.output as number];
  },
};

const stamps: SequentialSpec<number> = {
  init: () => -1,
  step: (last, op) => (!ok(op) ? last : (op.output as number) > last ? (op.output as number) : undefined),
};

/** A stack, for a specification of one's own. */
const stackSpec: SequentialSpec<readonly unknown[]> = {
  init: () => [],
  step(state, op) {
    if (op.f === 'push') return [...state, op.input];
    if (op.f === 'top') return !ok(op) || (state.at(-1) ?? null) === op.output ? state : undefined;
    if (ok(op) && (state.at(-1) ?? null) !== op.output) return undefined;
    return state.slice(0, -1);
  },
};

const stack: Subject<readonly unknown[]> = {
  specification: specification<readonly unknown[]>({
    name: 'stack',
    operations: ['push', 'pop', 'top'],
    observers: ['top'],
    byClient: false,
    init: () => [],
    step(state, { f, input, output, outcome }) {
      if (f === 'push') return [...state, input];
      if (outcome === 'ok' && (state.at(-1) ?? null) !== output) return undefined;
      return f === 'top' ? state : state.slice(0, -1);
    },
  }),
  spec: stackSpec,
  draw: (below) => ({ f: ['push', 'push', 'pop', 'top'][below(4)] as string, input: below(3) }),
  apply: running(stackSpec.step, (before, { f }) => (f === 'push' ? undefined : (before.at(-1) ?? null))),
  wrong: (output, op, below) => (op.f === 'push' ? output : [null, below(3)][below(2)]),
  silent: ['top'],
};

const letter = (below: Below): string => 'abc'[below(3)] as string;

/* The subjects' states are all different, and nobody but the subject looks at them. */
const subjects = <T extends Readonly<Record<string, unknown>>>(all: T): T => all;

export const SUBJECTS = subjects({
  'append store, unique': texts(0, (_below, count) => 'abcdefgh'[count] as string),
  'append store, repeated': texts(0, letter),
  'append store, with writes': texts(15, letter),
  'append store, unique with writes': texts(15, (_below, count) => 'abcdefgh'[count] as string),
  'append store, ambiguous texts': texts(10, (below) => ['a', 'b', 'ab', 'ba'][below(4)] as string),
  'append store of lists': listStore,
  'counter, units': counters(0, () => undefined),
  'counter, units of -2 from 5': counters(5, () => -2),
  'counter, any amounts': counters(0, (below) => below(7) - 3),
  'grow-only set': growing,
  'element set': elementwise,
  'queue, unique': queues((_below, count) => count, 55),
  'queue, repeated': queues((below) => below(3), 50),
  mutex: locks(mutex(), binary),
  'owned lock': locks(ownedLock(), owned),
  'fenced lock': fenced,
  'unique ids': {
    specification: uniqueIds(),
    spec: ids,
    draw: () => ({ f: 'generate', input: undefined }),
    apply: (state) => (state.current = [...state.current, state.current.length]).length,
    wrong: (_output, _op, below) => 1 + below(4),
  } satisfies Subject<readonly number[]>,
  'timestamp oracle': {
    specification: timestampOracle(),
    spec: stamps,
    draw: () => ({ f: 'timestamp', input: undefined }),
    apply: (state) => ++state.current,
    wrong: (_output, _op, below) => below(5),
  } satisfies Subject<number>,
  'a specification of one’s own': stack,
});
