/** Every replicated data type keeps the laws of merging, converges whatever the order of delivery, and means what its paper says. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { brokenMergeLaw, canonicalJson } from '../../sim/index.ts';
import {
  gCounter,
  lwwMap,
  lwwRegister,
  mvRegister,
  orSet,
  pnCounter,
  rga,
  type Crdt,
  type LwwMapChange,
  type SequenceChange,
  type SetChange,
} from '../../models/index.ts';

/** What replicas do: change their own state, or merge another's into it. */
type Step<D> =
  | { readonly kind: 'change'; readonly replica: number; readonly draft: D; readonly wall: number }
  | { readonly kind: 'merge'; readonly replica: number; readonly from: number };

interface Member<S, C, V, D> {
  readonly type: Crdt<S, C, V>;
  readonly drafts: fc.Arbitrary<D>;
  /** A change that is possible in the state. */
  readonly change: (draft: D, state: S) => C | undefined;
}

const REPLICAS = 3;
const word = fc.constantFrom('a', 'b', 'c', 'd');

const member = <S, C, V, D>(options: Member<S, C, V, D>): Member<unknown, unknown, unknown, unknown> =>
  options as unknown as Member<unknown, unknown, unknown, unknown>;

const sequence = rga<string>();
const multi = mvRegister<string>();
const MEMBERS = [
  member({ type: gCounter(), drafts: fc.nat(5), change: (by: number) => ({ by }) }),
  member({ type: pnCounter(), drafts: fc.integer({ min: -5, max: 5 }), change: (by: number) => ({ by }) }),
  member({ type: lwwRegister<string>(), drafts: word, change: (value: string) => ({ value }) }),
  member({
    type: lwwMap<string>(),
    drafts: fc.record({ field: word, value: fc.option(word) }),
    change: ({ field, value }: { field: string; value: string | null }): LwwMapChange<string> =>
      value === null ? { f: 'delete', field } : { f: 'put', field, value },
  }),
  member({
    type: orSet<string>(),
    drafts: fc.record({ f: fc.constantFrom('add' as const, 'remove' as const), value: word }),
    change: (change: SetChange<string>) => change,
  }),
  member({
    type: multi,
    drafts: fc.record({ value: word, blind: fc.boolean() }),
    change: ({ value, blind }: { value: string; blind: boolean }, state: ReturnType<typeof multi.empty>) => ({
      value,
      context: blind ? {} : multi.value(state).context,
    }),
  }),
  member({
    type: sequence,
    drafts: fc.record({ insert: fc.integer({ min: 0, max: 3 }), place: fc.nat(20), value: word }),
    change(
      { insert, place, value }: { insert: number; place: number; value: string },
      state: ReturnType<typeof sequence.empty>,
    ) {
      const { length } = sequence.value(state);
      if (insert > 0) return { f: 'insert', at: place % (length + 1), value } satisfies SequenceChange<string>;
      return length === 0 ? undefined : ({ f: 'delete', at: place % length } satisfies SequenceChange<string>);
    },
  }),
];

const steps = (drafts: fc.Arbitrary<unknown>): fc.Arbitrary<Step<unknown>[]> => {
  const replica = fc.nat(REPLICAS - 1);
  return fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('change' as const), replica, draft: drafts, wall: fc.nat(5) }),
      },
      fc.record({ kind: fc.constant('merge' as const), replica, from: replica }),
    ),
    { maxLength: 25 },
  );
};

