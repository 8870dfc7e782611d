/** Invariants of Paxos, primary-backup, chains and quorum replicas: a state that keeps each, and one that breaks it alone. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chainInvariants,
  paxosInvariants,
  primaryBackupInvariants,
  quorumReplicaInvariants,
  type PaxosOptions,
  type PaxosView,
  type PrimaryBackupView,
} from '../../sim/index.ts';
import { LogBook, FollowedLog, type LogView } from '../../sim/check/invariants/log-book.ts';
import { Stage } from './stage.ts';

const NODES = ['n1', 'n2', 'n3'];

describe('Paxos', () => {
  const stage = (options: Partial<PaxosOptions<PaxosView>> = {}): Stage =>
    new Stage(paxosInvariants<PaxosView>({ view: (state) => state, ...options }), { nodes: NODES });
  const acceptor = (
    promised: number,
    accepted: [number, number, string][] = [],
    rest: Partial<PaxosView> = {},
  ): PaxosView => ({
    promised,
    accepted: accepted.map(([slot, ballot, value]) => [slot, { ballot, value }]),
    ...rest,
  });

  test('a value that a majority accepted is chosen, and may be learned and applied', () => {
    const run = stage()
      .set('n1', acceptor(1, [[1, 1, 'a']]))
      .set('n2', acceptor(1, [[1, 1, 'a']]))
      .set('n3', acceptor(2, [], { learned: [[1, 'a']], appliedTo: 1 }))
      .set('n3', acceptor(2, [[1, 2, 'a']]));
    expect(run.violated()).toEqual([]);
    expect(run.verdict('one value is chosen a slot').message).toBe('1 chosen in 1 slots');
  });

  test('promises never go back, nor does what was accepted vanish in a crash', () => {
    const less = stage().set('n1', acceptor(2)).set('n1', acceptor(1));
    expect(less.violated()).toEqual(['promises never go back']);
    const restarted = stage().set('n1', acceptor(2)).crash('n1').set('n1', acceptor(-1));
    expect(restarted.verdict('promises never go back').witness).toMatchObject({
      nodes: ['n1'],
      facts: { from: 2, to: -1, restarted: true },
    });
    const forgot = (compactedTo: number): Stage =>
      stage()
        .set('n1', acceptor(1, [[1, 1, 'a']]))
        .crash('n1')
        .set('n1', acceptor(1, [], { compactedTo }));
    expect(forgot(0).violated()).toEqual(['promises never go back']);
    expect(forgot(1).violated()).toEqual([]);
  });

  test('nothing is accepted below a promise', () => {
    const run = stage()
      .set('n1', acceptor(3))
      .set('n1', acceptor(3, [[1, 2, 'a']]));
    expect(run.violated()).toEqual(['nothing is accepted below a promise']);
    expect(run.verdict('nothing is accepted below a promise').witness?.facts).toEqual({
      slot: 1,
      ballot: 2,
      promised: 3,
    });
  });

  test('a ballot has one value in each slot', () => {
    const run = stage()
      .set('n1', acceptor(1, [[1, 1, 'a']]))
      .set('n2', acceptor(1, [[1, 1, 'b']]));
    expect(run.violated()).toEqual(['one value a ballot']);
    const slots = stage()
      .set('n1', acceptor(1, [[1, 1, 'a']]))
      .set('n2', acceptor(1, [[2, 1, 'b']]));
    expect(slots.violated()).toEqual([]);
  });

  test('a later ballot with another value is seen before it is chosen, whichever came first', () => {
    const chosen = (run: Stage): Stage =>
      run.set('n1', acceptor(1, [[1, 1, 'a']])).set('n2', acceptor(1, [[1, 1, 'a']]));
    const after = chosen(stage()).set('n3', acceptor(2, [[1, 2, 'b']]));
    expect(after.violated()).toEqual(['later ballots keep the chosen value']);
    const before = chosen(stage().set('n3', acceptor(2, [[1, 2, 'b']])));
    expect(before.violated()).toEqual(['later ballots keep the chosen value']);
    const below = stage().set('n3', acceptor(0, [[1, 0, 'b']]));
    expect(chosen(below).violated()).toEqual([]);
  });

  test('two values may not both be chosen', () => {
    const run = stage()
      .set('n1', acceptor(1, [[1, 1, 'a']]))
      .set('n2', acceptor(1, [[1, 1, 'a']]))
      .set('n2', acceptor(2, [[1, 2, 'b']]))
      .set('n3', acceptor(2, [[1, 2, 'b']]));
    expect(run.violated()).toEqual(['one value is chosen a slot', 'later ballots keep the chosen value']);
    expect(run.verdict('one value is chosen a slot').message).toBe(
      'in slot 1, {n1, n2} chose a in ballot 1, and {n2, n3} choose b in ballot 2',
    );
  });

  test('only chosen values are learned, and slots are applied without gaps', () => {
    const one = stage().set('n1', acceptor(1, [[1, 1, 'a']], { learned: [[1, 'a']] }));
    expect(one.violated()).toEqual(['only chosen values are learned']);
    const gap = stage()
      .set('n1', acceptor(1, [[2, 1, 'a']]))
      .set('n2', acceptor(1, [[2, 1, 'a']], { learned: [[2, 'a']], appliedTo: 2 }));
    expect(gap.violated()).toEqual(['slots are applied without gaps']);
    expect(gap.verdict('slots are applied without gaps').witness?.facts).toEqual({ slot: 1, appliedTo: 2 });
  });

  test('quorums of the two phases intersect, by their sizes alone', () => {
    expect(stage({ quorum: 1, prepareQuorum: 2 }).violated()).toEqual(['quorums of both phases intersect']);
    expect(stage({ quorum: 1, prepareQuorum: 3 }).violated()).toEqual([]);
  });

  /** Acceptors and proposers without messages; `keeps`: a proposer takes over the highest value that its quorum has accepted. */
  const randomPaxos = (steps: readonly [number, number, number][], keeps: boolean): string[] => {
    const run = stage();
    const states = NODES.map(() => ({
      promised: -1,
      accepted: undefined as { ballot: number; value: string } | undefined,
    }));
    const show = (i: number): void => {
      const { promised, accepted } = states[i] as (typeof states)[number];
      run.set(
        NODES[i] as string,
        acceptor(promised, accepted === undefined ? [] : [[0, accepted.ballot, accepted.value]]),
      );
    };
    steps.forEach(([first, second, accepts], ballot) => {
      const quorum = [...new Set([first, second])];
      if (quorum.length < 2) return;
      for (const i of quorum) {
        (states[i] as (typeof states)[number]).promised = ballot;
        show(i);
      }
      const highest = quorum
        .map((i) => states[i]?.accepted)
        .filter((accepted) => accepted !== undefined)
        .toSorted((a, b) => b.ballot - a.ballot)[0];
      const value = keeps && highest !== undefined ? highest.value : `v${ballot}`;
      for (const i of quorum.slice(0, accepts)) {
        (states[i] as (typeof states)[number]).accepted = { ballot, value };
        show(i);
      }
    });
    return run.violated();
  };
  const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 12 });

  test('holds in any order of ballots when proposers keep what they find, and not when they do not', () => {
    fc.assert(
      fc.property(steps, (drawn) => expect(randomPaxos(drawn, true)).toEqual([])),
      { numRuns: 300 },
    );
    const broken = fc.sample(steps, { numRuns: 200, seed: 1 }).flatMap((drawn) => randomPaxos(drawn, false));
    expect(new Set(broken)).toEqual(new Set(['one value is chosen a slot', 'later ballots keep the chosen value']));
  });
});

