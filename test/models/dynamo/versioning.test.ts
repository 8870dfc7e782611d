/** Versioning: the contract that all policies share, Dynamo's figure 3 (oracle K7), and what a truncated clock costs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { brokenMergeLaw } from '../../../sim/index.ts';
import {
  compareClocks,
  dottedVersionVectors,
  incrementClock,
  mergeClocks,
  timestamps,
  TRUNCATION_THRESHOLD,
  truncatedClock,
  vectorClocks,
  versionNumbers,
  type VectorClock,
  type Versioning,
} from '../../../models/index.ts';

const policies: readonly Versioning[] = [
  dottedVersionVectors() as Versioning,
  vectorClocks({ limit: Infinity }) as Versioning,
  timestamps() as Versioning,
  versionNumbers() as Versioning,
];

const pairs = (clock: VectorClock): string => clock.map(({ node, counter }) => `(${node},${counter})`).join(' ');

describe('Dynamo, figure 3 (K7)', () => {
  const d1 = incrementClock([], 'Sx', 1);
  const d2 = incrementClock(d1, 'Sx', 2);
  const d3 = incrementClock(d2, 'Sy', 3);
  const d4 = incrementClock(d2, 'Sz', 4);
  const d5 = incrementClock(mergeClocks(d3, d4), 'Sx', 5);

  test('clocks evolve as published', () => {
    expect([d1, d2, d3, d4, d5].map(pairs)).toEqual([
      '(Sx,1)',
      '(Sx,2)',
      '(Sx,2) (Sy,1)',
      '(Sx,2) (Sz,1)',
      '(Sx,3) (Sy,1) (Sz,1)',
    ]);
  });

  test('D3 and D4 are concurrent, and all else is in one line', () => {
    expect(compareClocks(d3, d4)).toBe('concurrent');
    for (const [a, b] of [
      [d1, d2],
      [d2, d3],
      [d2, d4],
      [d3, d5],
      [d4, d5],
    ] as const) {
      expect(compareClocks(a, b)).toBe('before');
      expect(compareClocks(b, a)).toBe('after');
    }
  });

  test('a store that follows the clients of the figure has siblings D3 and D4, and D5 replaces both', () => {
    const policy = vectorClocks();
    const write = (cell: typeof policy.empty, value: string, context: VectorClock, actor: string) =>
      policy.write(cell, value, context, { actor, at: 0 }) ?? cell;
    const two = write(write(policy.empty, 'D1', [], 'Sx'), 'D2', d1, 'Sx');
    const siblings = policy.merge(write(two, 'D3', d2, 'Sy'), write(two, 'D4', d2, 'Sz'));
    expect(policy.read(siblings).values).toEqual(['D3', 'D4']);
    const { context } = policy.read(siblings);
    expect(write(siblings, 'D5', context, 'Sx').map(({ clock, value }) => [value, pairs(clock)])).toEqual([
      ['D5', '(Sx,3) (Sy,1) (Sz,1)'],
    ]);
  });
});

describe('a truncated clock', () => {
  const grown = (nodes: number): VectorClock =>
    Array.from({ length: nodes }, (_, i) => i).reduce<VectorClock>(
      (clock, i) => incrementClock(clock, `S${String(i).padStart(2, '0')}`, i),
      [],
    );

  test('keeps ten pairs, those that were updated last', () => {
    expect(TRUNCATION_THRESHOLD).toBe(10);
    expect(truncatedClock(grown(10), TRUNCATION_THRESHOLD)).toEqual(grown(10));
    const kept = truncatedClock(grown(12), TRUNCATION_THRESHOLD);
    expect(kept.map(({ node }) => node)).toEqual(
      grown(12)
        .slice(2)
        .map(({ node }) => node),
    );
  });

  test('takes a version that descends from another one for concurrent: a false sibling', () => {
    const policy = vectorClocks({ limit: 2 });
    const write = (cell: typeof policy.empty, value: string, actor: string, at: number) =>
      policy.write(cell, value, policy.read(cell).context, { actor, at }) ?? cell;
    const first = write(policy.empty, 'first', 'a', 1);
    const last = write(write(write(first, 'second', 'b', 2), 'third', 'c', 3), 'fourth', 'd', 4);
    // One writer after the other, each having read the one before it: nothing here is concurrent.
    expect(policy.read(policy.merge(first, last)).values).toEqual(['first', 'fourth']);
    const unbounded = vectorClocks({ limit: Infinity });
    const context = incrementClock(incrementClock([], 'a', 1), 'b', 2);
    const whole = unbounded.write([], 'third', context, { actor: 'c', at: 3 }) ?? [];
    expect(unbounded.read(unbounded.merge(first, whole)).values).toEqual(['third']);
  });

  test('takes a version that is concurrent with another one for its ancestor: a lost update', () => {
    // Ten nodes have written one after the other. Then one whose clock is slow, and one of the ten, write without knowing of each other.
    const lastTwo = (limit: number): readonly unknown[] => {
      const policy = vectorClocks({ limit });
      const cell = [{ clock: grown(10).map((entry) => ({ ...entry, at: entry.at + 10 })), value: 'base' }];
      const { context } = policy.read(cell);
      const slow = policy.write(cell, 'slow', context, { actor: 'slow', at: 1 }) ?? [];
      const other = policy.write(cell, 'other', context, { actor: 'S00', at: 20 }) ?? [];
      return policy.read(policy.merge(slow, other)).values.toSorted();
    };
    expect(lastTwo(Infinity)).toEqual(['other', 'slow']);
    expect(lastTwo(TRUNCATION_THRESHOLD)).toEqual(['other']);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses a limit of %p', (limit) => {
    expect(() => vectorClocks({ limit })).toThrow(
      `vectorClocks.limit: got ${limit}, expected a whole number of at least 1, or Infinity`,
    );
  });
});

/** What happens to three replicas that never lose anything: writes with what a replica has read, and merges. */
type Step = { readonly replica: number; readonly read?: number; readonly from?: number };
const steps = fc.array(
  fc.oneof(
    fc.record({ replica: fc.nat(2), read: fc.nat(2) }),
    fc.record({ replica: fc.nat(2), from: fc.nat(2) }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 12 },
);

interface Played {
  readonly cells: unknown[];
  /** By value: the values that its writer had seen, and what those had replaced. */
  readonly history: Map<string, ReadonlySet<string>>;
}

/** Actors are replicas: each writes at itself, with the context of what it or somebody else has. */
function play(
  policy: Versioning,
  sequence: readonly Step[],
  actorOf = (replica: number, _n: number) => `r${replica}`,
): Played {
  const cells: unknown[] = [policy.empty, policy.empty, policy.empty];
  const history = new Map<string, ReadonlySet<string>>();
  sequence.forEach(({ replica, read, from }, n) => {
    if (from !== undefined) {
      cells[replica] = policy.merge(cells[replica], cells[from]);
      return;
    }
    const { values, context } = policy.read(cells[read ?? 0]);
    const cell = policy.write(cells[replica], `v${n}`, context, { actor: actorOf(replica, n), at: n });
    if (cell === undefined) return;
    cells[replica] = cell;
    const seen = (values as string[]).flatMap((value) => [value, ...(history.get(value) ?? [])]);
    history.set(`v${n}`, new Set(seen));
  });
  return { cells, history };
}

describe.each(policies.map((policy) => ({ name: policy.name, policy })))('$name', ({ policy }) => {
  test('merges in any order, and twice, to the same', () => {
    const laws = {
      merge: (a: unknown, b: unknown) => policy.merge(a, b),
      textOf: (cell: unknown) => policy.textOf(cell),
    };
    fc.assert(
      fc.property(steps, (sequence) => {
        const { cells } = play(policy, sequence);
        expect(brokenMergeLaw(laws, cells[0], cells[1], cells[2])).toBeUndefined();
      }),
    );
  });

  test('compares as it merges, and its text tells cells apart', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const [a, b] = play(policy, sequence).cells;
        const both = policy.textOf(policy.merge(a, b));
        const order = policy.compare(a, b);
        expect(both === policy.textOf(b)).toBe(order === 'before' || order === 'equal');
        expect(both === policy.textOf(a)).toBe(order === 'after' || order === 'equal');
      }),
    );
  });

  test('replaces what the writer has read, and the cell after a write comes after the one before it', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const [cell] = play(policy, sequence).cells;
        const written = policy.write(cell, 'new', policy.read(cell).context, { actor: 'w', at: 1_000 });
        expect(written).toBeDefined();
        expect(policy.read(written).values).toEqual(['new']);
        expect(policy.compare(cell, written)).toBe('before');
      }),
    );
  });
});