describe.each(MEMBERS.map((one) => ({ name: one.type.name, one })))('$name', ({ one: { type, drafts, change } }) => {
  /** The states of the replicas, and every state on the way. */
  function played(script: readonly Step<unknown>[]): { replicas: unknown[]; all: unknown[] } {
    const replicas = Array.from({ length: REPLICAS }, () => type.empty());
    const all: unknown[] = [type.empty()];
    for (const step of script) {
      const state = replicas[step.replica];
      if (step.kind === 'merge') replicas[step.replica] = type.merge(state, replicas[step.from]);
      else {
        const made = change(step.draft, state);
        if (made !== undefined)
          replicas[step.replica] = type.apply(state, made, { replica: `r${step.replica}`, wall: step.wall });
      }
      all.push(replicas[step.replica]);
    }
    return { replicas, all };
  }

  test('merge is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(steps(drafts), fc.nat(), fc.nat(), (script, i, j) => {
        const { all } = played(script);
        const [a, b, c] = [all.at(-1), all[i % all.length], all[j % all.length]];
        expect(brokenMergeLaw(type, a, b, c)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  test('what a replica comes to contains what it was', () => {
    fc.assert(
      fc.property(steps(drafts), (script) => {
        const replicas = Array.from({ length: REPLICAS }, () => type.empty());
        for (const step of script) {
          const before = replicas[step.replica];
          const made = step.kind === 'change' ? change(step.draft, before) : undefined;
          let after = before;
          if (step.kind === 'merge') after = type.merge(before, replicas[step.from]);
          else if (made !== undefined)
            after = type.apply(before, made, { replica: `r${step.replica}`, wall: step.wall });
          expect(canonicalJson(type.merge(before, after))).toBe(canonicalJson(after));
          replicas[step.replica] = after;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('replicas converge whatever the order in which they hear of each other, and however often', () => {
    fc.assert(
      fc.property(steps(drafts), fc.array(fc.nat(), { maxLength: 12 }), (script, order) => {
        const { all, replicas } = played(script);
        const last = replicas.reduce((a, b) => type.merge(a, b), type.empty());
        // Any states on the way, in any order, and then the final ones, backwards.
        const mixed = [...order.map((i) => all[i % all.length]), ...replicas.toReversed()];
        const other = mixed.reduce((a, b) => type.merge(a, b), type.empty());
        expect(canonicalJson(other)).toBe(canonicalJson(last));
        expect(canonicalJson(type.value(other))).toBe(canonicalJson(type.value(last)));
      }),
      { numRuns: 150 },
    );
  });

  test('leaves its arguments as they were', () => {
    fc.assert(
      fc.property(steps(drafts), (script) => {
        const { replicas } = played(script);
        const before = replicas.map(canonicalJson);
        const frozen = replicas.map((state) => deepFrozen(structuredClone(state)));
        type.merge(frozen[0], frozen[1]);
        for (const step of script) {
          const made = step.kind === 'change' ? change(step.draft, frozen[0]) : undefined;
          if (made !== undefined) type.apply(frozen[0], made, { replica: 'r0', wall: 1 });
        }
        expect(frozen.map(canonicalJson)).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });
});

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}

const at = (replica: string, wall = 0) => ({ replica, wall });

describe('what the types mean', () => {
  test('counters add up what everybody counted, once', () => {
    const g = gCounter();
    const a = g.apply(g.apply(g.empty(), { by: 2 }, at('a')), { by: 3 }, at('a'));
    const b = g.apply(g.empty(), { by: 4 }, at('b'));
    expect(g.value(g.merge(g.merge(a, b), b))).toBe(9);
    expect(() => g.apply(a, { by: -1 }, at('a'))).toThrow(
      /gCounter\.by: got -1, expected a whole number of at least 0/,
    );
    const pn = pnCounter();
    const one = pn.apply(pn.empty(), { by: 5 }, at('a'));
    expect(pn.value(pn.merge(pn.apply(one, { by: -2 }, at('b')), pn.apply(one, { by: -2 }, at('a'))))).toBe(1);
  });

  test('an addition wins over a removal that had not seen it, and a removal over those it had', () => {
    const set = orSet<string>();
    const milk = set.apply(set.empty(), { f: 'add', value: 'milk' }, at('a'));
    const removed = set.apply(milk, { f: 'remove', value: 'milk' }, at('b'));
    const again = set.apply(milk, { f: 'add', value: 'milk' }, at('a'));
    expect(set.value(set.merge(milk, removed))).toEqual([]);
    expect(set.value(set.merge(removed, again))).toEqual(['milk']);
  });

  test('a removed element leaves nothing behind but its place in the version vector', () => {
    const set = orSet<string>();
    let state = set.empty();
    for (let i = 0; i < 100; i++) {
      state = set.apply(state, { f: 'add', value: `e${i}` }, at('a'));
      state = set.apply(state, { f: 'remove', value: `e${i}` }, at('a'));
    }
    expect(state).toEqual({ entries: {}, seen: { a: 100 } });
  });

  test('a set is what its additions and removals make of it, against sets of all dots with tombstones', () => {
    const set = orSet<string>();
    const script = steps(fc.record({ f: fc.constantFrom('add' as const, 'remove' as const), value: word }));
    fc.assert(
      fc.property(script, (given) => {
        // The obvious one: every addition ever made, every addition ever removed.
        const plain = Array.from({ length: REPLICAS }, () => ({
          added: new Map<string, string>(),
          removed: new Set<string>(),
        }));
        const states = Array.from({ length: REPLICAS }, () => set.empty());
        const living = ({ added, removed }: (typeof plain)[number]): string[] =>
          [...new Set([...added].flatMap(([dot, value]) => (removed.has(dot) ? [] : [value])))].toSorted();
        given.forEach((step, i) => {
          const own = plain[step.replica] as (typeof plain)[number];
          const state = states[step.replica] as (typeof states)[number];
          if (step.kind === 'merge') {
            const other = plain[step.from] as (typeof plain)[number];
            for (const [dot, value] of other.added) own.added.set(dot, value);
            for (const dot of other.removed) own.removed.add(dot);
            states[step.replica] = set.merge(state, states[step.from] as (typeof states)[number]);
          } else {
            const change = step.draft as SetChange<string>;
            if (change.f === 'add') own.added.set(`${i}`, change.value);
            else for (const [dot, value] of own.added) if (value === change.value) own.removed.add(dot);
            states[step.replica] = set.apply(state, change, at(`r${step.replica}`));
          }
          expect(set.value(states[step.replica] as (typeof states)[number])).toEqual(living(own));
        });
      }),
      { numRuns: 200 },
    );
  });

  test('of two registers the later clock stays, even over a write that had seen the other', () => {
    const register = lwwRegister<string>();
    const ahead = register.apply(register.empty(), { value: 'old' }, at('a', 100));
    const behind = register.apply(ahead, { value: 'new' }, at('b', 50));
    expect(register.value(behind)).toBe('old');
  });

  test('fields of a map do not cost each other', () => {
    const map = lwwMap<string>();
    const a = map.apply(map.empty(), { f: 'put', field: 'x', value: '1' }, at('a', 5));
    const b = map.apply(map.empty(), { f: 'put', field: 'y', value: '2' }, at('b', 1));
    const both = map.merge(a, b);
    expect(map.value(both)).toEqual({ x: '1', y: '2' });
    expect(map.value(map.merge(map.apply(both, { f: 'delete', field: 'x' }, at('b', 9)), a))).toEqual({ y: '2' });
  });

  test('two writes through one replica from the same context are siblings', () => {
    const register = mvRegister<string>();
    const first = register.apply(register.empty(), { value: 'v', context: {} }, at('a'));
    const second = register.apply(first, { value: 'w', context: {} }, at('a'));
    expect(register.value(second).values).toEqual(['v', 'w']);
    const { context } = register.value(second);
    const resolved = register.apply(second, { value: 'x', context }, at('b'));
    expect(register.value(register.merge(resolved, first)).values).toEqual(['x']);
  });

  test('a sequence keeps what was written together together, and each insertion at its place', () => {
    const text = rga<string>();
    const typed = (state: ReturnType<typeof text.empty>, from: number, word: string, replica: string) =>
      [...word].reduce((now, value, i) => text.apply(now, { f: 'insert', at: from + i, value }, at(replica)), state);
    const base = typed(text.empty(), 0, 'ab', 'a');
    const merged = text.merge(
      typed(base, 1, 'xyz', 'a'),
      text.apply(typed(base, 1, 'uvw', 'b'), { f: 'delete', at: 0 }, at('b')),
    );
    expect(['xyzuvwb', 'uvwxyzb']).toContain(text.value(merged).join(''));
    expect(() => text.apply(base, { f: 'insert', at: 3, value: 'q' }, at('a'))).toThrow(/rga\.insert\.at: got 3/);
    expect(() => text.apply(text.empty(), { f: 'delete', at: 0 }, at('a'))).toThrow(/rga\.delete\.at: got 0/);
  });

  test('insertions arrive as the paper inserts them: after their neighbour, past those with later identifiers', () => {
    // Roh et al., 2011, §4.2: the remote insertion scans from the left neighbour past elements whose identifier is later.
    const text = rga<string>();
    fc.assert(
      fc.property(
        fc.array(fc.record({ replica: fc.nat(2), place: fc.nat(30), from: fc.nat(2), merge: fc.boolean() }), {
          maxLength: 25,
        }),
        (script) => {
          const states = Array.from({ length: 3 }, () => text.empty());
          script.forEach(({ replica, place, from, merge }, i) => {
            const own = states[replica] as (typeof states)[number];
            const { length } = text.value(own);
            states[replica] = merge
              ? text.merge(own, states[from] as (typeof states)[number])
              : text.apply(own, { f: 'insert', at: place % (length + 1), value: `e${i}` }, at(`r${replica}`));
          });
          const all = states.reduce((a, b) => text.merge(a, b), text.empty());
          const elements = Object.entries(all.elements).toSorted(
            ([, a], [, b]) => a.counter - b.counter || (a.replica < b.replica ? -1 : 1),
          );
          const list: string[] = [];
          const isLater = (id: string, than: string): boolean => {
            const [x, y] = [all.elements[id], all.elements[than]];
            return (
              x !== undefined &&
              y !== undefined &&
              (x.counter > y.counter || (x.counter === y.counter && x.replica > y.replica))
            );
          };
          for (const [id, { after }] of elements) {
            let place = after === '' ? 0 : list.indexOf(after) + 1;
            while (place < list.length && isLater(list[place] as string, id)) place++;
            list.splice(place, 0, id);
          }
          expect(text.value(all)).toEqual(list.map((id) => all.elements[id]?.value));
        },
      ),
      { numRuns: 150 },
    );
  });
});
