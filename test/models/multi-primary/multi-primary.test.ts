/** Multi-primary replication: what each policy keeps, how changes travel, what crashes and clients do to it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalJson,
  constant,
  crash,
  defineScenario,
  holds,
  loss,
  ms,
  partition,
  run,
  s,
  stronglyConverges,
  converges,
  type Check,
  type Fault,
  type NodeRef,
  type RunResult,
  type Scenario,
} from '../../../sim/index.ts';
import {
  kvClient,
  lwwValues,
  mergedCounter,
  mergedSet,
  multiPrimary,
  multiPrimaryStore,
  siblings,
  type Change,
  type ConflictPolicy,
  type KvClientState,
  type MultiPrimaryOptions,
  type MultiPrimaryProtocol,
  type MultiPrimaryState,
} from '../../../models/index.ts';
import { faultsFor } from '../replication/random-faults.ts';

const NAMES = ['n1', 'n2', 'n3'];
const nothing = (): MultiPrimaryState => ({
  cells: {},
  sessions: {},
  identity: '',
  broken: false,
  accepted: 0,
  returned: 0,
  compared: 0,
});

interface Setup {
  readonly policy: ConflictPolicy;
  readonly options?: Partial<MultiPrimaryOptions>;
  readonly edit?: (key: string, value: string) => Change;
  readonly readFirst?: boolean;
  /** Edits of each client, 20 ms apart. */
  readonly edits?: number;
  readonly clients?: readonly number[];
}

interface Ended {
  readonly result: RunResult;
  readonly states: readonly MultiPrimaryState[];
  /** Edits sent to other nodes. */
  readonly sent: number;
}

const add = (key: string, value: string): Change => ({ f: 'add', key, value });

/** Three nodes, a client beside each of `clients`, and what the nodes hold in the end. */
function group({ policy, options = {}, edit = add, readFirst = false, edits = 20, clients = [0, 1, 2] }: Setup): {
  readonly scenario: Scenario;
  readonly play: (faults?: readonly Fault[], seed?: string, record?: boolean) => Ended;
} {
  let states: MultiPrimaryState[] = [];
  const ending: Check = {
    name: 'end',
    kind: 'history',
    promise: 'none',
    begin: (view) => ({
      finish() {
        states = NAMES.map((id) => structuredClone(view.state<MultiPrimaryState>(id) ?? nothing()));
        return { check: 'end', kind: 'history', status: 'held', message: '' };
      },
    }),
  };
  const scenario = defineScenario({
    name: 'multi-primary-under-test',
    question: 'Does the store keep its promises?',
    duration: s(8),
    recovery: false,
    build({ world }) {
      const nodes = world.refs<MultiPrimaryProtocol>('n', 3);
      for (const node of nodes)
        world.node(node, { actor: multiPrimary({ nodes, policy, ...options }), disk: { crashKeeps: 'nothing' } });
      for (const place of clients) {
        const store = multiPrimaryStore({ nodes: [...nodes.slice(place), ...nodes.slice(0, place)], readFirst });
        const client = kvClient({
          store,
          reads: 0,
          operations: edits,
          change: edit,
          think: constant(ms(20)),
          from: s(1),
        });
        world.node<KvClientState, Record<never, never>>(`c${place + 1}`, { actor: client });
      }
      return { nodes: nodes as readonly NodeRef[] };
    },
    checks: () => [
      ending,
      stronglyConverges({
        roles: ['primary'],
        view: ({ state }) => {
          const cell = (state as MultiPrimaryState).cells['x'];
          return cell === undefined ? undefined : { delivered: cell.delivered, state: cell.state };
        },
      }),
      converges({ states: () => states.map(({ cells }, i) => ({ replica: `n${i + 1}`, state: cells })) }),
    ],
    expect: holds(),
  });
  return {
    scenario,
    play(faults = [], seed = 'multi', record = false) {
      const result = run(scenario, { seed, faults, record });
      return { result, states, sent: result.network.sent };
    },
  };
}

const valueAt = (policy: ConflictPolicy, state: MultiPrimaryState | undefined, key = 'x'): unknown =>
  policy.value(state?.cells[key]?.state ?? policy.empty()).value;

const CUT = partition({
  at: ms(1_100),
  for: s(1),
  groups: [
    ['n1', 'c1'],
    ['n2', 'n3', 'c2', 'c3'],
  ],
});

const failures = ({ verdicts }: RunResult): string[] =>
  verdicts.filter(({ status }) => status !== 'held').map(({ check, message }) => `${check}: ${message}`);

