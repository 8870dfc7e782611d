/** Raft's invariants: held by servers that obey the paper, in any order of steps; each broken by servers that do not. */
import { describe, expect, test } from '@jest/globals';
import { raftInvariants } from '../../sim/index.ts';
import { FRESH, ToyRaft, toyChecks, toyView, type Rule, type ToyServer } from './raft-toy.ts';
import { Stage } from './stage.ts';

const NODES = ['n1', 'n2', 'n3'];
const stage = (): Stage => new Stage(toyChecks(NODES), { nodes: NODES });
const server = (change: Partial<ToyServer>): ToyServer => ({ ...FRESH, ...change });
const entries = (...terms: number[]) => terms.map((term, i) => ({ term, command: `c${i + 1}.${term}` }));
const leader = (term: number, change: Partial<ToyServer> = {}): ToyServer =>
  server({ term, role: 'leader', votedFor: 'n1', ...change });

test('servers that obey the rules keep every invariant, whatever the order of their steps', () => {
  let committed = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { stage: run } = new ToyRaft(seed, 3 + 2 * (seed % 2)).steps(300);
    expect([seed, run.violated()]).toEqual([seed, []]);
    committed += Number(/^(\d+) entries committed/.exec(run.verdict('state-machine safety').message)?.[1]);
  }
  expect(committed).toBeGreaterThan(500);
});

test.each<[Rule, string]>([
  ['vote once', 'one vote a term'],
  ['keep vote', 'one vote a term'],
  ['keep term', 'terms never go back'],
  ['up to date', 'leader completeness'],
  ['majority', 'election safety'],
  ['majority', 'committed entries are durable on a majority'],
  ['majority', 'state-machine safety'],
  ['match before', 'log matching'],
  ['own term', 'leaders count copies of their own term only'],
  ['append only', 'leaders only append'],
  ['committed only', 'snapshots hold committed entries only'],
])('without the rule "%s", %s is broken in some order of steps', (rule, property) => {
  let seed = 0;
  const isBroken = (): boolean =>
    new ToyRaft(seed, 3 + 2 * (seed % 2), rule).steps(300).stage.violated().includes(property);
  while (seed < 300 && !isBroken()) seed++;
  expect(seed).toBeLessThan(300);
});

