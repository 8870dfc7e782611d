/** Generators of ids: layouts, bounds and published figures; what they do when clocks go back and machines go down. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CallError,
  clockStep,
  constant,
  crash,
  defineScenario,
  holds,
  ms,
  RandomStream,
  run,
  s,
  type Context,
  type Fault,
  type Flow,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  compareIds,
  LIFETIME_MS,
  machineRegistry,
  SEQUENCES,
  skipTo,
  snowflakeFields,
  snowflakeGenerator,
  snowflakeId,
  stepSnowflake,
  ticketServer,
  TWITTER_EPOCH,
  uuidGenerator,
  uuidV4,
  uuidV7,
  uuidVersion,
  type IdProtocol,
  type SnowflakeGeneratorOptions,
} from '../../models/index.ts';
import { runner } from '../support/bare-world.ts';
import { compared, seedsFor } from './oracle-table.ts';

/** What `body`, a client half a millisecond away from all, has noted at the end. */
function noted<G>(
  place: (world: WorldBuilder) => G,
  body: (generators: G, ctx: Context<string[]>, note: (line: string) => void) => Flow,
  faults: readonly Fault[] = [],
): string[] {
  let lines: string[] = [];
  const scenario = defineScenario({
    name: 'noted',
    question: 'Which ids are given out?',
    duration: s(4),
    recovery: false,
    build({ world }) {
      world.links({ latency: constant(500) });
      const generators = place(world);
      world.node('c', { actor: runner((ctx, note) => body(generators, ctx, note)) });
      return {};
    },
    faults: () => faults,
    checks: () => [
      {
        name: 'noted',
        kind: 'always',
        promise: 'nothing',
        begin: (view) => ({
          finish() {
            lines = [...(view.state<string[]>('c') ?? [])];
            return { check: 'noted', kind: 'always', status: 'held', message: '' };
          },
        }),
      },
    ],
    expect: holds(),
  });
  run(scenario, { seed: 'ids' });
  return lines;
}

function* ask(ctx: Context<string[]>, from: NodeRef<IdProtocol>): Flow<string> {
  try {
    return yield* ctx.call(from, 'generate', {}, { deadline: ms(300) });
  } catch (error) {
    return (error as CallError).code;
  }
}

const isGrowing = (ids: readonly string[]): boolean =>
  ids.every((id, i) => i === 0 || compareIds(ids[i - 1] as string, id) < 0);

describe('a Snowflake id', () => {
  test('has the fields of the published example [I1]', () => {
    const fields = snowflakeFields('1541815603606036480');
    expect(fields).toEqual({ timestamp: 367_597_485_448, machine: 378, sequence: 0 });
    expect(fields.timestamp + TWITTER_EPOCH).toBe(1_656_432_460_105);
    expect(snowflakeId(fields)).toBe('1541815603606036480');
  });

  test('has 63 bits, and time for 69.7 years', () => {
    const last = snowflakeId({ timestamp: LIFETIME_MS - 1, machine: 1_023, sequence: 4_095 });
    expect(BigInt(last)).toBe(2n ** 63n - 1n);
    expect((LIFETIME_MS / (1_000 * 86_400 * 365.25)).toFixed(1)).toBe('69.7');
    for (const wrong of ['', '-1', 'x', `${2n ** 63n}`]) expect(() => snowflakeFields(wrong)).toThrow(/2\^63/);
    expect(() => snowflakeId({ timestamp: 0, machine: 1_024, sequence: 0 })).toThrow(/snowflake.machine.*1023/);
  });

  test('is taken apart into what it was made of, and sorts as its fields do', () => {
    const fields = fc.record({
      timestamp: fc.integer({ min: 0, max: LIFETIME_MS - 1 }),
      machine: fc.integer({ min: 0, max: 1_023 }),
      sequence: fc.integer({ min: 0, max: 4_095 }),
    });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        expect(snowflakeFields(snowflakeId(a))).toEqual(a);
        const order = a.timestamp - b.timestamp || a.machine - b.machine || a.sequence - b.sequence;
        expect(Math.sign(compareIds(snowflakeId(a), snowflakeId(b)))).toBe(Math.sign(order));
      }),
    );
  });

  test('is one of 4,096 in a millisecond: the next one waits for the next millisecond [I1]', () => {
    const clock = { last: 0, sequence: 0 };
    const steps = Array.from({ length: SEQUENCES + 1 }, () => stepSnowflake(clock, 7));
    expect(steps.filter((step) => step === true)).toHaveLength(4_096);
    expect(steps.at(-1)).toBe('full');
    expect(stepSnowflake(clock, 8)).toBe(true);
    expect(stepSnowflake(clock, 7)).toBe('back');
  });

  test('is never made twice, wherever the clock goes and however often the generator starts again', () => {
    const moves = fc.array(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant('restart' as const)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(moves, (path) => {
        let [now, reserved] = [1_000, 0];
        let clock = { last: 0, sequence: 0 };
        const made: string[] = [];
        for (const move of path) {
          if (move === 'restart') {
            clock = { last: 0, sequence: 0 };
            skipTo(clock, reserved - 1);
            continue;
          }
          now = Math.max(1, now + move);
          if (now >= reserved) reserved = now + 10;
          if (stepSnowflake(clock, now) === true)
            made.push(snowflakeId({ timestamp: clock.last, machine: 1, sequence: clock.sequence }));
        }
        expect(isGrowing(made)).toBe(true);
      }),
    );
  });
});