const logOf = (...entries: readonly [epoch: number, command: string][]): LogView => ({
  firstIndex: 1,
  lastIndex: entries.length,
  termAt: (i) => entries[i - 1]?.[0] as number,
  commandAt: (i) => entries[i - 1]?.[1],
});

describe('primary-backup', () => {
  const stage = (): Stage =>
    new Stage(primaryBackupInvariants<PrimaryBackupView>({ view: (state) => state }), { nodes: NODES });
  const member = (epoch: number, log: LogView, rest: Partial<PrimaryBackupView> = {}): PrimaryBackupView => ({
    epoch,
    isPrimary: false,
    log,
    acknowledged: 0,
    inSync: [],
    ...rest,
  });
  const [none, one, two] = [logOf(), logOf([1, 'a']), logOf([1, 'a'], [1, 'b'])];
  const acknowledged = (): Stage =>
    stage()
      .set('n2', member(1, two))
      .set('n1', member(1, two, { isPrimary: true, acknowledged: 2, inSync: ['n1', 'n2'] }));

  test('holds while the in-sync replicas have what is acknowledged, and the next primary too', () => {
    const run = acknowledged().set('n2', member(2, two, { isPrimary: true }));
    expect(run.violated()).toEqual([]);
    expect(run.verdict('a new primary has all that was acknowledged').message).toBe('2 entries acknowledged');
  });

  test('a replica that takes no part for now is not read', () => {
    const view = (state: PrimaryBackupView | 'away'): PrimaryBackupView | undefined =>
      state === 'away' ? undefined : state;
    const run = new Stage(primaryBackupInvariants<PrimaryBackupView | 'away'>({ view }), { nodes: NODES });
    run.set('n1', member(2, none)).crash('n1').set('n1', 'away').set('n1', member(2, none));
    expect(run.violated()).toEqual([]);
  });

  test('one primary an epoch', () => {
    const run = stage()
      .set('n1', member(1, none, { isPrimary: true }))
      .set('n2', member(1, none, { isPrimary: true }));
    expect(run.violated()).toEqual(['one primary an epoch']);
  });

  test('epochs never go back, restarts included', () => {
    expect(stage().set('n1', member(2, none)).crash('n1').set('n1', member(1, none)).violated()).toEqual([
      'epochs never go back',
    ]);
  });

  test.each([
    ['not there', member(1, one)],
    ['not on the disk', member(1, two, { durableIndex: 1 })],
    ['another', member(1, logOf([1, 'a'], [0, 'x']))],
  ])('an acknowledged entry that an in-sync replica has not: %s', (_name, backup) => {
    const run = stage()
      .set('n2', backup)
      .set('n1', member(1, two, { isPrimary: true, acknowledged: 2, inSync: ['n2'] }));
    expect(run.violated()).toEqual(['acknowledged entries are on every in-sync replica']);
    expect(run.verdict('acknowledged entries are on every in-sync replica').witness?.nodes).toEqual(['n1', 'n2']);
  });

  test('a new primary without an acknowledged entry', () => {
    const run = acknowledged().set('n3', member(2, one, { isPrimary: true }));
    expect(run.violated()).toEqual(['a new primary has all that was acknowledged']);
    expect(run.verdict('a new primary has all that was acknowledged').witness?.facts).toMatchObject({
      index: 2,
      epoch: 2,
    });
  });

  test('copies of an entry agree', () => {
    const run = stage()
      .set('n1', member(1, one))
      .set('n2', member(1, logOf([1, 'other'])));
    expect(run.violated()).toEqual(['copies of an entry agree']);
  });

  test('in a chain nobody has what its predecessor has not', () => {
    const chain = (names: readonly string[]) =>
      new Stage(chainInvariants<LogView>({ log: (state) => state, chain: () => names }), { nodes: NODES });
    const history = logOf([0, 'a'], [0, 'b']);
    const good = chain(NODES)
      .set('n1', history)
      .set('n2', history)
      .set('n3', logOf([0, 'a']));
    expect(good.violated()).toEqual([]);
    const longer = chain(NODES)
      .set('n1', logOf([0, 'a']))
      .set('n2', history);
    expect(longer.violated()).toEqual(['nobody in the chain has what its predecessor has not']);
    const other = chain(NODES)
      .set('n1', history)
      .set('n2', logOf([0, 'x']));
    expect(other.violated()).toEqual(['nobody in the chain has what its predecessor has not']);
    const outside = chain(['n1', 'n3'])
      .set('n1', logOf([0, 'a']))
      .set('n2', history)
      .set('n3', logOf([0, 'a']));
    expect(outside.violated()).toEqual([]);
  });
});