describe('each property alone', () => {
  test('election safety names the term, both leaders and when the first began', () => {
    const run = stage()
      .set('n1', leader(2))
      .set('n2', leader(2, { votedFor: 'n2' }));
    expect(run.violated()).toEqual(['election safety']);
    expect(run.verdict('election safety')).toMatchObject({
      message: 'n1 led in term 2 from 0.0010 s, and n2 leads in the same term at 0.0020 s',
      witness: { nodes: ['n1', 'n2'], facts: { term: 2, since: 1_000 } },
    });
  });

  test('terms may be lost in a crash that nobody was told of, and no others', () => {
    const durable = { term: 3, votedFor: null, lastIndex: 0 };
    const kept = stage()
      .set('n1', server({ term: 4, durable }))
      .crash('n1')
      .set('n1', server({ term: 3 }));
    expect(kept.violated()).toEqual([]);
    const lost = stage()
      .set('n1', server({ term: 4, durable }))
      .crash('n1')
      .set('n1', server({ term: 2 }));
    expect(lost.verdict('terms never go back').message).toBe('n1 goes back from term 3 to term 2 after a restart');
    const back = stage()
      .set('n1', server({ term: 4 }))
      .set('n1', server({ term: 3 }));
    expect(back.violated()).toEqual(['terms never go back']);
  });

  test('a vote is for one candidate, also after a restart', () => {
    const twice = stage()
      .set('n1', server({ term: 1, votedFor: 'n2' }))
      .crash('n1')
      .set('n1', server({ term: 1, votedFor: 'n3' }));
    expect(twice.violated()).toEqual(['one vote a term']);
    expect(twice.verdict('one vote a term').witness).toMatchObject({
      nodes: ['n1', 'n2', 'n3'],
      facts: { term: 1, first: 'n2', second: 'n3', restarted: true },
    });
    const untold = { term: 1, votedFor: null, lastIndex: 0 };
    const unsynced = stage()
      .set('n1', server({ term: 1, votedFor: 'n2', durable: untold }))
      .crash('n1')
      .set('n1', server({ term: 1, votedFor: 'n3' }));
    expect(unsynced.violated()).toEqual([]);
  });

  test('a leader that has stepped down may cut its log, one that leads may not', () => {
    const log = entries(1, 1);
    const cut = stage()
      .set('n1', leader(1, { log }))
      .set('n1', leader(1, { log: log.slice(0, 1) }));
    expect(cut.violated()).toEqual(['leaders only append']);
    const followed = stage()
      .set('n1', leader(1, { log }))
      .set('n1', server({ term: 2, log: log.slice(0, 1) }));
    expect(followed.violated()).toEqual([]);
  });

  test('an entry that is overwritten deep in the log is seen, although its end stays as it was', () => {
    const log = entries(1, 1, 1, 1, 1, 1);
    const changed = log.map((entry, i) => (i === 1 ? { term: 1, command: 'other' } : entry));
    const run = stage()
      .set('n1', leader(1, { log }))
      .set('n1', leader(1, { log: changed }));
    expect(run.violated()).toEqual(['leaders only append', 'log matching']);
    const events = Array.from({ length: 8 }, () => changed);
    const before = stage().set('n1', leader(1, { log }));
    for (const later of events) before.set('n1', leader(1, { log: later }));
    expect(before.verdict('leaders only append').witness?.at).toBeLessThan(before.now);
  });

  test('log matching compares all that comes before an entry', () => {
    const run = stage()
      .set('n1', server({ term: 3, log: entries(1, 1, 3) }))
      .set('n2', server({ term: 3, log: entries(1, 2, 3) }));
    expect(run.violated()).toEqual(['log matching']);
    expect(run.verdict('log matching').witness?.facts).toEqual({ index: 3, term: 3, differAt: 2, terms: [1, 2] });
  });

  test('a leader without an entry that an earlier term committed is named, with the index', () => {
    const log = entries(1, 1);
    const run = stage()
      .set('n1', leader(1, { log }))
      .set('n2', server({ term: 1, log }))
      .set('n1', leader(1, { log, commit: 2 }))
      .set('n3', leader(2, { log: log.slice(0, 1), votedFor: 'n3' }));
    expect(run.violated()).toEqual(['leader completeness']);
    expect(run.verdict('leader completeness').witness).toMatchObject({
      nodes: ['n3', 'n1'],
      facts: { index: 2, committedTerm: 1, leaderTerm: 2 },
    });
  });

  test('an old leader that commits late is held against the leaders elected in the meantime', () => {
    const log = entries(1, 1);
    const elected = stage()
      .set('n1', leader(1, { log }))
      .set('n2', server({ term: 1, log }))
      .set('n3', leader(2, { log: log.slice(0, 1), votedFor: 'n3' }));
    expect(elected.set('n1', leader(1, { log, commit: 2 })).violated()).toEqual(['leader completeness']);
    const whole = stage()
      .set('n1', leader(1, { log }))
      .set('n2', server({ term: 1, log }))
      .set('n2', leader(2, { log: [...log, { term: 2, command: 'd' }], votedFor: 'n2' }))
      .set('n1', leader(1, { log, commit: 2 }));
    expect(whole.violated()).toEqual([]);
  });

  test('two servers may not commit different entries at one index, and none may take one back', () => {
    const [one, other] = [entries(1), entries(2)];
    const two = stage()
      .set('n1', server({ term: 2, log: one, commit: 1, applied: 1 }))
      .set('n2', server({ term: 2, log: other, commit: 1, applied: 1 }));
    expect(two.violated()).toEqual(['state-machine safety']);
    expect(two.verdict('state-machine safety').message).toBe(
      'n1 took c1.1 of term 1 for committed at index 1 at 0.0010 s, and n2 takes c1.2 of term 2',
    );
    const back = stage()
      .set('n1', server({ term: 2, log: one, commit: 1 }))
      .set('n1', server({ term: 2, log: [] }));
    expect(back.violated()).toEqual(['state-machine safety', 'indexes are in order']);
  });

  test('entries on a minority of disks are not committed, whatever is in memory', () => {
    const log = entries(1);
    const inMemory = { term: 1, votedFor: 'n1', lastIndex: 0 };
    const acknowledged = (durable?: ToyServer['durable']): Stage =>
      stage()
        .set('n1', leader(1, { log }))
        .set('n2', server({ term: 1, votedFor: 'n1', log, ...(durable === undefined ? {} : { durable }) }))
        .crash('n2')
        .set('n1', leader(1, { log, commit: 1 }));
    expect(acknowledged().violated()).toEqual([]);
    expect(acknowledged(inMemory).violated()).toEqual(['committed entries are durable on a majority']);
  });

  test.each<[string, Partial<ToyServer>]>([
    ['applied beyond what is committed', { log: entries(1), applied: 1 }],
    ['committed beyond the end of the log', { commit: 1 }],
  ])('indexes are in order: %s', (_name, change) => {
    expect(stage().set('n1', server(change)).violated()).toEqual(['indexes are in order']);
  });

  test('a commit index does not go back while the server runs, and may after a restart', () => {
    const log = entries(1);
    const back = stage()
      .set('n1', server({ log, commit: 1 }))
      .set('n1', server({ log }));
    expect(back.violated()).toEqual(['indexes are in order']);
    const restarted = stage()
      .set('n1', server({ log, commit: 1 }))
      .crash('n1')
      .set('n1', server({ log }));
    expect(restarted.violated()).toEqual([]);
  });

  test('a snapshot ends with the entry that was committed there', () => {
    const log = entries(1, 1);
    const committed = () => stage().set('n1', server({ term: 1, log, commit: 2, applied: 2 }));
    const covered = { term: 2, log, commit: 2, applied: 2, snapshot: 2 };
    expect(committed().set('n2', server(covered)).violated()).toEqual([]);
    expect(
      committed()
        .set('n2', server({ ...covered, snapshotTerm: 2 }))
        .violated(),
    ).toEqual(['snapshots hold committed entries only']);
  });
});