const oneGenerator =
  (options: Partial<SnowflakeGeneratorOptions> = {}) =>
  (world: WorldBuilder): NodeRef<IdProtocol> =>
    world.node('g', { actor: snowflakeGenerator({ machine: 5, ...options }), disk: { fsync: constant(100) } });

describe('a Snowflake generator', () => {
  test('makes 10,000 ids a second, and 4,096 in a millisecond at most', () => {
    const ids = noted(oneGenerator(), function* (g, ctx, note) {
      for (let i = 0; i < 4; i++)
        for (const id of yield* ctx.all(Array.from({ length: 2_500 }, () => ask(ctx, g)))) note(id);
    });
    expect(new Set(ids).size).toBe(10_000);
    const times = ids.map((id) => snowflakeFields(id).timestamp);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1_000);
    const perMs = new Map<number, number>();
    for (const time of times) perMs.set(time, (perMs.get(time) ?? 0) + 1);
    expect(Math.max(...perMs.values())).toBeLessThanOrEqual(4_096);
  });

  test.each([
    ['trust', 'its ids come again or go back', false],
    ['refuse', 'it refuses', true],
    ['wait', 'it waits', true],
  ] as const)('whose clock goes back, and which is to %s: %s', (clockBack, _what, grows) => {
    const lines = noted(
      oneGenerator({ clockBack }),
      function* (g, ctx, note) {
        for (let i = 0; i < 200; i++) {
          note(yield* ask(ctx, g));
          yield* ctx.sleep(ms(10));
        }
      },
      [clockStep({ node: 'g', at: s(1), by: '-200ms' })],
    );
    const ids = lines.filter((line) => line !== 'clock-back');
    expect(isGrowing(ids)).toBe(grows);
    expect(lines.length - ids.length > 10).toBe(clockBack === 'refuse');
  });

  test('that starts again with its clock set back goes on behind what it had reserved', () => {
    const faults = [crash({ node: 'g', at: s(1), for: ms(50) }), clockStep({ node: 'g', at: ms(1_020), by: '-900ms' })];
    const asking = function* (g: NodeRef<IdProtocol>, ctx: Context<string[]>, note: (line: string) => void): Flow {
      for (let i = 0; i < 200; i++) {
        const id = yield* ask(ctx, g);
        if (/^\d+$/.test(id)) note(id);
        yield* ctx.sleep(ms(10));
      }
    };
    expect(isGrowing(noted(oneGenerator(), asking, faults))).toBe(true);
    expect(isGrowing(noted(oneGenerator({ clockBack: 'trust' }), asking, faults))).toBe(false);
  });

  test('leases a number of its own, and has another one when its clock is far behind after a restart', () => {
    const place = (world: WorldBuilder): readonly NodeRef<IdProtocol>[] => {
      const registry = world.node('registry', { actor: machineRegistry({ term: s(1) }) });
      return ['g', 'h'].map((id) => world.node(id, { actor: snowflakeGenerator({ machine: { registry } }) }));
    };
    const ids = noted(
      place,
      function* ([g, h], ctx, note) {
        if (g === undefined || h === undefined) return;
        for (const [from, wait] of [
          [g, s(1)],
          [h, s(1)],
          [g, 0],
        ] as const) {
          note(yield* ask(ctx, from));
          yield* ctx.sleep(wait);
        }
      },
      [clockStep({ node: 'g', at: ms(1_500), by: '-1400ms' }), crash({ node: 'g', at: ms(1_600), for: ms(50) })],
    );
    expect(ids.map((id) => snowflakeFields(id).machine)).toEqual([0, 1, 2]);
  });

  test('refuses options that make no sense', () => {
    expect(() => snowflakeGenerator({ machine: 1_024 })).toThrow(/snowflakeGenerator.machine.*0 to 1023/);
    expect(() => snowflakeGenerator({ machine: '5' as unknown as number })).toThrow(
      'snowflakeGenerator.machine: got "5", expected a whole number from 0 to 1023, or { registry }',
    );
    expect(() => snowflakeGenerator({ machine: 1, startsAt: 5 })).toThrow(/startsAt/);
    expect(() => snowflakeGenerator({ machine: 1, startsAt: TWITTER_EPOCH + 0.5 })).toThrow(/startsAt.*whole/);
    const registry = { id: 'registry', index: 0 };
    expect(() => snowflakeGenerator({ machine: { registry }, clockBack: 'trust' })).toThrow(
      /clockBack.*wait or refuse/,
    );
    expect(() => snowflakeGenerator({ machine: 1, clockBack: 'waits' as 'wait' })).toThrow(
      'snowflakeGenerator.clockBack: got "waits", expected one of wait, refuse, trust; did you mean "wait"?',
    );
    expect(() => ticketServer({ increment: 2, offset: 3 })).toThrow(/ticketServer.offset.*1 to the increment/);
    expect(() => machineRegistry({ machines: 0 })).toThrow(/machineRegistry.machines/);
  });
});

