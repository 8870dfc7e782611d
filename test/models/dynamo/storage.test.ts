/** A node's write path: commit log, memory table, sorted tables; and what a crash leaves of it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bitRot,
  CallError,
  clockFreeze,
  ConfigError,
  crash,
  defineActor,
  defineScenario,
  diskFull,
  fsyncFail,
  holds,
  ms,
  run,
  s,
  type CrashKeeps,
  type Fault,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../../sim/index.ts';
import {
  dynamoEntries,
  dynamoNode,
  runToMerge,
  timestamps,
  type DynamoOptions,
  type DynamoProtocol,
  type DynamoState,
  type Versioning,
} from '../../../models/index.ts';
import { restartFindsTheDisk } from '../../../scenarios/worlds/kept-on-disk.ts';

const DURATION = s(4);
const policy = timestamps() as Versioning;

interface Story {
  readonly options?: Partial<DynamoOptions>;
  readonly faults?: readonly Fault[];
  readonly crashKeeps?: CrashKeeps;
  /** Keys of the puts, which come one after the other. */
  readonly keys: readonly string[];
  readonly seed?: string;
}

interface Told {
  /** Of each key, in the order of the puts; refused for good: left out. */
  readonly puts: ReadonlyMap<string, readonly { readonly value: number; readonly acknowledged: boolean }[]>;
  readonly state: DynamoState;
  readonly found: ReadonlyMap<string, unknown>;
  readonly counts: Readonly<Record<string, number>>;
  /** What the check says of restarts. */
  readonly restart: string;
}

type Puts = Map<string, { readonly value: number; acknowledged: boolean }[]>;

/** Puts the numbers 1, 2, … under some keys. */
const putting = (keys: readonly string[], node: NodeRef<DynamoProtocol>, puts: Puts) =>
  defineActor<object, Record<never, never>>({
    role: 'client',
    init: () => ({}),
    start(_state, ctx) {
      ctx.spawn(
        (function* script(): Flow {
          for (const [i, key] of keys.entries()) {
            const put = { value: i + 1, acknowledged: false };
            const known = puts.get(key) ?? [];
            puts.set(key, [...known, put]);
            try {
              yield* ctx.call(node, 'put', { key, value: put.value, context: {} }, { deadline: ms(100) });
              put.acknowledged = true;
            } catch (error) {
              if (!(error instanceof CallError)) throw error;
              if (error.definite) puts.set(key, known);
              yield* ctx.sleep(ms(20));
            }
          }
        })(),
      );
    },
  });

/** One node, and one client that puts the numbers 1, 2, … under some keys. */
function told({ options = {}, faults = [], crashKeeps, keys, seed = 'storage' }: Story): Told {
  const puts: Puts = new Map();
  let state: DynamoState | undefined;
  const scenario = defineScenario({
    name: 'one-node',
    question: 'What does one node keep?',
    duration: DURATION,
    recovery: false,
    build({ world }) {
      const [node] = world.refs<DynamoProtocol>('n', 1);
      if (node === undefined) throw new Error('no node');
      const one = { replicas: 1, versioning: policy, antiEntropyEvery: 'never' } as const;
      const actor = dynamoNode({ nodes: [node], ...one, ...options });
      world.node(node, { actor, disk: crashKeeps === undefined ? {} : { crashKeeps } });
      world.node('c1', { actor: putting(keys, node, puts) });
      return { node };
    },
    faults: () => [...faults],
    checks: ({ node }) => [
      restartFindsTheDisk([node], policy),
      {
        name: 'kept',
        kind: 'always',
        promise: 'kept for the test',
        begin: (view) => ({
          finish() {
            state = view.state<DynamoState>('n1');
            return { check: 'kept', kind: 'always', status: 'held', message: '' };
          },
        }),
      },
    ],
    expect: holds(),
  });
  const { metrics, verdicts } = run(scenario, { seed });
  const restart = verdicts.find(({ check }) => check === 'a restart finds what was on the disk');
  if (state === undefined) throw new Error('the node is down at the end');
  const found = new Map(
    [...dynamoEntries(state)].map(([key, { cell }]) => [key, policy.read(cell).values.at(-1)] as const),
  );
  const counts = Object.fromEntries(
    ['memory tables flushed', 'sorted tables merged', 'sorted tables read', 'damaged sorted tables'].map((name) => [
      name,
      metrics.counters.filter((one) => one.name === name).reduce((sum, one) => sum + one.value, 0),
    ]),
  );
  return { puts, state, found, counts, restart: restart?.message ?? '' };
}

/** Each key has what was acknowledged last, or what was put after it. */
function expectAllKept({ puts, found, restart }: Told): void {
  expect(restart).toMatch(/^\d restarts$/);
  for (const [key, all] of puts) {
    const last = all.findLastIndex(({ acknowledged }) => acknowledged);
    const possible: unknown[] = all.slice(Math.max(0, last)).map(({ value }) => value);
    if (last < 0) possible.push(undefined);
    if (!possible.includes(found.get(key))) throw new Error(`${key} is ${found.get(key)}, of ${JSON.stringify(all)}`);
  }
}

const many = (count: number, different: number): string[] =>
  Array.from({ length: count }, (_, i) => `k${(i * 7) % different}`);

