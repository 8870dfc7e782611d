/** What clients are owed as a service: that nothing is lost, and that answers come in time. */
import { describe, expect, test } from '@jest/globals';
import { answeredInTime, ms, noRequestLost, NO_REQUEST_LOST, NEVER, s, type Outcome } from '../../sim/index.ts';
import { Stage } from './stage.ts';

const stage = (checks: Parameters<typeof noRequestLost>[0] | undefined = undefined): Stage =>
  new Stage([noRequestLost(checks ?? { needs: ['balancer', 'server'], within: ms(100) })], {
    nodes: ['lb', 's1', 's2', 'c'],
    roles: { lb: 'balancer', s1: 'server', s2: 'server', c: 'client' },
    end: s(10),
  })
    .set('lb', {})
    .set('s1', {})
    .set('s2', {})
    .set('c', {}, s(1));

/** A request of the client, open from `from` to `to`. */
function request(run: Stage, from: number, to: number, outcome: Outcome): void {
  run.now = from;
  const id = run.operate('c', 'request', '', undefined, undefined, outcome);
  const operation = run.operations[id];
  if (operation !== undefined) operation.completedAt = outcome === 'pending' ? NEVER : to;
}

describe('no request is lost', () => {
  test('held while requests end ok, whoever is away, and while one is still open', () => {
    const run = stage().crash('s1');
    request(run, s(2), s(3), 'ok');
    request(run, s(9), s(10), 'pending');
    expect(run.verdict(NO_REQUEST_LOST)).toMatchObject({ status: 'held', message: '2 requests' });
  });

  test.each(['fail', 'info'] as const)('violated by one that ends as %s while a server is up', (outcome) => {
    const run = stage();
    request(run, s(2), s(2) + ms(50), outcome);
    request(run, s(3), s(3), 'ok');
    const { status, witness } = run.verdict(NO_REQUEST_LOST);
    expect(status).toBe('violated');
    expect(witness).toMatchObject({ at: s(2) + ms(50), operations: [0], facts: { lost: 1, requests: 2 } });
    expect(witness?.sentence).toMatch(/^c lost its request \(#0\) of 2\.0000 s, although somebody could serve it/);
  });

  test.each([
    ['in progress when a server goes', -ms(30), ms(20), 'held'],
    ['begun within the time to notice', ms(90), ms(190), 'held'],
    ['begun later', ms(110), ms(200), 'violated'],
    ['over before', -ms(50), -ms(10), 'violated'],
  ] as const)('one %s (%d µs after): %s', (_name, from, to, status) => {
    const run = stage();
    run.now = s(2) - ms(1);
    run.crash('s1');
    request(run, s(2) + from, s(2) + to, 'info');
    expect(run.verdict(NO_REQUEST_LOST).status).toBe(status);
  });

  test('while nobody of a needed role is up nothing is owed, and shortly after', () => {
    for (const [ids, at, status] of [
      [['s1', 's2'], s(4), 'held'],
      [['s1', 's2'], s(5) + ms(90), 'held'],
      [['s1', 's2'], s(5) + ms(200), 'violated'],
      [['lb'], s(4), 'held'],
      [['s1'], s(4), 'violated'],
    ] as const) {
      const run = stage();
      for (const id of ids) run.crash(id);
      run.set(ids[0], {}, s(5));
      request(run, at, at + 1, 'fail');
      expect([ids, at, run.verdict(NO_REQUEST_LOST).status]).toEqual([ids, at, status]);
    }
  });

  test('a pause counts as being away, seen at the next event of anybody; a client that goes is no excuse', () => {
    const run = stage();
    (run.node('s1') as { status: string }).status = 'paused';
    run.set('c', {}, s(2));
    request(run, s(2), s(2), 'info');
    expect(run.verdict(NO_REQUEST_LOST).status).toBe('held');
    const other = stage().crash('c');
    request(other, other.now, other.now, 'info');
    expect(other.verdict(NO_REQUEST_LOST).status).toBe('violated');
  });

  test('undecided without requests; wrong options are named', () => {
    expect(stage().verdict(NO_REQUEST_LOST).status).toBe('undecided');
    expect(() => noRequestLost({ needs: [], within: 0 })).toThrow('noRequestLost: needs');
    expect(() => noRequestLost({ needs: ['server'], within: -1 })).toThrow('noRequestLost: within');
  });
});

describe('answered in time', () => {
  const judged = (latencies: readonly (readonly [number, Outcome])[], share?: number) => {
    const run = new Stage([answeredInTime({ within: ms(100), ...(share === undefined ? {} : { share }) })], {
      end: s(10),
    });
    latencies.forEach(([latency, outcome], i) => request(run, s(1) + i, s(1) + i + latency, outcome));
    return run.verdict('requests are answered in time');
  };
  const quick = (count: number) => Array.from({ length: count }, () => [ms(100), 'ok'] as const);

  test('counts late answers, failures and open requests alike', () => {
    expect(judged([...quick(99), [ms(101), 'ok']])).toMatchObject({
      status: 'held',
      message: '99 % of 100 requests were answered within 100ms',
    });
    expect(judged([...quick(98), [ms(101), 'ok'], [ms(1), 'fail']])).toMatchObject({
      status: 'violated',
      message: '98 % of 100 requests were answered within 100ms, 99 % were promised',
      witness: { operations: [98, 99], facts: { late: 2, requests: 100 } },
    });
    expect(judged([...quick(1), [0, 'pending']], 0.5).status).toBe('held');
    expect(judged([...quick(1), [0, 'pending']], 0.51).status).toBe('violated');
  });

  test('a request that is not yet due is not judged; undecided without any', () => {
    const run = new Stage([answeredInTime({ within: ms(100) })], { end: s(10) });
    request(run, s(10) - ms(99), s(10), 'pending');
    expect(run.verdict('requests are answered in time').status).toBe('undecided');
    expect(() => answeredInTime({ within: ms(100), share: 0 })).toThrow('answeredInTime: share');
  });
});
