/** Long histories of objects that work, 20 clients at once, for measuring: states change in place. */
import type { Operation } from '../../sim/history/operation.ts';
import {
  appendStore,
  counter,
  elementSet,
  fencedLock,
  fifoQueue,
  growOnlySet,
  ownedLock,
  register,
  timestampOracle,
  uniqueIds,
  type Specification,
} from '../../sim/check/specification.ts';
import { drawnHistory, REFUSED, type Subject } from './objects-oracle.ts';

type Draw = Subject<never>['draw'];

interface Large {
  readonly specification: Specification;
  readonly draw: Draw;
  /** A fresh object. */
  readonly object: () => (operation: Operation) => unknown;
}

const every =
  (n: number, read: string, write: string): Draw =>
  (below, _client, count) =>
    below(n) === 0 ? { f: read, input: undefined } : { f: write, input: count };

/** A log of text in which each read costs its length: it is read seldom. */
const text = (seldom: number): Large => ({
  specification: appendStore(),
  draw: (below, _client, count) =>
    below(seldom) === 0 ? { f: 'read', input: undefined } : { f: 'append', input: `<${count}>` },
  object: () => {
    let value = '';
    return ({ f, input }) => (f === 'append' ? void (value += String(input)) : value);
  },
});

const tokens =
  (f: string): Large['object'] =>
  () => {
    let last = 0;
    return (op) => (op.f === f ? ++last : undefined);
  };

export const LARGE: Readonly<Record<string, Large>> = {
  register: {
    specification: register(),
    draw: every(2, 'read', 'write'),
    object: () => {
      let value: unknown = null;
      return ({ f, input }) => (f === 'write' ? void (value = input) : value);
    },
  },
  'append store': text(50_000),
  counter: {
    specification: counter(),
    draw: (below) => ({ f: below(2) === 0 ? 'read' : 'add', input: undefined }),
    object: () => {
      let value = 0;
      return ({ f }) => (f === 'add' ? void value++ : value);
    },
  },
  'grow-only set': {
    specification: growOnlySet(),
    draw: every(20_000, 'read', 'add'),
    object: () => {
      const elements: unknown[] = [];
      return ({ f, input }) => (f === 'add' ? void elements.push(input) : [...elements]);
    },
  },
  'element set': {
    specification: elementSet(),
    draw: (below, _client, count) =>
      below(2) === 0 ? { f: 'contains', input: below(1 + (count >> 1)) } : { f: 'add', input: count >> 1 },
    object: () => {
      const elements = new Set<unknown>();
      return ({ f, input }) => (f === 'add' ? void elements.add(input) : elements.has(input));
    },
  },
  'fifo queue': {
    specification: fifoQueue(),
    draw: every(2, 'dequeue', 'enqueue'),
    object: () => {
      const items: unknown[] = [];
      let head = 0;
      return ({ f, input }) =>
        f === 'enqueue' ? void items.push(input) : items[head] === undefined ? null : items[head++];
    },
  },
  'owned lock': {
    specification: ownedLock(),
    draw: (below) => ({ f: below(2) === 0 ? 'acquire' : 'release', input: undefined }),
    object: () => {
      let holder = '';
      return ({ f, client }) => {
        if (f === 'acquire' ? holder !== '' : holder !== client) return REFUSED;
        holder = f === 'acquire' ? client : '';
        return undefined;
      };
    },
  },
  'fenced lock': {
    specification: fencedLock(),
    draw: () => ({ f: 'acquire', input: undefined }),
    object: tokens('acquire'),
  },
  'unique ids': {
    specification: uniqueIds(),
    draw: () => ({ f: 'generate', input: undefined }),
    object: tokens('generate'),
  },
  'timestamp oracle': {
    specification: timestampOracle(),
    draw: () => ({ f: 'timestamp', input: undefined }),
    object: tokens('timestamp'),
  },
};

export function largeHistory({ specification, draw, object }: Large, operations: number): Operation[] {
  const apply = object();
  const subject: Subject<undefined> = {
    specification,
    spec: { init: () => undefined, step: () => undefined },
    draw,
    apply: (_state, operation) => apply(operation),
    wrong: (output) => output,
  };
  return drawnHistory(subject, 7, { operations, clients: 20, indefinite: 0, wrong: 0, failed: 0 });
}
