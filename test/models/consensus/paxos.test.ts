/** Paxos: single-decree and Multi-Paxos; what a ballot costs; takeovers, lagging and rotten servers; random schedules of faults. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bitRot,
  constant,
  crash,
  defineActor,
  defineScenario,
  exponential,
  holds,
  ms,
  nemesisOf,
  partition,
  paxosInvariants,
  run,
  s,
  sometimes,
  type Actor,
  type Check,
  type Fault,
  type NodeRef,
  type RunResult,
  type Scenario,
} from '../../../sim/index.ts';
import {
  kvClient,
  multiPaxos,
  multiPaxosStore,
  multiPaxosView,
  singleDecreePaxos,
  singleDecreeView,
  type MultiPaxosOptions,
  type MultiPaxosProtocol,
  type MultiPaxosState,
  type SingleDecreeOptions,
  type SingleDecreeProtocol,
  type SingleDecreeState,
} from '../../../models/index.ts';
import { ballotAbove } from '../../../models/consensus/paxos/ballots.ts';
import { quorumSizes } from '../../../models/consensus/paxos/quorum-sizes.ts';
import paxosDurablePromise from '../../../scenarios/paxos-durable-promise.ts';
import paxosLostPromise from '../../../scenarios/paxos-lost-promise.ts';
import { storeContract } from '../replication/store-contract.ts';
import { PAXOS_SHAPES, paxosUnderTest } from './paxos-under-test.ts';
import { broken, expectPromisesKept, expectSameWhilePartlyRecorded } from './random-schedules.ts';

type Received = Record<string, number>;

/** The actor, with every message that it receives counted by name; those that `loses` names are not handled. */
function counting<S, P>(
  actor: Actor<S, P>,
  counts: Received,
  loses?: (name: string, message: never) => boolean,
): Actor<S, P> {
  const on = Object.fromEntries(
    Object.entries((actor.on ?? {}) as Record<string, (...args: never[]) => unknown>).map(([name, step]) => [
      name,
      (...args: never[]) => {
        counts[name] = (counts[name] ?? 0) + 1;
        return loses?.(name, args[1] as never) === true ? undefined : step(...args);
      },
    ]),
  );
  const flows = Object.fromEntries(
    Object.entries((actor.flows ?? {}) as Record<string, (...args: never[]) => unknown>).map(([name, flow]) => [
      name,
      (...args: never[]) => {
        counts[name] = (counts[name] ?? 0) + 1;
        return flow(...args);
      },
    ]),
  );
  return { ...actor, on: on as never, flows: flows as never };
}

describe('numbers', () => {
  test('a ballot is above what was seen, belongs to its proposer, and is the lowest that does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 10_000 }), fc.integer({ min: 1, max: 9 }), fc.nat(8), (seen, n, k) => {
        const index = k % n;
        const ballot = ballotAbove(seen, index, n);
        expect(ballot).toBeGreaterThan(seen);
        expect(ballot % n).toBe(index);
        expect(ballot - n).toBeLessThanOrEqual(seen);
      }),
    );
  });

  test('quorums are taken exactly when those of the two phases must meet', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, (n, prepareQuorum, acceptQuorum) => {
        const meet = prepareQuorum <= n && acceptQuorum <= n && prepareQuorum + acceptQuorum > n;
        const made = (): unknown => quorumSizes(n, { prepareQuorum, acceptQuorum }, 'paxos');
        if (meet) expect(made()).toEqual({ prepareQuorum, acceptQuorum });
        else expect(made).toThrow(/paxos\.(prepareQuorum|acceptQuorum)/);
      }),
    );
  });
});

storeContract(
  'a Multi-Paxos group as a store',
  (world) => {
    const nodes = world.refs<MultiPaxosProtocol>('n', 3);
    const actor = multiPaxos({ nodes, snapshotEvery: 50, keepSlots: 5 });
    for (const node of nodes) world.node(node, { actor });
    return { nodes: nodes as readonly NodeRef[], store: multiPaxosStore({ nodes }) };
  },
  ['n1', 'n2', 'n3'],
);

describe.each(PAXOS_SHAPES)('random schedules: $name', (shape) => {
  test('keep the invariants, and reads and writes linearizable', () =>
    expectPromisesKept(paxosUnderTest(shape), 'paxos'));
});

test.each(PAXOS_SHAPES.slice(1, 3))('schedules are the same while part of them is recorded: $name', (shape) =>
  expectSameWhilePartlyRecorded(paxosUnderTest(shape)),
);