describe('logs that are followed', () => {
  const terms = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 6 });

  test('hold an entry exactly when they hold it after the same entries', () => {
    fc.assert(
      fc.property(fc.array(terms, { minLength: 2, maxLength: 8 }), (versions) => {
        const book = new LogBook();
        const logs = [new FollowedLog(book, 'a'), new FollowedLog(book, 'b')] as const;
        const shown: [number[], number[]] = [[], []];
        versions.forEach((version, i) => {
          const which = (i % 2) as 0 | 1;
          shown[which] = version;
          const before = logs[which].lastIndex;
          const old = Array.from({ length: before }, (_, k) => logs[which].at(k + 1));
          const view = logOf(...version.map((term): [number, string] => [term, `c${term}`]));
          const lost = logs[which].follow(view, 0, i, true);
          const same = old.findIndex((entry, k) => entry !== logs[which].at(k + 1));
          expect(lost).toBe(same < 0 ? undefined : same + 1);
          const [one, other] = shown;
          for (let index = 1; index <= Math.min(one.length, other.length); index++) {
            const isSame = one.slice(0, index).join() === other.slice(0, index).join();
            expect(logs[0].at(index) === logs[1].at(index)).toBe(isSame);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('are followed by what has changed when entries are cut off and appended', () => {
    const changes = fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(changes, (drawn) => {
        const log = new FollowedLog(new LogBook(), 'a');
        let entries: [number, string][] = [];
        let fresh = 0;
        for (const [kept, added] of drawn) {
          const before = entries.length;
          entries = [
            ...entries.slice(0, kept),
            ...Array.from({ length: added }, (): [number, string] => [1, `c${fresh++}`]),
          ];
          const lost = log.follow(logOf(...entries), 0, 0, false);
          expect(lost).toBe(kept < before ? kept + 1 : undefined);
          expect(entries.map((_, i) => log.at(i + 1)?.command)).toEqual(entries.map(([, command]) => command));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('quorum replicas', () => {
  type Stamps = Record<string, number>;
  const options = { stamps: (state: Stamps) => Object.entries(state), roles: ['replica'] };
  const stage = (w?: number): Stage =>
    new Stage(
      quorumReplicaInvariants<Stamps, number>(
        w === undefined
          ? options
          : {
              ...options,
              w,
              clients: ['client'],
              written: ({ f, key, input }) => (f === 'write' ? { key, stamp: input as number } : undefined),
            },
      ),
      { nodes: [...NODES, 'c1'], roles: { c1: 'client' } },
    );

  test('timestamps of a key never go back, restarts included', () => {
    expect(stage().set('n1', { x: 2 }).set('n1', { x: 3, y: 1 }).violated()).toEqual([]);
    const back = stage().set('n1', { x: 2 }).crash('n1').set('n1', { x: 1 });
    expect(back.verdict('timestamps never go back').message).toBe('n1 goes back from timestamp 2 of x to 1');
  });

  test('an acknowledged write is on W replicas, at that moment', () => {
    const told = (...holders: string[]): Stage => {
      const run = stage(2);
      for (const id of holders) run.set(id, { x: 5 });
      run.operate('c1', 'write', 'x', 5);
      return run.set('c1', {}).set('n1', { x: 5 }).set('n2', { x: 5 });
    };
    expect(told('n1', 'n2').violated()).toEqual([]);
    expect(told('n1').violated()).toEqual(['acknowledged writes are on W replicas']);
    expect(told('n1').verdict('acknowledged writes are on W replicas').witness).toMatchObject({
      operations: [0],
      facts: { holders: ['n1'], w: 2 },
    });
  });

  test('W without a way to know what was written is refused', () => {
    expect(() => quorumReplicaInvariants({ ...options, w: 2 })).toThrow(
      /w: got 2, expected roles, clients and written/,
    );
  });
});