describe('updates that did not know of each other', () => {
  /** Values that no other one in `all` had seen. */
  const unseen = ({ history }: Played, all: readonly string[]): string[] =>
    all.filter((value) => !all.some((other) => history.get(other)?.has(value) === true)).toSorted();

  test('are all kept by dotted version vectors, also by way of one coordinator', () => {
    const policy = dottedVersionVectors() as Versioning;
    fc.assert(
      fc.property(steps, (sequence) => {
        const played = play(policy, sequence);
        const merged = played.cells.reduce((a, b) => policy.merge(a, b));
        expect((policy.read(merged).values as string[]).toSorted()).toEqual(unseen(played, [...played.history.keys()]));
      }),
    );
  });

  test('are all kept by vector clocks when each writer has a name of its own', () => {
    const policy = vectorClocks({ limit: Infinity }) as Versioning;
    fc.assert(
      fc.property(steps, (sequence) => {
        const played = play(policy, sequence, (replica, n) => `r${replica}.${n}`);
        const merged = played.cells.reduce((a, b) => policy.merge(a, b));
        expect((policy.read(merged).values as string[]).toSorted()).toEqual(unseen(played, [...played.history.keys()]));
      }),
    );
  });

  const twoWritersOneCoordinator = (policy: Versioning): readonly unknown[] => {
    const { context } = policy.read(policy.empty);
    const by = { actor: 'Sx', at: 1 };
    const first = policy.write(policy.empty, 'first', context, by);
    return policy.read(policy.write(first, 'second', context, by) ?? first).values;
  };

  test('and share a coordinator: kept by dots, lost by plain clocks and timestamps, refused by version numbers', () => {
    expect(twoWritersOneCoordinator(dottedVersionVectors() as Versioning)).toEqual(['first', 'second']);
    expect(twoWritersOneCoordinator(vectorClocks() as Versioning)).toEqual(['second']);
    expect(twoWritersOneCoordinator(timestamps() as Versioning)).toEqual(['second']);
    expect(twoWritersOneCoordinator(versionNumbers() as Versioning)).toEqual(['first']);
  });
});