describe('the write path of a node', () => {
  test('flushes the memory table when it has its records, and merges tables of one size', () => {
    const { state, counts, ...rest } = told({ keys: many(64, 40), options: { memoryRecords: 4, compactionFanIn: 4 } });
    expectAllKept({ state, counts, ...rest });
    // Some records come while a table is being flushed, and are in the next one.
    expect(counts['memory tables flushed']).toBeGreaterThanOrEqual(10);
    expect(counts['damaged sorted tables']).toBe(0);
    expect(counts['sorted tables merged']).toBeGreaterThanOrEqual(12);
    expect(
      runToMerge(
        state.sorted.map(({ keys }) => keys.length),
        4,
      ),
    ).toBeUndefined();
    expect(state.sorted.length).toBeLessThan(8);
    expect(Object.keys(state.cells).length).toBeLessThan(4);
    expect(state.segments.first).toBe(state.segments.last);
  });

  test('reads sorted tables for what is not in the memory table, and takes its time for it', () => {
    const slow = { memoryRecords: 2, compactionFanIn: 100, tableRead: '10ms' } as const;
    const once = told({ keys: many(20, 20), options: slow });
    const again = told({ keys: [...many(20, 20), ...many(20, 20)], options: slow });
    // A put makes its version from the present one. Filters keep it from tables that do not have the key.
    expect(once.counts['sorted tables read']).toBeLessThan(10);
    expect(again.counts['sorted tables read']).toBeGreaterThanOrEqual(18);
    expectAllKept(again);
  });

  test('reads its tables although its clock stands still', () => {
    const faults = [clockFreeze({ node: 'n1', at: ms(5), clock: 'monotonic' })];
    const story = told({ keys: [...many(20, 20), ...many(20, 20)], faults, options: { memoryRecords: 2 } });
    expect(story.counts['sorted tables read']).toBeGreaterThan(10);
    expect([...story.puts.values()].flat().filter(({ acknowledged }) => !acknowledged)).toEqual([]);
    expectAllKept(story);
  });

  test.each(['nothing', 'prefix', 'subset', 'torn'] as const)(
    'keeps every acknowledged put through crashes at any instant of flushes and merges; a crash keeps %s',
    (crashKeeps) => {
      const crashes = fc.array(fc.integer({ min: 100_000, max: 700_000 }), { minLength: 1, maxLength: 4 });
      const sizes = fc.record({
        memoryRecords: fc.integer({ min: 1, max: 5 }),
        compactionFanIn: fc.integer({ min: 2, max: 3 }),
      });
      fc.assert(
        fc.property(
          crashes,
          sizes,
          fc.integer({ min: 1, max: 12 }),
          fc.string({ minLength: 1 }),
          (times, options, different, seed) => {
            const faults = times.map((at, i) => crash({ node: 'n1', at: (at + i * 250_000) as Micros, for: ms(30) }));
            expectAllKept(told({ keys: many(120, different), faults, options, crashKeeps, seed }));
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test('goes on with the memory table while the disk is full, and flushes it later', () => {
    const faults = [diskFull({ node: 'n1', at: ms(30), for: ms(400) })];
    const story = told({ keys: many(80, 80), faults, options: { memoryRecords: 8, compactionFanIn: 2 } });
    expectAllKept(story);
    expect(story.counts['memory tables flushed']).toBeGreaterThan(3);
  });

  test('takes nothing for durable that a failed sync has lost', () => {
    const options = { memoryRecords: 2, compactionFanIn: 2, tableRead: '4ms' } as const;
    fc.assert(
      fc.property(fc.integer({ min: 20_000, max: 400_000 }), fc.integer({ min: 500, max: 4_000 }), (at, length) => {
        const faults = [
          fsyncFail({ node: 'n1', at: at as Micros, for: length as Micros }),
          crash({ node: 'n1', at: ms(600), for: ms(30) }),
        ];
        expectAllKept(told({ keys: many(120, 5), faults, options, crashKeeps: 'nothing' }));
      }),
      { numRuns: 200 },
    );
  });

  test('comes back without a sorted table that has rotted, counts it, and serves the rest', () => {
    const faults = [bitRot({ node: 'n1', at: s(3), probability: 0.3 }), crash({ node: 'n1', at: s(3.1), for: ms(30) })];
    const story = told({ keys: many(60, 60), faults, options: { memoryRecords: 4, compactionFanIn: 50 }, seed: 'rot' });
    expect(story.counts['damaged sorted tables']).toBeGreaterThan(0);
    expect(story.found.size).toBeGreaterThan(20);
    expect(story.state.broken).toBe(false);
  });

  test('serves nobody when both copies of its manifest have rotted', () => {
    const faults = [bitRot({ node: 'n1', at: s(3), probability: 1 }), crash({ node: 'n1', at: s(3.1), for: ms(30) })];
    const { state } = told({ keys: many(20, 20), faults, options: { memoryRecords: 4 } });
    expect(state).toMatchObject({ broken: true, ready: false });
  });

  test.each([{ memoryRecords: 0 }, { compactionFanIn: 1 }, { bloomBitsPerKey: 0 }, { tableRead: '-1ms' }])(
    'refuses %j',
    (options) => {
      expect(() => dynamoNode({ nodes: [{ id: 'n1', index: 0 }], ...options })).toThrow(ConfigError);
    },
  );
});