interface Group {
  readonly size: number;
  readonly options?: Omit<MultiPaxosOptions, 'nodes'>;
  readonly seconds?: number;
  readonly operations?: number;
  readonly reads?: number;
  readonly counts?: Received;
  readonly loses?: (name: string, message: never) => boolean;
  readonly checks?: (nodes: readonly NodeRef[]) => readonly Check[];
}

/** One client, one way 1 ms, and timeouts that only a fault can let pass. */
const steady = ({
  size,
  options = {},
  seconds = 3,
  operations,
  reads = 0,
  counts = {},
  loses,
  checks,
}: Group): Scenario =>
  defineScenario({
    name: 'paxos-steady',
    question: 'What does a group do?',
    duration: s(seconds),
    recovery: false,
    build({ world, duration }) {
      world.links({ latency: constant(ms(1)) });
      const nodes = world.refs<MultiPaxosProtocol>('n', size);
      const actor = counting(multiPaxos({ nodes, ...options }), counts, loses);
      for (const node of nodes) world.node(node, { actor });
      const until = duration - ms(500);
      const limit = operations === undefined ? {} : { operations };
      const store = multiPaxosStore({ nodes });
      world.node('c', {
        actor: kvClient({ store, reads, from: s(1), until, think: exponential({ mean: ms(8) }), ...limit }),
      });
      return { nodes };
    },
    checks: ({ nodes }) => [
      ...paxosInvariants<MultiPaxosState>({ view: multiPaxosView, roles: ['replica'] }),
      ...(checks?.(nodes) ?? []),
    ],
    expect: holds(),
  });

const answered = ({ operations }: RunResult): number => operations.filter(({ outcome }) => outcome === 'ok').length;

describe('cost', () => {
  const counted = (size: number, operations: number, reads: number, options = {}): Received => {
    const counts: Received = {};
    const result = run(steady({ size, operations, reads, counts, options }), { seed: 'cost' });
    expect(answered(result)).toBe(operations);
    return counts;
  };
  // What more operations take beyond what fewer do: the rest is the same.
  const each = (size: number, reads: number, options = {}): Received => {
    const [few, many] = [10, 60].map((operations) => counted(size, operations, reads, options)) as [Received, Received];
    return Object.fromEntries(Object.keys(many).map((name) => [name, ((many[name] ?? 0) - (few[name] ?? 0)) / 50]));
  };

  test.each([3, 5, 7])('[P5] a stable leader of %i has a command chosen with 2 (n − 1) messages', (n) => {
    const { accept = 0, accepted = 0, prepare, promise, catchUp } = each(n, 0);
    expect(accept + accepted).toBe(2 * (n - 1));
    expect([prepare, promise, catchUp]).toEqual([0, 0, undefined]);
  });

  test.each([3, 5, 7])('[P5] full Paxos among %i takes 4 (n − 1) messages, and n − 1 to tell the others', (n) => {
    const counts: Received = {};
    const result = run(decided({ size: n, proposers: 1, counts }), { seed: 'full' });
    const { prepare = 0, accept = 0, learn } = counts;
    // Each request has its answer; what the client says to the proposer is not of the protocol.
    expect(result.network.sent - 2 - (learn ?? 0)).toBe(4 * (n - 1));
    expect([prepare, accept, learn]).toEqual([n - 1, n - 1, n - 1]);
  });

  test('a read takes a round of heartbeats, or through the log what a command takes', () => {
    const { heartbeat = 0, alive = 0, accept: none = 0 } = each(5, 1);
    expect(heartbeat + alive).toBeCloseTo(8, 0);
    expect(none).toBe(0);
    const { accept = 0, accepted = 0 } = each(5, 1, { reads: 'log' });
    expect(accept + accepted).toBe(8);
  });
});