describe('what a policy keeps of 60 additions on both sides of a cut', () => {
  const kept = (policy: ConflictPolicy, readFirst = false): number => {
    const { states, result } = group({ policy, readFirst }).play([CUT]);
    expect(failures(result)).toEqual([]);
    expect(result.operations.filter(({ outcome }) => outcome === 'ok')).toHaveLength(60);
    return (valueAt(policy, states[0]) as unknown[]).length;
  };

  test('a set of its own kind keeps all of them', () => {
    expect(kept(mergedSet())).toBe(60);
  });

  test('siblings keep all of them, changed at the node or at the client', () => {
    expect(kept(siblings())).toBe(60);
    expect(kept(siblings(), true)).toBe(60);
  });

  test('the last write keeps one side’s', () => {
    expect(kept(lwwValues())).toBeLessThan(45);
    expect(kept(lwwValues(), true)).toBeLessThan(45);
  });

  test('a counter counts all', () => {
    const policy = mergedCounter();
    const { states } = group({ policy, edit: (key) => ({ f: 'increment', key, by: 2 }) }).play([CUT]);
    expect(states.map((state) => valueAt(policy, state))).toEqual([120, 120, 120]);
  });

  test('what a policy does not know is refused, and certainly has not happened', () => {
    const edits = (policy: ConflictPolicy, edit: (key: string, value: string) => Change) =>
      group({ policy, edit, edits: 1 })
        .play()
        .result.operations.map(({ outcome }) => outcome);
    const cas = (key: string, value: string): Change => ({ f: 'cas', key, from: null, to: value });
    for (const policy of [mergedSet(), mergedCounter(), siblings(), lwwValues()])
      expect(edits(policy, cas)).toEqual(['fail', 'fail', 'fail']);
    expect(edits(mergedCounter(), add)).toEqual(['fail', 'fail', 'fail']);
  });
});

describe('how changes travel', () => {
  const policy = mergedSet();

  test('a mesh tells everybody once, a ring passes a change on until it is back at its origin', () => {
    const quiet = { antiEntropy: 'off' as const };
    const calls = 2 * 10;
    const mesh = group({ policy, options: quiet, clients: [0], edits: 10 }).play();
    expect(mesh.sent - calls).toBe(10 * 2);
    const ring = group({ policy, options: { ...quiet, topology: 'ring' }, clients: [0], edits: 10 }).play();
    expect(ring.sent - calls).toBe(10 * 2);
    for (const { states } of [mesh, ring]) {
      expect(states.map((state) => (valueAt(policy, state) as unknown[]).length)).toEqual([10, 10, 10]);
      expect(states.map(({ returned }) => returned)).toEqual([0, 0, 0]);
    }
  });

  test('a ring with a node down is cut: behind it nobody hears, until comparisons start again', () => {
    const down = [crash({ node: 'n2', at: ms(900), for: s(2) })];
    const heard = (antiEntropy: 'off' | '300ms') => {
      const { states } = group({ policy, options: { topology: 'ring', antiEntropy }, clients: [0], edits: 10 }).play(
        down,
      );
      return states.map((state) => (valueAt(policy, state) as unknown[]).length);
    };
    expect(heard('off')).toEqual([10, 0, 0]);
    expect(heard('300ms')).toEqual([10, 10, 10]);
  });

  test('without comparisons what the network loses stays lost', () => {
    const lossy = [loss({ at: ms(900), for: s(2), probability: 0.3, from: NAMES, to: NAMES })];
    const sizes = (antiEntropy: 'off' | '300ms') =>
      new Set(
        group({ policy, options: { antiEntropy } })
          .play(lossy)
          .states.map((state) => canonicalJson(state.cells)),
      ).size;
    // The last state of each node tells all that it knows; losing that one leaves the nodes apart.
    const tail = [loss({ at: ms(1_250), for: s(1), probability: 1, from: NAMES, to: NAMES })];
    const apart = group({ policy, options: { antiEntropy: 'off' } }).play(tail);
    expect(failures(apart.result).join()).toMatch(/the replicas converge/);
    expect(sizes('300ms')).toBe(1);
  });
});

