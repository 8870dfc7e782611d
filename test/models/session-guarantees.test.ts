/**
 * Consistency models, one below the other: for each a store that keeps it in every run, and one that breaks it and keeps whatever does not
 * imply it. (Terry et al., PDIS 1994; PRAM is the first three guarantees, and causal all four: Brzezinski et al., 2004.)
 */
import { describe, expect, test } from '@jest/globals';
import {
  checkCausal,
  checkGuarantee,
  checkSequential,
  ConfigError,
  defineScenario,
  holds,
  judgeLinearizable,
  ms,
  partition,
  register,
  run,
  s,
  type NodeRef,
  type Operation,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  primaryReplica,
  primaryStore,
  SESSION_PROMISES,
  sessionClient,
  sessionServer,
  type KvClientState,
  type ReplicaProtocol,
  type SessionClientState,
  type SessionPromise,
  type SessionServerProtocol,
} from '../../models/index.ts';

type Judge = (operations: readonly Operation[]) => { readonly status: string };

const MODELS: Readonly<Record<string, Judge>> = {
  linearizable: (operations) => judgeLinearizable(register(), operations),
  sequential: (operations) => checkSequential(operations),
  causal: (operations) => checkCausal(operations, 'causal'),
  PRAM: (operations) => checkCausal(operations, 'pram'),
  ...Object.fromEntries(
    SESSION_PROMISES.map((promise): [string, Judge] => [promise, (operations) => checkGuarantee(operations, promise)]),
  ),
};

const RUNS = 24;

/** The runs' histories: a store, three clients, and the servers apart for a while. */
function histories(place: (world: WorldBuilder) => void): readonly (readonly Operation[])[] {
  const scenario = defineScenario({
    name: 'sessions',
    question: 'Which consistency models does the store keep?',
    duration: s(3),
    recovery: false,
    build({ world }) {
      place(world);
      return {};
    },
    faults: () => [partition({ at: ms(400), for: ms(1_000), groups: [['n1'], ['n2', 'n3']] })],
    checks: () => [],
    expect: holds(),
  });
  return Array.from({ length: RUNS }, (_, seed) => run(scenario, { seed: `sessions/${seed}` }).operations);
}

const sessions =
  (promises: readonly SessionPromise[], writeAt?: number) =>
  (world: WorldBuilder): void => {
    const servers: readonly NodeRef<SessionServerProtocol>[] = world.refs('n', 3);
    for (const server of servers) world.node(server, { actor: sessionServer({ servers }) });
    const think = { kind: 'exponential', mean: ms(30) } as const;
    const writers = writeAt === undefined ? {} : { writeAt: servers.slice(0, writeAt) };
    const keys = ['x', 'y', 'z'];
    const actor = sessionClient({ servers, promises, keys, reads: 0.4, think, until: s(2), ...writers });
    for (const client of world.refs<Record<never, never>>('c', 4))
      world.node<SessionClientState, Record<never, never>>(client, { actor });
  };

/** One session that writes now and then, at one server, and three that only read, all the time. */
const seldomWritten =
  (promises: readonly SessionPromise[]) =>
  (world: WorldBuilder): void => {
    const servers: readonly NodeRef<SessionServerProtocol>[] = world.refs('n', 3);
    for (const server of servers) world.node(server, { actor: sessionServer({ servers }) });
    const [writer, ...readers] = world.refs<Record<never, never>>('c', 4);
    const common = { servers, promises, keys: ['x'], until: s(2) };
    const pace = (reads: number, mean: number) => ({ reads, think: { kind: 'exponential', mean: ms(mean) } as const });
    const actor = sessionClient({ ...common, writeAt: servers.slice(0, 1), ...pace(0.3, 250) });
    if (writer !== undefined) world.node<SessionClientState, Record<never, never>>(writer, { actor });
    for (const reader of readers)
      world.node<SessionClientState, Record<never, never>>(reader, {
        actor: sessionClient({ ...common, ...pace(1, 4) }),
      });
  };