test('figure 8: an entry of an earlier term that counts as committed by its copies is lost', () => {
  const [old, rival] = [entries(1, 2), entries(1, 3)];
  const run = new Stage(toyChecks(['s1', 's2', 's3', 's4', 's5']), { nodes: ['s1', 's2', 's3', 's4', 's5'] })
    .set('s1', leader(2, { log: old }))
    .set('s2', server({ term: 2, log: old }))
    .set('s5', leader(3, { log: rival, votedFor: 's5' }))
    .crash('s5')
    .set('s1', leader(4, { log: old }))
    .set('s3', server({ term: 4, log: old }));
  expect(run.violated()).toEqual([]);
  run.set('s1', leader(4, { log: old, commit: 2 }));
  expect(run.verdict('leaders count copies of their own term only').witness?.facts).toEqual({
    index: 2,
    entryTerm: 2,
    leaderTerm: 4,
  });
  run.set('s5', leader(5, { log: rival, votedFor: 's5' })).set('s3', server({ term: 5, log: rival, commit: 2 }));
  expect(run.violated()).toEqual([
    'leader completeness',
    'state-machine safety',
    'leaders count copies of their own term only',
  ]);
});

test('a log goes on after compaction and after an installed snapshot as if nothing were missing', () => {
  const log = entries(1, 1, 1, 1);
  const run = stage()
    .set('n1', leader(1, { log, commit: 3, applied: 3 }))
    .set('n1', leader(1, { log, commit: 3, applied: 3, snapshot: 3 }))
    .set('n2', server({ term: 1, log, commit: 3, applied: 3, snapshot: 3 }))
    .set('n3', server({ term: 1, log: log.slice(0, 2) }));
  expect(run.violated()).toEqual([]);
  const other = [...log.slice(0, 3), { term: 1, command: 'other' }];
  expect(run.set('n3', server({ term: 1, log: other, commit: 3, snapshot: 3, applied: 3 })).violated()).toEqual([
    'log matching',
  ]);
});

test('groups of one world are told apart, and durability is not judged without voters', () => {
  const groups = ['a', 'b'].map((group, i) =>
    raftInvariants<ToyServer>({ view: toyView, group, nodes: [`n${i + 1}`] }),
  );
  const run = new Stage(groups.flat(), { nodes: NODES }).set('n1', leader(1)).set('n2', leader(1, { votedFor: 'n2' }));
  expect(run.violated()).toEqual([]);
  const names = run.verdicts().map(({ check }) => check);
  expect(new Set(names).size).toBe(20);
  expect(names).toContain('log matching (b)');
});
