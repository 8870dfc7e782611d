/** Raft: interaction files, each by a section of the paper; whole runs; random schedules of faults. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  constant,
  defineScenario,
  exponential,
  holds,
  ms,
  partition,
  run,
  s,
  type NodeRef,
  type RunResult,
  type WorldBuilder,
} from '../../../sim/index.ts';
import {
  kvClient,
  raft,
  raftStore,
  raftView,
  type KvClientOptions,
  type RaftOptions,
  type RaftProtocol,
  type RaftState,
} from '../../../models/index.ts';
import { copyToWriteFirst } from '../../../models/consensus/raft/storage.ts';
import raftLeaseClock from '../../../scenarios/raft-lease-clock.ts';
import raftVolatileVote from '../../../scenarios/raft-volatile-vote.ts';
import { storeContract } from '../replication/store-contract.ts';
import { replayed } from './raft-interactions.ts';
import { SHAPES, underTest } from './raft-under-test.ts';
import { broken, expectPromisesKept, expectSameWhilePartlyRecorded } from './random-schedules.ts';

const FOLDER = new URL('raft-interactions/', import.meta.url);
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.txt'))
  .sort();

describe('interactions', () => {
  // ORRERY_UPDATE_INTERACTIONS=1 writes what comes out now into the files, to be read in the diff.
  test.each(files)('%s goes as written down', (name) => {
    const file = new URL(name, FOLDER);
    const text = readFileSync(file, 'utf8');
    const now = replayed(text);
    if (process.env['ORRERY_UPDATE_INTERACTIONS'] === undefined) expect(now).toBe(text);
    else writeFileSync(file, now);
  });
});

const group = (world: WorldBuilder, size: number, options: Partial<RaftOptions> = {}): NodeRef<RaftProtocol>[] => {
  const nodes = world.refs<RaftProtocol>('n', size);
  const actor = raft({ nodes, ...options });
  for (const node of nodes) world.node(node, { actor });
  return nodes;
};

storeContract(
  'a Raft group as a store',
  (world) => {
    const nodes = group(world, 5, { snapshotEvery: 50, keepEntries: 5 });
    return { nodes: nodes as readonly NodeRef[], store: raftStore({ nodes }) };
  },
  ['n1', 'n2', 'n3', 'n4', 'n5'],
);

test.each([
  ['is older', { 'ballot-a': { serial: 7 }, 'ballot-b': { serial: 6 } }, 1],
  ['is older, the other way round', { 'ballot-a': { serial: 6 }, 'ballot-b': { serial: 7 } }, 0],
  ['is damaged', { 'ballot-a': { serial: 7 } }, 1],
  ['is damaged, the other way round', { 'ballot-b': { serial: 7 } }, 0],
] as const)('of the two copies of term and vote, the one that %s is written first', (_what, files, first) => {
  const kept: Readonly<Record<string, unknown>> = files;
  const read = <T>(file: string): T | undefined => kept[file] as T | undefined;
  expect(copyToWriteFirst({ read, log: () => [], damage: () => [] })).toBe(first);
});

describe.each(SHAPES)('random schedules: $name', (shape) => {
  test('keep the invariants, and reads and writes linearizable', () => expectPromisesKept(underTest(shape), 'raft'));

  test('are the same while part of them is recorded', () => expectSameWhilePartlyRecorded(underTest(shape)));
});

describe('cost', () => {
  const costOf = (options: Partial<RaftOptions>, client: Partial<KvClientOptions>): RunResult =>
    run(
      defineScenario({
        name: 'raft-cost',
        question: 'What does an operation cost?',
        duration: s(3),
        recovery: false,
        build({ world }) {
          world.links({ latency: constant(ms(1)) });
          const nodes = group(world, 5, { electionTimeout: '300ms', heartbeat: '290ms', ...options });
          const actor = kvClient({ store: raftStore({ nodes }), from: s(1), until: ms(2_900), ...client });
          world.node('c', { actor });
          return {};
        },
        checks: () => [],
        expect: holds(),
      }),
      { seed: 'cost' },
    );
  const messages = ({ network }: RunResult): number => network.sent;
  const done = ({ operations }: RunResult): number => operations.filter(({ outcome }) => outcome === 'ok').length;

  // What a second run with more operations sends beyond the first one: the rest is the same.
  function perOperation(options: Partial<RaftOptions>, client: Partial<KvClientOptions>): number {
    const [few, many] = [10, 110].map((operations) =>
      costOf(options, { ...client, operations, think: exponential({ mean: ms(1) }) }),
    ) as [RunResult, RunResult];
    expect(done(many) - done(few)).toBe(100);
    return (messages(many) - messages(few)) / 100;
  }

  test('a commit takes 2 (n − 1) messages, and two with the client [P5]', () => {
    expect(perOperation({}, { reads: 0 })).toBeCloseTo(8 + 2, 0);
  });

  test('a read by read index takes a round of heartbeats, a read by lease none', () => {
    expect(perOperation({}, { reads: 1 })).toBeCloseTo(8 + 2, 0);
    expect(perOperation({ reads: 'lease' }, { reads: 1 })).toBeCloseTo(2, 0);
  });
});

test('a server that keeps entries which its snapshot covers shows its log from the snapshot on', () => {
  const entryOf = (index: number) => ({ index, term: index, before: index - 1, content: { kind: 'none' } });
  const state = {
    log: { base: { index: 2, term: 2 }, entries: [3, 4, 5, 6].map(entryOf) },
    snapshot: { last: { index: 4, term: 4 } },
    durable: { term: 6, votedFor: null, lastIndex: 6 },
  };
  const { log, snapshotIndex, snapshotTerm } = raftView(state as unknown as RaftState);
  expect([log.firstIndex, log.lastIndex, snapshotIndex, snapshotTerm]).toEqual([5, 6, 4, 4]);
  expect([log.termAt(5), log.termAt(6)]).toEqual([5, 6]);
  expect(log.commandAt(6)).toBe(state.log.entries[3]?.content);
});

test('reads at whoever believes to lead are caught', () => {
  const scenario = underTest({ name: 'local reads', nodes: 5, options: { reads: 'local', checkQuorum: false } });
  const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'c1', 'c2', 'c3'];
  const caught = names.slice(0, 5).flatMap((node) => {
    const groups = [[node, 'c1'], names.filter((name) => name !== node && name !== 'c1')];
    return broken(run(scenario, { seed: 'local', faults: [partition({ groups, at: s(1), for: s(2) })] }));
  });
  expect(caught.length).toBeGreaterThan(0);
  expect(caught.filter((line) => !line.startsWith('linearizable'))).toEqual([]);
});

describe('what it rests on', () => {
  const violated = (result: RunResult): string[] =>
    result.verdicts.filter(({ status }) => status !== 'held').map(({ check }) => check);

  test('a vote that is forgotten makes two leaders of one term; one that is written down does not', () => {
    const naive = violated(run(raftVolatileVote, { seed: 'vote' }));
    expect(naive).toEqual(expect.arrayContaining(['election safety', 'one vote a term', 'state-machine safety']));
    expect(violated(run(raftVolatileVote, { seed: 'vote', params: { persistence: 'full' } }))).toEqual([]);
  });

  test('a lease that trusts a slow clock reads what was overwritten; one that allows for it does not', () => {
    expect(violated(run(raftLeaseClock, { seed: 'lease', params: { driftBoundPpm: 0 } }))).toEqual([
      'linearizable register',
    ]);
    expect(violated(run(raftLeaseClock, { seed: 'lease' }))).toEqual([]);
  });
});

test.each([
  [{ nodes: [] }, 'raft.nodes'],
  [{ voters: ['n9'] }, 'raft.voters'],
  [{ voters: [] }, 'raft.voters'],
  [{ heartbeat: '400ms' }, 'raft.heartbeat'],
  [{ reads: 'lease', checkQuorum: false }, 'raft.checkQuorum'],
  [{ driftBoundPpm: 1_000_000 }, 'raft.driftBoundPpm'],
  [{ batch: 0 }, 'raft.batch'],
  [{ snapshotEvery: 0.5 }, 'raft.snapshotEvery'],
  [{ voters: ['n1', 'n1'] }, 'raft.voters: got ["n1","n1"], expected each voter once'],
  [{ nodes: [1, 2].map(() => ({ id: 'n1', index: 0 })) }, 'raft.nodes: got ["n1","n1"], expected each node once'],
  [{ persistence: 'ful' }, 'raft.persistence: got "ful", expected one of full, no-vote; did you mean "full"?'],
  [{ reads: 'leases' }, 'raft.reads: got "leases", expected one of read-index, lease, local'],
] as [Partial<RaftOptions>, string][])('refuses %j, naming %s', (options, field) => {
  const nodes = [{ id: 'n1', index: 0 }];
  expect(() => raft({ nodes, ...options })).toThrow(field);
});

test.each([
  [{ readAt: 'all' }, 'raftStore.readAt: got "all", expected one of leader, any'],
  [{ pause: 0 }, 'raftStore.pause: got 0, expected a duration above 0'],
  [{ nodes: [] }, 'raftStore.nodes: got [], expected at least one node'],
])('a store refuses %j', (options, message) => {
  const wrong = { nodes: [{ id: 'n1', index: 0 }], ...options } as Parameters<typeof raftStore>[0];
  expect(() => raftStore(wrong)).toThrow(message);
});