describe('ticket servers', () => {
  const place = (world: WorldBuilder): readonly NodeRef<IdProtocol>[] =>
    [1, 2].map((offset) => world.node(`t${offset}`, { actor: ticketServer({ increment: 2, offset }) }));
  const asking = function* (
    servers: readonly NodeRef<IdProtocol>[],
    ctx: Context<string[]>,
    note: (line: string) => void,
  ): Flow {
    for (let i = 0; i < 100; i++) {
      for (const [k, server] of servers.entries()) note(`${k + 1}:${yield* ask(ctx, server)}`);
      yield* ctx.sleep(ms(15));
    }
  };

  test('with increment 2 and offsets 1 and 2 give out odd and even numbers, none twice [I2]', () => {
    const lines = noted(place, asking);
    const of = (server: number): number[] =>
      lines.flatMap((line) => (line.startsWith(`${server}:`) ? [Number(line.slice(2))] : []));
    expect(of(1)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i + 1));
    expect(of(2)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i + 2));
  });

  test('go on behind their last number after a crash', () => {
    const ids = noted(place, asking, [crash({ node: 't1', at: s(1), for: ms(100) })]).flatMap((line) => {
      const id = line.split(':')[1] ?? '';
      return /^\d+$/.test(id) ? [id] : [];
    });
    expect(ids.length).toBeGreaterThan(100);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a UUID', () => {
  const random = (seed: string): RandomStream => new RandomStream(seed, 'uuid');

  test.each([4, 7] as const)('of version %d has the form of RFC 9562', (version) => {
    const ids = noted(
      (world) => world.node('g', { actor: uuidGenerator({ version }) }),
      function* (g, ctx, note) {
        for (let i = 0; i < 200; i++) note(yield* ask(ctx, g));
      },
    );
    const form = new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`);
    expect(ids.filter((id) => !form.test(id) || uuidVersion(id) !== version)).toEqual([]);
    expect(new Set(ids).size).toBe(200);
    if (version === 7) expect(ids).toEqual([...ids].sort());
  });

  test('of version 7 begins with the milliseconds of the RFC’s example', () => {
    const id = uuidV7({ timestamp: -1, counter: 0 }, 0x017f22e279b0, random('rfc'));
    expect(id.slice(0, 15)).toBe('017f22e2-79b0-7');
  });

  test('of version 7 is greater than the one before, wherever the clock goes and however full the counter is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 50 }), fc.nat(4_095), (moves, counter) => {
        const state = { timestamp: 1_000, counter };
        let now = 1_000;
        const source = random('moves');
        const ids = moves.flatMap((by) => {
          now += by;
          return Array.from({ length: 100 }, () => uuidV7(state, now, source));
        });
        expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] as string))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('has random bits that collide as the birthday bound says [I2]', () => {
    const exact = (n: number, days: number): number => {
      let none = 1;
      for (let i = 1; i < n; i++) none *= 1 - i / days;
      return 1 - none;
    };
    // Published, and all four of 1,024 random machine numbers of 10 bits, taken from the last bits of the ids.
    expect(exact(10, 1_024)).toBeCloseTo(0.04312, 4);
    expect(exact(38, 1_024)).toBeCloseTo(0.50096, 4);
    for (const [n, published] of [
      [10, 0.04312],
      [38, 0.50096],
      [20, exact(20, 1_024)],
      [60, exact(60, 1_024)],
    ] as const) {
      const figures = seedsFor(`birthday ${n}`, 400).map((seed) => {
        const source = random(seed);
        const seen = new Set(Array.from({ length: n }, () => Number.parseInt(uuidV4(source).slice(-4), 16) & 1_023));
        return seen.size < n ? 1 : 0;
      });
      expect(compared({ name: `${n} of 1,024`, published, figures })).toMatchObject({ agrees: true });
    }
  });
});