describe('takeovers', () => {
  /** What is chosen in a slot, at any server that still has it. */
  const chosenAt = (view: { state<S>(node: NodeRef): S | undefined }, nodes: readonly NodeRef[], slot: number) =>
    nodes.flatMap((node) => view.state<MultiPaxosState>(node)?.log.slots[slot - 1]?.chosen ?? []);

  test('a gap is filled with a no-op, and what stands behind it is kept', () => {
    // What the first leader proposes in slot 20 reaches nobody: a client waits for it, the reader's no-ops go on behind it.
    let leader = '';
    const loses = (name: string, message: { from: string; proposals: readonly { slot: number }[] }): boolean => {
      if (name !== 'accept' || message.proposals.every(({ slot }) => slot !== 20)) return false;
      leader ||= message.from;
      return message.from === leader;
    };
    const scenario = steady({
      size: 3,
      seconds: 4,
      reads: 0.5,
      options: { reads: 'log', snapshotEvery: Infinity, patience: '200ms' },
      loses: loses as never,
      checks: (nodes) => [
        sometimes('slot 20 is filled with nothing', (view) =>
          chosenAt(view, nodes, 20).some(({ kind }) => kind === 'none'),
        ),
        sometimes('slot 21 is chosen', (view) => chosenAt(view, nodes, 21).length > 0),
      ],
    });
    const isolated = ['n1', 'n2', 'n3'].map((node) => crash({ node, at: s(2), for: s(1) }));
    const found = isolated.map((fault) => {
      leader = '';
      return broken(run(scenario, { seed: 'gap', faults: [fault] }));
    });
    // The leader is one of the three: its crash makes another one look.
    expect(found).toContainEqual([]);
    expect(found.flat().filter((line) => !line.startsWith('slot'))).toEqual([]);
  });

  test('a server that was away gets a snapshot and what came after it', () => {
    const far = partition({ at: s(1), for: s(1.5), groups: [['n1'], ['n2', 'n3', 'c']] });
    const scenario = steady({
      size: 3,
      seconds: 4,
      options: { snapshotEvery: 10, keepSlots: 2 },
      checks: (nodes) => [
        sometimes('all are level', (view) => {
          const applied = nodes.map((node) => view.state<MultiPaxosState>(node)?.appliedTo ?? 0);
          return view.now > s(2.6) && Math.min(...applied) > 50 && new Set(applied).size === 1;
        }),
        sometimes(
          'n1 lags',
          (view) => view.now > s(2) && (view.state<MultiPaxosState>(nodes[0] as NodeRef)?.appliedTo ?? 99) < 50,
        ),
      ],
    });
    expect(broken(run(scenario, { seed: 'away', faults: [far] }))).toEqual([]);
  });

  test('a server whose votes have rotted promises nothing until it has learned what was chosen', () => {
    const scenario = steady({
      size: 3,
      seconds: 4,
      options: { snapshotEvery: Infinity },
      checks: (nodes) => [
        sometimes(
          'n2 knows of its loss',
          (view) => (view.state<MultiPaxosState>(nodes[1] as NodeRef)?.lostTo ?? 0) > 0,
        ),
        sometimes('n2 has made it good', (view) => {
          const state = view.state<MultiPaxosState>(nodes[1] as NodeRef);
          return view.now > s(2.5) && state?.lostTo === 0 && state.appliedTo > 50;
        }),
      ],
    });
    const faults: Fault[] = [
      bitRot({ node: 'n2', at: s(2), probability: 0.1 }),
      crash({ node: 'n2', at: s(2.01), for: ms(200) }),
    ];
    const result = run(scenario, { seed: 'rot-3', faults });
    expect(broken(result)).toEqual([]);
  });
});

interface Decided {
  readonly size: number;
  readonly proposers: number;
  readonly options?: Omit<SingleDecreeOptions, 'nodes'>;
  readonly counts?: Received;
}

/** Clients that ask different servers, 5 ms apart, for a decree, each with a value of its own. */
function decided({ size, proposers, options = {}, counts = {} }: Decided): Scenario {
  const asking = (server: NodeRef<SingleDecreeProtocol>, stagger: number): Actor<object, object> =>
    defineActor<object, object>({
      role: 'client',
      init: () => ({}),
      start: (_state, ctx) =>
        ctx.spawn(
          (function* () {
            yield* ctx.sleep(ms(100) + stagger * ms(5));
            const id = ctx.invoked({ f: 'propose', key: 'd', input: ctx.self.id });
            try {
              const { value } = yield* ctx.call(server, 'propose', { decree: 'd', value: ctx.self.id });
              ctx.completed(id, 'ok', value, server);
            } catch {
              ctx.completed(id, 'info');
            }
          })(),
        ),
    });
  return defineScenario({
    name: 'paxos-decree',
    question: 'Is one value chosen?',
    duration: s(4),
    recovery: false,
    build({ world }) {
      world.links({ latency: constant(ms(5)) });
      const nodes = world.refs<SingleDecreeProtocol>('n', size);
      const actor = counting(singleDecreePaxos({ nodes, ...options }), counts);
      for (const node of nodes) world.node(node, { actor, disk: { fsync: constant(500) } });
      for (const [i, ref] of world.refs<object>('c', proposers).entries())
        world.node(ref, { actor: asking(nodes[i % size] as NodeRef<SingleDecreeProtocol>, i) });
      return {};
    },
    checks: () => paxosInvariants<SingleDecreeState>({ view: singleDecreeView('d'), roles: ['replica'] }),
    expect: holds(),
  });
}

