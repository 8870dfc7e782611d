import { describe, expect, test } from '@jest/globals';
import {
  CallError,
  clockDrift,
  crash,
  defineActor,
  duplicate,
  fsyncFail,
  holds,
  defineScenario,
  ms,
  reorder,
  run,
  s,
  type Context,
  type Flow,
  type Scenario,
} from '../../sim/index.ts';
import {
  leaseHolder,
  leaseService,
  protectedResource,
  type LeaseHolderState,
  type ProtectedResourceState,
} from '../../models/index.ts';
import leaseDriftFenced from '../../scenarios/lease-drift-fenced.ts';
import leaseDrift from '../../scenarios/lease-drift.ts';
import { Injector } from '../../sim/faults/injector.ts';
import { schedule } from '../../sim/faults/schedule.ts';
import { drive, newWorld } from '../support/bare-world.ts';

type Log = string[];

/** Runs `body` as a client of a lease service and a resource in a world where each message takes 1 ms. */
function withLease(
  body: (ask: Asks, ctx: Context<Log>) => Flow,
  options: { fencing?: boolean; crashAt?: number } = {},
) {
  const world = newWorld();
  const service = world.node('lease', { actor: leaseService({ term: '1s' }) });
  const resource = world.node('document', { actor: protectedResource({ fencing: options.fencing ?? true }) });
  const log: Log = [];
  function* attempt<T>(what: string, flow: Flow<T>): Flow<T | undefined> {
    try {
      const answer: T = yield* flow;
      log.push(`${what} ok`);
      return answer;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      log.push(`${what} ${error.code}`);
      return undefined;
    }
  }
  const asksOf = (ctx: Context<Log>): Asks => ({
    acquire: (holder) =>
      attempt(
        `${holder} acquires`,
        (function* () {
          return yield* ctx.call(service, 'acquire', { holder });
        })(),
      ),
    renew: (holder, token) =>
      attempt(
        `${holder} renews`,
        (function* () {
          return yield* ctx.call(service, 'renew', { holder, token });
        })(),
      ),
    release: (holder, token) =>
      attempt(
        `${holder} releases`,
        (function* () {
          return yield* ctx.call(service, 'release', { holder, token });
        })(),
      ),
    save: (holder, token, seq, base) =>
      attempt(
        `${holder} saves`,
        (function* () {
          return yield* ctx.call(resource, 'save', { holder, token, seq, base });
        })(),
      ),
  });
  world.node('client', {
    actor: defineActor<Log, object>({
      role: 'client',
      init: () => [],
      start: (_state, ctx) => ctx.spawn(body(asksOf(ctx), ctx)),
    }),
  });
  return { world, log };
}

interface Asks {
  acquire(holder: string): Flow<{ token: number; term: number } | undefined>;
  renew(holder: string, token: number): Flow<unknown>;
  release(holder: string, token: number): Flow<unknown>;
  save(holder: string, token: number, seq: number, base: number): Flow<unknown>;
}

describe('lease service', () => {
  test('grants one lease at a time, each with a higher token, until it is released or runs out', () => {
    const tokens: unknown[] = [];
    const { world, log } = withLease(function* (ask, ctx) {
      tokens.push((yield* ask.acquire('a'))?.token);
      yield* ask.acquire('b');
      yield* ask.release('a', 1);
      tokens.push((yield* ask.acquire('b'))?.token);
      yield* ctx.sleep(ms(1_100));
      yield* ask.renew('b', 2);
      tokens.push((yield* ask.acquire('a'))?.token);
    });
    drive(world, s(5));
    expect(log).toEqual([
      'a acquires ok',
      'b acquires held',
      'a releases ok',
      'b acquires ok',
      'b renews expired',
      'a acquires ok',
    ]);
    expect(tokens).toEqual([1, 2, 3]);
  });

  test('gives a holder that asks again the rest of its lease, not a new one', () => {
    const terms: (number | undefined)[] = [];
    const { world } = withLease(function* (ask, ctx) {
      terms.push((yield* ask.acquire('a'))?.term);
      yield* ctx.sleep(ms(500));
      terms.push((yield* ask.acquire('a'))?.term);
    });
    drive(world, s(2));
    expect(terms[0]).toBe(s(1));
    expect(terms[1]).toBeLessThan(ms(500));
    expect(terms[1]).toBeGreaterThan(ms(490));
  });

  test('gives a holder that asks again a new token, so that what it sent before is told from what it sends now', () => {
    const tokens: unknown[] = [];
    const { world } = withLease(function* (ask) {
      tokens.push((yield* ask.acquire('a'))?.token);
      tokens.push((yield* ask.acquire('a'))?.token);
    });
    drive(world, s(2));
    expect(tokens).toEqual([1, 2]);
  });

  test('extends a lease that is renewed in time', () => {
    const { world, log } = withLease(function* (ask, ctx) {
      yield* ask.acquire('a');
      yield* ctx.sleep(ms(800));
      yield* ask.renew('a', 1);
      yield* ctx.sleep(ms(800));
      yield* ask.acquire('b');
    });
    drive(world, s(3));
    expect(log.at(-1)).toBe('b acquires held');
  });
});