const replicated = (world: WorldBuilder): void => {
  const nodes = world.refs<ReplicaProtocol>('n', 3);
  for (const node of nodes) world.node(node, { actor: primaryReplica({ nodes }) });
  const client = kvClient({
    store: primaryStore({ nodes }),
    keys: ['x', 'y'],
    think: { kind: 'exponential', mean: ms(60) },
    from: ms(400),
    until: s(2),
  });
  for (const ref of world.refs<Record<never, never>>('c', 3))
    world.node<KvClientState, Record<never, never>>(ref, { actor: client });
};

const without = (promise: SessionPromise): readonly SessionPromise[] =>
  SESSION_PROMISES.filter((other) => other !== promise);

const STRONGER_THAN_SESSIONS = ['linearizable', 'sequential', 'causal', 'PRAM'];

describe('which models a store keeps', () => {
  test.each<[string, (world: WorldBuilder) => void, readonly string[], readonly string[]]>([
    ['one log, read by majority', replicated, Object.keys(MODELS), []],
    [
      'one server that writes, all promises',
      sessions(SESSION_PROMISES, 1),
      Object.keys(MODELS).slice(1),
      ['linearizable'],
    ],
    [
      'any server, all promises',
      sessions(SESSION_PROMISES),
      Object.keys(MODELS).slice(2),
      ['linearizable', 'sequential'],
    ],
    [
      'all but writes follow reads',
      sessions(without('writes follow reads')),
      ['PRAM', ...without('writes follow reads')],
      ['causal'],
    ],
    [
      'all but read your writes',
      sessions(without('read your writes')),
      without('read your writes'),
      ['read your writes', ...STRONGER_THAN_SESSIONS],
    ],
    [
      'all but monotonic writes',
      sessions(without('monotonic writes')),
      without('monotonic writes'),
      ['monotonic writes', ...STRONGER_THAN_SESSIONS],
    ],
    // Who goes back to what he has not read himself sees the writes of others in the wrong order: these readers have read everything.
    [
      'all but monotonic reads, of what is read far more often than written',
      seldomWritten(without('monotonic reads')),
      without('monotonic reads'),
      ['monotonic reads', ...STRONGER_THAN_SESSIONS],
    ],
    ['no promise', sessions([]), [], [...SESSION_PROMISES, ...STRONGER_THAN_SESSIONS]],
  ])('%s', (_name, place, kept, broken) => {
    const runs = histories(place);
    const judged = (model: string): string[] => runs.map((operations) => (MODELS[model] as Judge)(operations).status);
    const refuted = (model: string): number => judged(model).filter((status) => status === 'violated').length;
    expect(runs.every((operations) => operations.filter(({ outcome }) => outcome === 'ok').length > 30)).toBe(true);
    expect(
      Object.fromEntries(kept.map((model) => [model, judged(model).filter((status) => status !== 'held')])),
    ).toEqual(Object.fromEntries(kept.map((model) => [model, []])));
    for (const model of broken) expect([model, refuted(model) > 0]).toEqual([model, true]);
  });
});

test('options name what is wrong', () => {
  const servers = [{ id: 'n1', index: 0 }];
  expect(() => sessionClient({ servers: [] })).toThrow(/sessionClient\.servers/);
  expect(() => sessionClient({ servers, writeAt: [] })).toThrow(/sessionClient\.writeAt/);
  expect(() => sessionClient({ servers, keys: [] })).toThrow(/sessionClient\.keys/);
  expect(() => sessionClient({ servers, reads: 2 })).toThrow(ConfigError);
});

test('a session refuses a promise that nobody knows', () => {
  const promises = ['monotonic read' as SessionPromise];
  expect(() => sessionClient({ servers: [{ id: 'n1', index: 0 }], promises })).toThrow(
    'sessionClient.promises: got "monotonic read", expected one of read your writes, monotonic reads',
  );
});

test('a server refuses to ask others all the time', () => {
  expect(() => sessionServer({ servers: [{ id: 'n1', index: 0 }], antiEntropy: 0 })).toThrow(
    'sessionServer.antiEntropy: got 0, expected a duration above 0',
  );
});