describe('one decree', () => {
  const decisions = ({ operations }: RunResult): unknown[] => operations.flatMap(({ output }) => output ?? []);

  test('proposers that hurry refuse each other for ever; one that waits lets another finish', () => {
    const first = (options: Omit<SingleDecreeOptions, 'nodes'>): number => {
      const result = run(decided({ size: 3, proposers: 3, options }), { seed: 'duel' });
      expect(broken(result)).toEqual([]);
      expect(new Set(decisions(result)).size).toBe(1);
      return Math.min(
        ...result.operations.map(({ completedAt, outcome }) => (outcome === 'ok' ? completedAt : Infinity)),
      );
    };
    // Until one of them has lost its patience.
    expect(first({ backoff: 0 })).toBeGreaterThan(s(2));
    expect(first({})).toBeLessThan(ms(500));
  });

  test('under random faults all that is answered is one value, which somebody has proposed', () => {
    const scenario = decided({ size: 5, proposers: 3 });
    const { draw, profiles } = nemesisOf(scenario);
    let answers = 0;
    fc.assert(
      fc.property(fc.constantFrom(...profiles), fc.nat(1_000), (profile, k) => {
        const result = run(scenario, { seed: `d${k}`, faults: draw(profile, 'decree', k) });
        expect(broken(result)).toEqual([]);
        const values = [...new Set(decisions(result))];
        expect(values.length).toBeLessThanOrEqual(1);
        expect(values.filter((value) => !['c1', 'c2', 'c3'].includes(value as string))).toEqual([]);
        answers += decisions(result).length;
      }),
      { seed: 7, numRuns: 60 },
    );
    expect(answers).toBeGreaterThan(60);
  });

  test('an acceptor that does not flush lets two values be chosen', () => {
    const scenario = decided({ size: 3, proposers: 2, options: { sync: 'never', backoff: '1s' } });
    const { draw, profiles } = nemesisOf(scenario);
    const crashes = profiles.find(({ name }) => name === 'crashes') as (typeof profiles)[number];
    const found = Array.from({ length: 40 }, (_, k) =>
      broken(run(scenario, { seed: `f${k}`, faults: draw(crashes, 'forgetful', k) })),
    ).flat();
    expect(found.filter((line) => line.startsWith('promises never go back')).length).toBeGreaterThan(0);
  });
});

test('votes that are not flushed are forgotten, and two values are chosen in a slot; with the flush they are not', () => {
  for (const seed of ['1', '2']) {
    const lost = broken(run(paxosLostPromise, { seed })).map((line) => line.split(' violated')[0]);
    expect(lost).toEqual(expect.arrayContaining(['promises never go back', 'one value is chosen a slot']));
    expect(broken(run(paxosDurablePromise, { seed }))).toEqual([]);
  }
});

test.each([
  [{ nodes: [] }, 'multiPaxos.nodes'],
  [{ heartbeat: '400ms' }, 'multiPaxos.heartbeat'],
  [{ acceptQuorum: 1 }, 'multiPaxos.prepareQuorum'],
  [{ prepareQuorum: 4 }, 'multiPaxos.prepareQuorum'],
  [{ batch: 0 }, 'multiPaxos.batch'],
  [{ snapshotEvery: 0.5 }, 'multiPaxos.snapshotEvery'],
  [{ nodes: [1, 2].map(() => ({ id: 'n1', index: 0 })) }, 'multiPaxos.nodes: got ["n1","n1"], expected each node once'],
  [{ reads: 'logs' }, 'multiPaxos.reads: got "logs", expected one of read-index, log; did you mean "log"?'],
  [{ sync: 'always' }, 'multiPaxos.sync: got "always", expected one of before-answering, never'],
] as [Partial<MultiPaxosOptions>, string][])('refuses %j, naming %s', (options, field) => {
  const nodes = [1, 2, 3].map((k) => ({ id: `n${k}`, index: k - 1 }));
  expect(() => multiPaxos({ nodes, ...options })).toThrow(field);
});

test.each([
  [{ sync: 'nevr' }, 'singleDecreePaxos.sync: got "nevr", expected one of before-answering, never'],
  [{ attempt: 0 }, 'singleDecreePaxos.attempt: got 0, expected a duration above 0'],
] as [Partial<SingleDecreeOptions>, string][])('single-decree Paxos refuses %j', (options, message) => {
  const nodes = [{ id: 'n1', index: 0 }];
  expect(() => singleDecreePaxos({ nodes, ...options })).toThrow(message);
});