describe('crashes', () => {
  const policy = mergedCounter();
  const edit = (key: string): Change => ({ f: 'increment', key, by: 1 });

  test('an acknowledged edit that nobody else has got survives its node’s crash, when it is synced first', () => {
    // n1 stands alone, accepts, and crashes before it can tell anybody.
    const cut = partition({
      at: ms(900),
      for: s(3),
      groups: [
        ['n1', 'c1'],
        ['n2', 'n3'],
      ],
    });
    const total = (fsync: 'always' | '1h') => {
      const { states, result } = group({ policy, edit, clients: [0], options: { fsync } }).play([
        cut,
        crash({ node: 'n1', at: s(2), for: ms(300) }),
      ]);
      const acknowledged = result.operations.filter(({ outcome }) => outcome === 'ok').length;
      expect(failures(result)).toEqual([]);
      return [acknowledged, valueAt(policy, states[1])];
    };
    expect(total('always')).toEqual([20, 20]);
    expect(total('1h')).toEqual([20, 0]);
  });

  test('a node that has forgotten what others got of it takes a new name, and its new edits count as well', () => {
    const { states, result } = group({ policy, edit, clients: [0], edits: 40, options: { fsync: '1h' } }).play([
      crash({ node: 'n1', at: ms(1_400), for: ms(100) }),
    ]);
    const acknowledged = result.operations.filter(({ outcome }) => outcome === 'ok').length;
    expect(failures(result)).toEqual([]);
    expect(acknowledged).toBeGreaterThan(25);
    for (const state of states) expect(valueAt(policy, state)).toBeGreaterThanOrEqual(acknowledged);
    expect(states[0]?.identity).toMatch(/^n1~/);
    expect(Object.keys(states[1]?.cells['x']?.delivered ?? {})).toHaveLength(
      result.operations.some(({ node }) => node === 'n2') ? 3 : 2,
    );
  });
});

describe('under any faults that heal', () => {
  test.each([
    ['mesh', mergedSet()],
    ['ring', siblings()],
    ['mesh', lwwValues()],
  ] as const)('%s: replicas with the same deliveries are in the same state, and all end in one', (topology, policy) => {
    const { play } = group({ policy, options: { topology }, edits: 15 });
    const shape = { nodes: NAMES, clients: ['c1', 'c2', 'c3'], before: s(5) };
    fc.assert(
      fc.property(faultsFor(shape), fc.string({ minLength: 1, maxLength: 6 }), (faults, seed) => {
        const { result, states } = play(faults, seed);
        // A failed disk stops edits, not sharing; a crash loop or a frozen clock may leave work to the end.
        expect(
          failures(result).filter((line) => !line.includes('the run ended') && !line.includes('still open')),
        ).toEqual([]);
        const sets = states.map((state) => valueAt(policy, state));
        if (topology === 'mesh' && policy.name === 'merged set') {
          const acknowledged = result.operations.filter(({ outcome }) => outcome === 'ok').map(({ input }) => input);
          expect(sets[0] ?? []).toEqual(expect.arrayContaining(acknowledged));
        }
      }),
      { numRuns: 8 },
    );
  });

  test('is the same on the fast and on the recorded path', () => {
    for (const policy of [mergedSet(), siblings(), lwwValues()]) {
      const { play } = group({ policy, edits: 6 });
      expect(play([CUT], 'paths', true).result.digest).toBe(play([CUT], 'paths').result.digest);
    }
  });
});

describe('options', () => {
  test('names what is wrong', () => {
    const nodes = [{ id: 'n1', index: 0 }];
    const policy = mergedSet();
    expect(() => multiPrimary({ nodes: [], policy })).toThrow(/multiPrimary\.nodes: .*at least one node/);
    expect(() => multiPrimary({ nodes, policy, antiEntropy: 0 })).toThrow(
      /multiPrimary\.antiEntropy: got 0, expected a time above 0/,
    );
    expect(() => multiPrimary({ nodes, policy, fsync: 0 })).toThrow(
      /multiPrimary\.fsync: got 0, expected a time above 0/,
    );
    expect(() => multiPrimaryStore({ nodes: [] })).toThrow(/multiPrimaryStore\.nodes/);
  });

  test.each([
    [{ topology: 'star' }, 'multiPrimary.topology: got "star", expected one of mesh, ring'],
    [{ policy: 'lww' }, 'multiPrimary.policy: got "lww", expected a conflict policy such as lwwValues()'],
    [
      { nodes: [1, 2].map(() => ({ id: 'n1', index: 0 })) },
      'multiPrimary.nodes: got ["n1","n1"], expected each node once',
    ],
  ])('refuses %j', (options, message) => {
    const right = { nodes: [{ id: 'n1', index: 0 }], policy: mergedSet() };
    expect(() => multiPrimary({ ...right, ...options } as MultiPrimaryOptions)).toThrow(message);
  });

  test('a store refuses to wait for no time at all', () => {
    expect(() => multiPrimaryStore({ nodes: [{ id: 'n1', index: 0 }], attempt: 0 })).toThrow(
      'multiPrimaryStore.attempt: got 0, expected a duration above 0',
    );
  });
});