describe('protected resource', () => {
  test.each([
    [true, 'old saves stale-token', 2],
    [false, 'old saves ok', 1],
  ])('with fencing %s: a late save', (fencing, last, version) => {
    const { world, log } = withLease(
      function* (ask) {
        yield* ask.save('old', 1, 1, 0);
        yield* ask.save('new', 2, 1, 1);
        yield* ask.save('old', 1, 2, 0);
      },
      { fencing },
    );
    drive(world, s(1));
    const state = world.named('document').state as ProtectedResourceState;
    expect(log.at(-1)).toBe(last);
    expect(state.version).toBe(version);
    expect(state.overwritten).toBe(fencing ? 0 : 1);
  });

  /** A save comes twice and one that was sent before it comes after it, all under one token. */
  const disordered = (fencing: boolean, crashAt?: number) => {
    const { world, log } = withLease(
      function* (ask, ctx) {
        yield* ask.save('a', 1, 1, 0);
        yield* ask.save('a', 1, 3, 1);
        if (crashAt !== undefined) yield* ctx.sleep(ms(500));
        yield* ask.save('a', 1, 3, 1);
        yield* ask.save('a', 1, 2, 0);
        yield* ask.save('b', 2, 1, 2);
      },
      { fencing },
    );
    if (crashAt !== undefined)
      new Injector(world, schedule([crash({ node: 'document', at: crashAt, for: ms(100) })])).arm();
    drive(world, s(2));
    return { log, state: world.named('document').state as ProtectedResourceState };
  };

  test.each([undefined, ms(200)])(
    'with fencing answers what comes twice once more, and refuses what comes after a later one (crash at %s µs)',
    (crashAt) => {
      const { log, state } = disordered(true, crashAt);
      expect(log).toEqual(['a saves ok', 'a saves ok', 'a saves ok', 'a saves out-of-order', 'b saves ok']);
      expect(state).toMatchObject({ version: 3, overwritten: 0, repeated: 1, outOfOrder: 1 });
    },
  );

  test('without fencing does again what comes again', () => {
    const { log, state } = disordered(false);
    expect(log).toEqual(Array.from({ length: 4 }, () => 'a saves ok').concat('b saves ok'));
    expect(state.overwritten).toBe(3);
  });

  test('with fencing loses no work to messages that come twice, late and out of order; without it does', () => {
    const faults = [
      duplicate({ at: s(2), for: s(8), probability: 0.5 }),
      reorder({ at: s(2), for: s(8), probability: 0.1, window: ms(500) }),
    ];
    const overwritten = (scenario: Scenario) =>
      ['a', 'b', 'c', 'd'].map(
        (seed) =>
          run(scenario, { seed, faults }).verdicts.find(({ check }) => check === 'no work is overwritten')?.status,
      );
    expect(overwritten(leaseDriftFenced)).toEqual(['held', 'held', 'held', 'held']);
    expect(overwritten(leaseDrift)).toContain('violated');
  });
});

const leases = (fencing: boolean) =>
  defineScenario({
    name: 'leases',
    question: 'Who acts?',
    duration: s(8),
    recovery: false,
    build({ world }) {
      const service = world.node('lease', { actor: leaseService({ term: '500ms' }) });
      const resource = world.node('document', { actor: protectedResource({ fencing }) });
      const actor = leaseHolder({ service, resource, margin: '5ms' });
      for (const holder of world.refs<Record<never, never>>('h', 3))
        world.node<LeaseHolderState, Record<never, never>>(holder, { actor });
      return {};
    },
    checks: () => [
      {
        name: 'tokens rise',
        kind: 'always',
        promise: 'no token is granted twice to different holders',
        watches: () => ['h1', 'h2', 'h3'],
        begin: () => {
          const owners = new Map<number, string>();
          let broken = '';
          return {
            handled({ id, status, state }) {
              const token = status === 'up' ? (state as LeaseHolderState).token : 0;
              if (token === 0) return;
              const owner = owners.get(token);
              if (owner !== undefined && owner !== id) broken = `${token}: ${owner}, ${id}`;
              owners.set(token, id);
            },
            finish: () => ({
              check: 'tokens rise',
              kind: 'always',
              status: broken === '' ? 'held' : 'violated',
              message: broken || `${owners.size} leases`,
            }),
          };
        },
      },
    ],
    expect: holds(),
  });

describe('lease holders', () => {
  test('never act at once while clocks are right, even without fencing', () => {
    const calm = run(leaseDrift, { seed: 'calm', faults: [] });
    expect(
      calm.verdicts.filter(({ status }) => status !== 'held').map(({ check, message }) => `${check}: ${message}`),
    ).toEqual([]);
    expect(calm.operations.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(100);
  });

  test('a drift that the margin covers does no harm: term · 2ρ/(1 + ρ)', () => {
    const params = { driftPpm: -100_000, margin: '190ms' };
    const faults = [clockDrift({ node: 'h1', at: s(2), for: s(7), ppm: -100_000 })];
    const { verdicts } = run(leaseDrift, { seed: 'margin', params, faults });
    expect(verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
    const uncovered = run(leaseDrift, { seed: 'margin', params: { ...params, margin: '0s' }, faults });
    expect(uncovered.verdicts.find(({ check }) => check === 'at most one holder acts')?.status).toBe('violated');
  });

  test('the service repeats no token after crashes and failed syncs', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const faults = [
        crash({ node: 'lease', at: s(2), for: ms(300) }),
        fsyncFail({ node: 'lease', at: s(4), for: ms(800) }),
        crash({ node: 'lease', at: s(6), for: ms(100) }),
      ];
      const result = run(leases(true), { seed, faults });
      expect(result.verdicts.map(({ status, message }) => `${status} ${message}`)[0]).toMatch(/^held/);
      expect(run(leases(true), { seed, faults, record: true }).digest).toBe(result.digest);
    }
  });
});
