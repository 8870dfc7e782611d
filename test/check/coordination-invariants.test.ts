/** Invariants of membership, atomic commitment, sagas and placement: what keeps each, and what breaks it alone. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  atomicCommitInvariants,
  ringInvariants,
  s,
  sagaCompletion,
  shardInvariants,
  swimInvariants,
  type AccuracyClaim,
  type AtomicCommitOptions,
  type CommitView,
  type MemberOpinion,
  type ParticipantState,
  type RingView,
  type SagaEffect,
  type ShardView,
  type SwimOptions,
  type SwimView,
} from '../../sim/index.ts';
import { Stage, type StageOptions } from './stage.ts';

const NODES = ['n1', 'n2', 'n3'];

describe('SWIM', () => {
  const stage = (options: Partial<SwimOptions<SwimView>> = {}, where: StageOptions = {}): Stage =>
    new Stage(swimInvariants<SwimView>({ view: (state) => state, noticedWithin: s(1), ...options }), {
      nodes: NODES,
      end: 20_000_000,
      ...where,
    });
  const member = (incarnation: number, opinions: Record<string, [MemberOpinion['status'], number]> = {}): SwimView => ({
    incarnation,
    members: Object.entries(opinions).map(([id, [status, of]]) => [id, { status, incarnation: of }]),
  });

  test('a suspicion that is refuted with a higher incarnation keeps all rules', () => {
    const run = stage()
      .set('n2', member(0))
      .set('n1', member(0, { n2: ['alive', 0] }))
      .set('n1', member(0, { n2: ['suspect', 0] }))
      .set('n2', member(1))
      .set('n1', member(0, { n2: ['alive', 1] }));
    expect(run.violated()).toEqual([]);
  });

  test('incarnations go up only, and are raised by their owners only', () => {
    expect(stage().set('n1', member(2)).set('n1', member(1)).violated()).toEqual([
      'incarnations only grow, by their owners',
    ]);
    const raised = stage()
      .set('n2', member(0))
      .set('n1', member(0, { n2: ['alive', 3] }));
    expect(raised.violated()).toEqual(['incarnations only grow, by their owners']);
    expect(raised.verdict('incarnations only grow, by their owners').witness?.nodes).toEqual(['n1', 'n2']);
  });

  test('an opinion gives way to a higher one only', () => {
    const changes = (from: [MemberOpinion['status'], number], to: [MemberOpinion['status'], number]): string[] =>
      stage({ falsePositives: 9 })
        .set('n2', member(5))
        .set('n1', member(0, { n2: from }))
        .set('n1', member(0, { n2: to }))
        .violated();
    expect(changes(['alive', 1], ['suspect', 1])).toEqual([]);
    expect(changes(['suspect', 2], ['dead', 1])).toEqual([]);
    expect(changes(['dead', 1], ['alive', 2])).toEqual([]);
    expect(changes(['suspect', 1], ['alive', 1])).toEqual(['opinions give way to higher precedence only']);
    expect(changes(['alive', 2], ['suspect', 1])).toEqual(['opinions give way to higher precedence only']);
    expect(changes(['dead', 1], ['alive', 1])).toEqual([
      'nobody comes back from the dead without a higher incarnation',
    ]);
    expect(changes(['dead', 2], ['suspect', 1])).toEqual([
      'nobody comes back from the dead without a higher incarnation',
    ]);
  });

  const crashed = (): Stage =>
    stage()
      .set('n2', member(0))
      .set('n1', member(0, { n2: ['alive', 0] }))
      .set('n3', member(0, { n2: ['alive', 0] }))
      .crash('n2');

  test('every member notices a crash within the bound', () => {
    const noticed = crashed()
      .set('n1', member(0, { n2: ['suspect', 0] }), 500_000)
      .set('n3', member(0, { n2: ['dead', 0] }), 900_000);
    expect(noticed.set('n1', member(0, { n2: ['suspect', 0] }), 5_000_000).violated()).toEqual([]);
    const unseen = crashed().set('n1', member(0, { n2: ['alive', 0] }), 2_000_000);
    expect(unseen.violated()).toEqual(['every crash is noticed']);
    expect(unseen.verdict('every crash is noticed').message).toBe(
      'n1 still takes n2 for alive at 2.0000 s, 1.996s after it crashed',
    );
  });

  test('who came up after the crash, or whose time is not over, owes nothing', () => {
    const early = crashed();
    expect(early.verdict('every crash is noticed')).toMatchObject({ status: 'undecided' });
    const late = crashed()
      .crash('n1')
      .crash('n3')
      .set('n1', member(0, { n2: ['alive', 0] }), 3_000_000);
    expect(late.violated()).toEqual([]);
  });

  test('a crash that nobody has noticed when the run ends in time to see it is held against those who run', () => {
    const run = crashed();
    run.now = 20_000_000;
    expect(run.verdict('every crash is noticed')).toMatchObject({
      status: 'violated',
      message: 'n1 still takes n2 for alive at 20.0000 s, 19.996s after it crashed',
    });
  });

  test('who is paused as its time ends has it anew when it runs again', () => {
    const paused = (): Stage => {
      const run = crashed();
      run.node('n1').status = 'paused';
      run.set('n3', member(0, { n2: ['suspect', 0] }), 900_000).set('n3', member(0, { n2: ['dead', 0] }), 2_000_000);
      return run;
    };
    const alive = member(0, { n2: ['alive', 0] });
    const last = paused();
    last.now = 20_000_000;
    expect(last.verdict('every crash is noticed')).toMatchObject({
      status: 'held',
      message: '1 times; 1 more were not due before the end',
    });
    const inTime = paused().set('n1', alive, 3_000_000).set('n1', alive, 3_900_000);
    expect(inTime.set('n1', member(0, { n2: ['suspect', 0] }), 3_950_000).violated()).toEqual([]);
    const late = paused().set('n1', alive, 3_000_000).set('n1', alive, 4_000_000);
    expect(late.violated()).toEqual(['every crash is noticed']);
  });

  test('in periods of its own a member has the same time however long they last, and owes nothing between them', () => {
    const begun = (period: number): SwimView => ({ ...member(0, { n2: ['alive', 0] }), period });
    const run = stage({ noticedWithin: { periods: 3 } })
      .set('n2', { ...member(0), period: 1 })
      .set('n1', begun(7))
      .set('n3', begun(0))
      .crash('n2')
      .set('n1', begun(10), 19_000_000);
    expect(run.verdict('every crash is noticed')).toMatchObject({
      kind: 'always',
      status: 'held',
      message: '0 times; 2 more were not due before the end',
    });
    expect(run.set('n1', begun(11)).verdict('every crash is noticed').message).toBe(
      'n1 still takes n2 for alive at 19.0010 s, in the 4th of its periods after the crash',
    );
  });

  test('nobody has to notice a member that is back', () => {
    const back = crashed().set('n2', member(0));
    back.now = 20_000_000;
    expect(back.verdict('every crash is noticed')).toMatchObject({ status: 'held', message: '0 times' });
  });

  test('a bound in periods is a whole number of them, and needs a view that counts them', () => {
    expect(() => stage({ noticedWithin: { periods: 0 } })).toThrow(/noticedWithin\.periods/);
    const uncounted = stage({ noticedWithin: { periods: 3 } })
      .set('n1', member(0, { n2: ['alive', 0] }))
      .set('n2', member(0));
    expect(() => uncounted.crash('n2')).toThrow(/view\.period/);
  });

  test('a claim says to whom accuracy is owed while there are faults, and has seen the event by then', () => {
    const seen: string[] = [];
    const accuracy: AccuracyClaim = {
      name: 'n3 is not declared dead',
      promise: 'n3 is safe',
      begin: () => ({
        handled: ({ id }) => void seen.push(id),
        mistake: (observer, id) =>
          id === 'n3' ? `${observer} of ${seen.length} events should know better` : undefined,
      }),
    };
    const run = stage({ accuracy }, { firstFaultAt: 0, healedAt: undefined })
      .set('n2', member(0))
      .set('n3', member(0))
      .set('n1', member(0, { n2: ['dead', 0] }));
    expect(run.verdict('n3 is not declared dead')).toMatchObject({
      status: 'held',
      message: '0 mistakes, 1 more that may be excused',
    });
    run.set('n1', member(0, { n2: ['dead', 0], n3: ['dead', 0] }));
    expect(run.violated()).toEqual(['n3 is not declared dead']);
    expect(run.verdict('n3 is not declared dead').message).toBe(
      'n1 declares n3 dead (incarnation 0) at 0.0040 s, although n1 of 4 events should know better',
    );
  });

  test('a member that is up is not declared dead, but while faults could excuse it', () => {
    const declared = (where: StageOptions, options: Partial<SwimOptions<SwimView>> = {}): Stage =>
      stage(options, where)
        .set('n2', member(0))
        .set('n1', member(0, { n2: ['dead', 0] }), 2_000_000);
    expect(declared({}).violated()).toEqual(['members that are up are not declared dead']);
    expect(declared({}, { falsePositives: 1 }).violated()).toEqual([]);
    expect(declared({ firstFaultAt: 1_000_000, healedAt: 1_500_000 }).violated()).toEqual([]);
    expect(declared({ firstFaultAt: 100_000, healedAt: 200_000 }).violated()).toEqual([
      'members that are up are not declared dead',
    ]);
    const dead = stage()
      .set('n2', member(0))
      .crash('n2')
      .set('n1', member(0, { n2: ['dead', 0] }));
    expect(dead.violated()).toEqual([]);
  });

  test('a table that says it has not changed is not read', () => {
    const stale: SwimView = { ...member(0, { n2: ['alive', 9] }), revision: 1 };
    const run = stage()
      .set('n2', member(0))
      .set('n1', { ...member(0), revision: 1 })
      .set('n1', stale);
    expect(run.violated()).toEqual([]);
  });
});

describe('atomic commitment', () => {
  const stage = (options: Partial<AtomicCommitOptions<CommitView>> = {}, where: StageOptions = {}): Stage =>
    new Stage(atomicCommitInvariants<CommitView>({ view: (state) => state, ...options }), {
      nodes: ['c', 'p1', 'p2'],
      ...where,
    });
  const part = (state: ParticipantState): CommitView => ({ takesPart: [['t1', state]] });
  const coordinator = (decision?: 'commit' | 'abort'): CommitView => ({
    coordinates: [['t1', { participants: ['p1', 'p2'], decision }]],
  });
  const prepared = (options: Partial<AtomicCommitOptions<CommitView>> = {}, where: StageOptions = {}): Stage =>
    stage(options, where).set('c', coordinator()).set('p1', part('prepared')).set('p2', part('prepared'));

  test('holds when all vote yes and all commit, and when one votes no and all abort', () => {
    const committed = prepared()
      .set('c', coordinator('commit'))
      .set('p1', part('committed'))
      .set('p2', part('committed'));
    expect(committed.violated()).toEqual([]);
    expect(committed.verdict('all decide the same').message).toBe('1 transactions decided');
    const aborted = stage().set('c', coordinator()).set('p1', part('prepared')).set('p2', part('aborted'));
    expect(aborted.set('c', coordinator('abort')).set('p1', part('aborted')).violated()).toEqual([]);
  });

  test('all decide the same', () => {
    const run = prepared().set('c', coordinator('commit')).set('p1', part('committed')).set('p2', part('aborted'));
    expect(run.violated()).toEqual(['all decide the same', 'who voted yes does not abort by itself']);
    expect(run.verdict('all decide the same').witness?.facts).toMatchObject({
      transaction: 't1',
      decisions: ['commit', 'abort'],
    });
  });

  test('committed only if all voted yes', () => {
    const run = stage().set('c', coordinator()).set('p1', part('prepared')).set('c', coordinator('commit'));
    expect(run.violated()).toEqual(['committed only if all voted yes']);
    expect(run.verdict('committed only if all voted yes').witness?.facts).toMatchObject({ missing: ['p2'] });
  });

  test('no decision is taken back, and no vote is forgotten in a crash', () => {
    const reversed = prepared()
      .set('c', coordinator('commit'))
      .set('p1', part('committed'))
      .set('p1', part('prepared'));
    expect(reversed.violated()).toEqual(['decisions and votes are final']);
    const changed = prepared().set('c', coordinator('abort')).crash('c').set('c', coordinator('commit'));
    expect(changed.violated()).toEqual(['decisions and votes are final']);
    const forgot = prepared().crash('p1').set('p1', {});
    expect(forgot.verdict('decisions and votes are final').message).toBe(
      'p1 had voted yes on transaction t1, and knows nothing of it after a restart',
    );
    const unvoted = stage().set('p1', part('working')).crash('p1').set('p1', {});
    expect(unvoted.violated()).toEqual([]);
  });

  test('who voted yes does not abort by itself, unless no record means abort', () => {
    const alone = (options: Partial<AtomicCommitOptions<CommitView>>): string[] =>
      prepared(options).set('p1', part('aborted')).violated();
    expect(alone({})).toEqual(['who voted yes does not abort by itself']);
    expect(alone({ presumedAbort: true })).toEqual([]);
  });

  const WAITS = 'nobody waits for ever';

  test('two phases may block while the coordinator is down: it is told, and no violation', () => {
    const run = prepared({ waitsAtMost: s(1) }, { end: 9_000_000 }).crash('c');
    expect(run.verdict(WAITS)).toMatchObject({ status: 'held', message: 'waiting at the end: p1 in t1, p2 in t1' });
  });

  test('waiting beside a coordinator that is up is a violation, once the bound is over', () => {
    expect(prepared({ waitsAtMost: s(1) }, { end: 9_000_000 }).violated()).toEqual([WAITS]);
    expect(prepared({ waitsAtMost: s(1) }, { end: 900_000 }).violated()).toEqual([]);
    expect(prepared({ waitsAtMost: s(1) }, { end: 9_000_000, healedAt: 8_500_000 }).violated()).toEqual([]);
    expect(prepared({}, { end: 9_000_000 }).violated()).toEqual([]);
  });

  test('three phases may not block, whatever the coordinator does', () => {
    const run = prepared({ waitsAtMost: s(1), mayBlock: false }, { end: 9_000_000 }).crash('c');
    expect(run.violated()).toEqual([WAITS]);
    expect(run.verdict(WAITS).witness?.facts).toMatchObject({ transaction: 't1', coordinatorUp: false });
    const back = prepared({}).set('p1', part('precommitted')).set('p1', part('prepared'));
    expect(back.violated()).toEqual(['decisions and votes are final']);
  });
});

describe('sagas', () => {
  const steps = ['book', 'pay', 'ship'];
  const judge = (effects: readonly string[], outcome: 'completed' | 'compensated' | 'running') => {
    const rows = effects.map((text): SagaEffect => {
      const isUndone = text.startsWith('-');
      return { saga: 's1', step: isUndone ? text.slice(1) : text, kind: isUndone ? 'undone' : 'done' };
    });
    const check = sagaCompletion({ effects: () => rows, sagas: () => [{ id: 's1', steps, outcome }] });
    return new Stage([check]).verdicts()[0];
  };

  test.each<[string[], 'completed' | 'compensated' | 'running', string]>([
    [['book', 'pay', 'ship'], 'completed', 'held'],
    [['book', 'pay', '-pay', '-book'], 'compensated', 'held'],
    [[], 'compensated', 'held'],
    [['book', 'pay', '-pay'], 'running', 'undecided'],
  ])('%j, %s: %s', (effects, outcome, status) => {
    expect(judge(effects, outcome)?.status).toBe(status);
  });

  test.each<[string[], 'completed' | 'compensated', RegExp]>([
    [['book', 'pay'], 'completed', /ship was never done/],
    [['book', 'pay', 'pay', 'ship'], 'completed', /pay was done twice/],
    [['book', 'pay', 'ship', '-ship'], 'completed', /ship was undone/],
    [['book', 'pay', '-pay'], 'compensated', /book was not undone/],
    [['book', 'pay', '-book', '-pay'], 'compensated', /book was undone before pay/],
    [['book', '-book', '-book'], 'compensated', /book was undone twice/],
    [['book', '-pay', '-book'], 'compensated', /pay was undone, but never done/],
    [['pay', '-pay'], 'compensated', /pay was done before book/],
    [['book', '-book', 'pay', '-pay'], 'compensated', /pay was done after book was undone/],
    [['refund'], 'compensated', /"refund" is none of its steps/],
  ])('%j, %s, is wrong', (effects, outcome, message) => {
    expect(judge(effects, outcome)).toMatchObject({ status: 'violated', message: expect.stringMatching(message) });
  });

  test('of all short sequences of effects, exactly the prefixes done and undone are right', () => {
    const words = [...steps, ...steps.map((step) => `-${step}`)];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 6 }), (effects) => {
        const done = effects.filter((text) => !text.startsWith('-'));
        const right = [
          ...steps.slice(0, done.length),
          ...steps
            .slice(0, done.length)
            .toReversed()
            .map((step) => `-${step}`),
        ];
        expect(judge(effects, 'compensated')?.status).toBe(right.join() === effects.join() ? 'held' : 'violated');
      }),
      { numRuns: 500 },
    );
  });
});

describe('shards and rings', () => {
  const stage = (shards?: string[], where: StageOptions = {}): Stage =>
    new Stage(shardInvariants<ShardView>({ view: (state) => state, ...(shards === undefined ? {} : { shards }) }), {
      nodes: NODES,
      ...where,
    });
  const serves = (epoch: number, ...owns: string[]): ShardView => ({ epoch, owns });

  test('a shard may change hands with the epoch, and not within it', () => {
    expect(
      stage()
        .set('n1', serves(1, 'a', 'b'))
        .set('n2', serves(2, 'a'))
        .violated(),
    ).toEqual([]);
    const two = stage().set('n1', serves(1, 'a')).set('n1', serves(2)).set('n2', serves(1, 'a'));
    expect(two.violated()).toEqual(['one owner a shard and epoch']);
    expect(two.verdict('one owner a shard and epoch').witness).toMatchObject({
      nodes: ['n1', 'n2'],
      facts: { shard: 'a', epoch: 1 },
    });
  });

  test('assignments never go back while a node runs', () => {
    expect(stage().set('n1', serves(2)).set('n1', serves(1)).violated()).toEqual(['assignments never go back']);
    expect(stage().set('n1', serves(2)).crash('n1').set('n1', serves(1)).violated()).toEqual([]);
  });

  test('in the end every shard has an owner that is up', () => {
    const ends = (run: Stage): string[] => run.violated();
    expect(ends(stage(['a', 'b']).set('n1', serves(2, 'a')).set('n2', serves(2, 'b')))).toEqual([]);
    expect(ends(stage(['a', 'b']).set('n1', serves(2, 'a')).set('n2', serves(1, 'b')))).toEqual([
      'every shard has an owner in the end',
    ]);
    expect(ends(stage(['a']).set('n2', serves(1)).set('n1', serves(1, 'a')).crash('n1'))).toEqual([
      'every shard has an owner in the end',
    ]);
    const unhealed = stage(['a'], { healedAt: undefined }).set('n1', serves(1));
    expect(unhealed.verdict('every shard has an owner in the end').status).toBe('undecided');
  });

  const KEYS = Array.from({ length: 60 }, (_, i) => `k${i}`);
  const score = (text: string): number =>
    [...text].reduce((sum, c) => (Math.imul(sum ^ c.charCodeAt(0), 16_777_619) >>> 0) % 1_000_003, 7);
  /** Rendezvous hashing keeps keys where they are; the rest of a division does not. */
  const rendezvous = (members: readonly string[]): RingView => ({
    members,
    ownerOf: (key) => members.toSorted((a, b) => score(b + key) - score(a + key) || (a < b ? -1 : 1))[0] as string,
  });
  const modulo = (members: readonly string[]): RingView => ({
    members,
    ownerOf: (key) => members.toSorted()[score(key) % members.length] as string,
  });
  const ring = (): Stage =>
    new Stage(ringInvariants<RingView>({ view: (state) => state, keys: KEYS }), { nodes: NODES });

  test('nodes with the same members place keys alike', () => {
    expect(
      ring()
        .set('n1', rendezvous(['a', 'b']))
        .set('n2', rendezvous(['b', 'a']))
        .violated(),
    ).toEqual([]);
    const odd: RingView = { members: ['a', 'b'], ownerOf: () => 'a' };
    const run = ring()
      .set('n1', rendezvous(['a', 'b']))
      .set('n2', odd);
    expect(run.violated()).toEqual(['nodes with the same members place keys alike']);
  });

  test('only keys of who comes or goes move, as consistent hashing has it and the rest of a division has not', () => {
    const grown = (place: (members: readonly string[]) => RingView): Stage =>
      ring()
        .set('n1', place(['a', 'b', 'c']))
        .set('n1', place(['a', 'b', 'c', 'd']))
        .set('n1', place(['a', 'c', 'd']));
    expect(grown(rendezvous).violated()).toEqual([]);
    expect(grown(modulo).violated()).toEqual(['only keys of who comes or goes move']);
  });
});
