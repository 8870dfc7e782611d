/** The protocol checks against histories and states written by hand: what each must catch, and what it must let pass. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  atMostOneActingHolder,
  disjointQuorums,
  messageQueueDelivery,
  noAcknowledgedWriteLost,
  oneLeaderPerTerm,
  quorumIntersection,
  takesEffectOnce,
  type Check,
  type NodeView,
  type Operation,
  type Outcome,
  type QuorumUsed,
  type RunView,
  type TokenUse,
  type Verdict,
} from '../../sim/index.ts';

let clock = 0;
const operation = (id: number, f: string, input: unknown, outcome: Outcome = 'ok', client = 'c1'): Operation => ({
  id,
  client,
  f,
  key: '',
  input,
  output: undefined,
  outcome,
  invoked: clock++,
  completed: outcome === 'info' || outcome === 'pending' ? Number.MAX_SAFE_INTEGER : clock++,
  invokedAt: clock,
  completedAt: clock,
});

const viewOf = (operations: readonly Operation[], nodes: readonly NodeView[] = []): RunView => ({
  now: clock,
  end: 1_000,
  healedAt: 0,
  firstFaultAt: undefined,
  nodes,
  operations,
  metrics: undefined as never,
  node: (ref) => nodes.find(({ id }) => id === (typeof ref === 'string' ? ref : ref.id)) as NodeView,
  state: () => undefined,
});

const judge = (check: Check, operations: readonly Operation[]): Verdict => check.begin(viewOf(operations)).finish();

describe('no acknowledged write is lost', () => {
  const survivors = (...values: unknown[]) => noAcknowledgedWriteLost({ survivors: () => values });

  test('balances its books whatever happens: acknowledged = survivors − unacknowledged + lost', () => {
    const fates = fc.array(
      fc.record({ outcome: fc.constantFrom<Outcome>('ok', 'fail', 'info', 'pending'), survives: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(fates, (writes) => {
        const operations = writes.map(({ outcome }, i) => operation(i, 'write', i, outcome));
        const verdict = judge(survivors(...writes.flatMap(({ survives }, i) => (survives ? [i] : []))), operations);
        const lost = writes.filter(({ outcome, survives }) => outcome === 'ok' && !survives).length;
        expect(verdict.status).toBe(lost === 0 ? 'held' : 'violated');
        const facts = verdict.witness?.facts as Record<string, number> | undefined;
        if (facts !== undefined) {
          expect(facts['lost']).toBe(lost);
          expect(facts['acknowledged']).toBe(
            (facts['survivors'] as number) - (facts['unacknowledgedPresent'] as number) + lost,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test('[K8] gives the counts of the first Jepsen reports', () => {
    // total, acknowledged, survivors, acknowledged and lost
    const published = [
      { total: 1000, acknowledged: 950, present: 952, lost: 0, unacknowledged: 2 },
      { total: 2000, acknowledged: 1998, present: 872, lost: 1126, unacknowledged: 0 },
      { total: 2000, acknowledged: 2000, present: 566, lost: 1434, unacknowledged: 0 },
    ];
    for (const { total, acknowledged, present, lost, unacknowledged } of published) {
      const operations = Array.from({ length: total }, (_, i) =>
        operation(i, 'add', i, i < acknowledged ? 'ok' : 'info'),
      );
      const kept = [
        ...Array.from({ length: present - unacknowledged }, (_, i) => i),
        ...Array.from({ length: unacknowledged }, (_, i) => acknowledged + i),
      ];
      const verdict = judge(noAcknowledgedWriteLost({ survivors: () => kept, f: 'add' }), operations);
      expect(verdict.status).toBe(lost === 0 ? 'held' : 'violated');
      const text = `${acknowledged} acknowledged = ${present} survivors − ${unacknowledged} unacknowledged + ${lost} lost`;
      expect(verdict.message).toContain(text);
    }
  });

  test('names the first losses and who acknowledged them', () => {
    const first: Operation = { ...operation(0, 'write', 'a'), node: 'n1' };
    const { witness } = judge(survivors('b'), [first, operation(1, 'write', 'b')]);
    expect(witness).toMatchObject({ operations: [0], nodes: ['n1'] });
    expect(witness?.sentence).toMatch(/1 of 2 acknowledged writes are gone: c1 wrote "a", acknowledged by n1/);
  });

  test('does not accept values that nobody wrote', () => {
    expect(judge(survivors('a', 'ghost'), [operation(0, 'write', 'a')])).toMatchObject({
      status: 'violated',
      message: expect.stringMatching(/nobody wrote/),
    });
  });

  test('is undecided when nobody can say what survived', () => {
    expect(judge(noAcknowledgedWriteLost({ survivors: () => undefined }), [operation(0, 'write', 'a')]).status).toBe(
      'undecided',
    );
  });
});

const nodeWith = (id: string, role: string, state: unknown, more: Partial<NodeView> = {}): NodeView => ({
  id,
  role,
  phase: role,
  status: 'up',
  zone: 'z',
  region: 'r',
  life: 0,
  state,
  ...more,
});

describe('one leader per term', () => {
  const check = oneLeaderPerTerm<{ leads?: number }>({ leader: ({ leads }) => leads, roles: ['replica'] });
  const after = (...steps: [string, number | undefined, Partial<NodeView>?][]): Verdict => {
    const work = check.begin(viewOf([]));
    for (const [id, leads, more] of steps)
      work.handled?.(nodeWith(id, 'replica', leads === undefined ? {} : { leads }, more));
    return work.finish();
  };

  test('holds while each term has one leader, also one that leads again', () => {
    expect(after(['n1', 1], ['n2', 2], ['n1', undefined], ['n1', 3], ['n2', 2]).status).toBe('held');
  });

  test('is violated by two leaders of one term, even when the first has stepped down long ago', () => {
    const verdict = after(['n1', 1], ['n1', undefined], ['n2', 2], ['n2', 1]);
    expect(verdict).toMatchObject({ status: 'violated', witness: { nodes: ['n1', 'n2'], facts: { term: 1 } } });
  });

  test('does not look at the state of a crashed node', () => {
    expect(after(['n1', 1], ['n2', 1, { status: 'crashed' }]).status).toBe('held');
  });

  test('watches the roles that it was told', () => {
    const nodes = [nodeWith('n1', 'replica', {}), nodeWith('c1', 'client', {})];
    expect(check.watches?.(viewOf([], nodes))).toEqual(['n1']);
  });
});

describe('quorum intersection', () => {
  const uses = (...quorums: [QuorumUsed['kind'], string[]][]): Verdict => {
    const operations = quorums.map(([kind], i) => operation(i, kind, i));
    return judge(
      quorumIntersection({
        quorums: () => quorums.map(([kind, members], i) => ({ kind, key: '', members, operation: i })),
      }),
      operations,
    );
  };

  test('is violated by a read that misses every replica of an earlier write', () => {
    const verdict = uses(['write', ['n1', 'n2']], ['read', ['n2', 'n3']], ['write', ['n1']], ['read', ['n2', 'n3']]);
    expect(verdict).toMatchObject({ status: 'violated', witness: { operations: [2, 3] } });
  });

  test('lets a read miss a write that comes later', () => {
    expect(uses(['read', ['n2']], ['write', ['n1']]).status).toBe('held');
  });

  test('finds disjoint quorums exactly when R + W is at most N', () => {
    for (let n = 1; n <= 7; n++) {
      for (let r = 1; r <= n; r++) {
        for (let w = 1; w <= n; w++) {
          const found = disjointQuorums(n, r, w);
          expect(found === undefined).toBe(r + w > n);
          if (found === undefined) continue;
          expect([found.read.length, found.write.length]).toEqual([r, w]);
          expect(new Set([...found.read, ...found.write]).size).toBe(r + w);
          expect(Math.max(...found.read, ...found.write)).toBeLessThanOrEqual(n);
        }
      }
    }
  });

  test('names the quorum that is no quorum', () => {
    expect(() => disjointQuorums(3, 0, 1)).toThrow(/r: got 0, expected a whole number from 1 to 3/);
    expect(() => disjointQuorums(3, 1, 4)).toThrow(/w: got 4/);
  });
});

describe('at most one holder acts', () => {
  const check = atMostOneActingHolder<TokenUse[]>({ accepted: (state) => state });
  const judged = (tokens: readonly number[]): Verdict => {
    const work = check.begin(viewOf([]));
    const accepted: TokenUse[] = [];
    for (const token of tokens) {
      accepted.push({ holder: `h${token}`, token });
      work.handled?.(nodeWith('document', 'resource', accepted));
    }
    return work.finish();
  };

  test('is violated exactly when a token follows a higher one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }), (tokens) => {
        const falls = tokens.some((token, i) => i > 0 && token < (tokens[i - 1] as number));
        expect(judged(tokens).status).toBe(falls ? 'violated' : 'held');
      }),
      { numRuns: 200 },
    );
  });

  test('remembers the highest token when the resource restarts', () => {
    const work = check.begin(viewOf([]));
    work.handled?.(nodeWith('document', 'resource', [{ holder: 'b', token: 2 }]));
    work.handled?.(nodeWith('document', 'resource', [{ holder: 'a', token: 1 }], { life: 1 }));
    expect(work.finish()).toMatchObject({
      status: 'violated',
      witness: { nodes: ['document', 'a', 'b'], facts: { stale: 1, highest: 2 } },
    });
  });
});

describe('no acknowledged message is lost', () => {
  const check = (queued: string[] = [], dead: string[] = [], atMostOnce = false) =>
    messageQueueDelivery({ contents: () => ({ queued, dead }), atMostOnce });
  const published = (id: number, message: string, outcome: Outcome = 'ok') =>
    operation(id, 'publish', message, outcome);
  const processed = (id: number, message: string, outcome: Outcome = 'ok') =>
    operation(id, 'process', message, outcome, 'w1');

  test('holds when every acknowledged message is processed or dead', () => {
    expect(
      judge(check([], ['b']), [published(0, 'a'), published(1, 'b'), processed(2, 'a'), published(3, 'c', 'info')])
        .status,
    ).toBe('held');
  });

  test('is violated by an acknowledged message that is nowhere', () => {
    expect(judge(check(), [published(0, 'a'), published(1, 'b'), processed(2, 'b')])).toMatchObject({
      status: 'violated',
      witness: { operations: [0], facts: { lost: 1 } },
    });
  });

  test('leaves it open while messages are queued', () => {
    expect(judge(check(['a']), [published(0, 'a')])).toMatchObject({ status: 'undecided' });
  });

  test('or not, where that is the business of another check', () => {
    const allowing = messageQueueDelivery({ contents: () => ({ queued: ['a'], dead: [] }), late: 'allowed' });
    expect(judge(allowing, [published(0, 'a')]).status).toBe('held');
    expect(judge(allowing, [published(0, 'b')]).status).toBe('violated');
  });

  test.each(['info', 'pending'] as const)('does not call lost what a consumer may have done: %s', (outcome) => {
    expect(judge(check(), [published(0, 'a'), processed(1, 'a', outcome)]).status).toBe('held');
  });

  test('of several subscribers judges the one that it is told', () => {
    const history = [published(0, 'a'), { ...processed(1, 'a'), key: 'one' }];
    const of = (subscriber: string) => messageQueueDelivery({ contents: () => ({ queued: [], dead: [] }), subscriber });
    expect(judge(of('one'), history).status).toBe('held');
    expect(judge(of('two'), history).status).toBe('violated');
  });

  test('is violated by a message that nobody published', () => {
    expect(judge(check(), [processed(0, 'ghost')])).toMatchObject({
      status: 'violated',
      message: expect.stringMatching(/nobody published/),
    });
  });

  test('allows a message to be processed twice, unless at most once is promised', () => {
    const history = [published(0, 'a'), processed(1, 'a'), processed(2, 'a')];
    expect(judge(check(), history).status).toBe('held');
    expect(judge(check([], [], true), history)).toMatchObject({ status: 'violated', witness: { operations: [2] } });
  });
});

describe('operations take effect once', () => {
  const check = (effects: readonly string[] | undefined) => takesEffectOnce({ f: 'pay', effects: () => effects });
  const paid = (id: number, order: string, outcome: Outcome = 'ok') => operation(id, 'pay', order, outcome);

  test('is held when each that ended ok has one effect, and those of unknown outcome one or none', () => {
    const history = [paid(0, 'a'), paid(1, 'b', 'info'), paid(2, 'c', 'info'), paid(3, 'd', 'fail')];
    expect(judge(check(['a', 'b']), history)).toMatchObject({ status: 'held' });
  });

  test.each([
    ['two effects of one operation', ['a', 'a'], 'ok', /a took effect 2 times/],
    ['two effects of one of unknown outcome', ['a', 'a'], 'info', /a took effect 2 times/],
    ['no effect of one that ended ok', [], 'ok', /is done, and it took no effect/],
    ['an effect of one that certainly failed', ['a'], 'fail', /has failed, and it took effect/],
    ['an effect that nobody asked for', ['a', 'ghost'], 'ok', /ghost took effect, which nobody asked for/],
  ] as const)('is violated by %s', (_what, effects, outcome, message) => {
    const verdict = judge(check(effects), [paid(7, 'a', outcome)]);
    expect(verdict).toMatchObject({ status: 'violated', message: expect.stringMatching(message) });
  });

  test('is undecided when nobody can say what was done', () => {
    expect(judge(check(undefined), [paid(0, 'a')]).status).toBe('undecided');
  });
});
