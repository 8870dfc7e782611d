import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import {
  nemesisOf,
  always,
  choice,
  ConfigError,
  count,
  defineScenario,
  defineActor,
  diskFull,
  flag,
  holds,
  number,
  parseRepro,
  pause,
  readParams,
  replay,
  reproOf,
  run,
  s,
  SimulationError,
  span,
  VERSION,
  violates,
  type RunResult,
  type ScenarioSpec,
  type ParamSpecs,
} from '../sim/index.ts';
import { toyScenario } from './support/toy-scenario.ts';

const toy = (params: Record<string, unknown> = {}, seed = 'seed'): RunResult => run(toyScenario, { seed, params });
const verdictOf = (result: RunResult, name: string) => result.verdicts.find(({ check }) => check === name);

describe('a run', () => {
  test('is the same twice, and another with another seed', () => {
    expect(toy().digest).toBe(toy().digest);
    expect(toy({}, 'other').digest).not.toBe(toy().digest);
  });

  test('is the same on the recorded path, for any seed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), (seed) => {
        const options = { seed, params: { gap: '60ms' } };
        expect(run(toyScenario, { ...options, record: true }).digest).toBe(run(toyScenario, options).digest);
      }),
      { numRuns: 10 },
    );
  });

  test('leaves plain data', () => {
    const result = run(toyScenario, { seed: 'plain', record: true });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test.each([
    ['balance', 1, undefined],
    ['do not balance', 2, /the books of server do not balance: 5 came \(came\), 4 left \(left\), 0 are open/],
  ])('ends with an actor whose books %s', (_what, each, complaint) => {
    const server = defineActor<{ ticks: number }, object>({
      role: 'server',
      init: () => ({ ticks: 0 }),
      start: (_state, ctx) => ctx.setTimer('tick', '1s'),
      timers: {
        tick(state, ctx) {
          state.ticks++;
          ctx.count('came', state.ticks === 4 ? each : 1);
          ctx.count('left');
          ctx.setTimer('tick', '1s');
        },
      },
      books: { came: ['came'], left: ['left'], open: () => 0 },
    });
    const ticking = defineScenario({
      name: 'ticking',
      question: 'Do the books balance?',
      duration: s(4.5),
      build: ({ world }) => ({ server: world.node('server', { actor: server }) }),
      checks: () => [always('true', () => true)],
      expect: holds(),
    });
    const counting = () => run(ticking, { seed: 'books' }).status;
    if (complaint === undefined) expect(counting()).toBe('held');
    else expect(counting).toThrow(complaint);
  });

  test('says what each fault did', () => {
    const [fault] = toy().faults;
    expect(fault).toMatchObject({ id: 'F1', at: 3_000_000, until: 4_000_000, nodes: ['server'] });
    expect(fault?.effects).toBeGreaterThan(0);
    const idle = run(toyScenario, { seed: 'x', faults: [diskFull({ node: 'server', at: '1s', for: '1s' })] });
    expect(idle.faults[0]?.effects).toBe(0);
  });

  test('meets its expectation when every check holds', () => {
    const result = toy();
    expect(result).toMatchObject({ status: 'held', expectation: { met: true } });
    expect(result.verdicts.map(({ check }) => check)).toContain('goodput returns');
  });

  test('meets its expectation when the check that it names is violated', () => {
    const result = toy({ limit: 200 });
    expect(result).toMatchObject({
      status: 'violated',
      expectation: { met: true, why: 'caught by the total stays below the limit' },
    });
    expect(verdictOf(result, 'the total stays below the limit')?.witness?.sentence).toBe('the total is 200');
  });

  test('does not meet it when that check holds after all', () => {
    const result = run(toyScenario, { seed: 'x', params: { limit: 499, gap: '1s' } });
    expect(result.expectation).toMatchObject({ met: false, why: expect.stringContaining('not caught') });
  });

  test.each([
    [{ seed: '' }, 'seed: got "", expected a non-empty text'],
    [{ seed: 'x', params: { gap: 'soon' } }, 'params.gap: got "soon", expected a duration'],
    [{ seed: 'x', params: { gapp: 1 } }, 'params.gapp: got 1, expected one of the parameters gap, limit, faulty'],
    [{ seed: 'x', limits: { maxEvents: 0 } }, 'limits.maxEvents: got 0, expected a whole number of at least 1'],
  ])('refuses %j', (options, message) => {
    expect(() => run(toyScenario, options)).toThrow(message);
  });

  test('stops with a clear error at each limit', () => {
    expect(() => run(toyScenario, { seed: 'x', limits: { maxEvents: 100 } })).toThrow('more than 100 events');
    expect(() => run(toyScenario, { seed: 'x', limits: { maxTime: 1_000 } })).toThrow(
      'more than the limit of 0.0010 s',
    );
    expect(() => run(toyScenario, { seed: 'x', limits: { maxPending: 1 } })).toThrow(SimulationError);
    const still = defineScenario({
      name: 'still',
      question: 'Does time stand still?',
      expect: holds(),
      build: ({ world }) => {
        world.node('n', {
          actor: {
            role: 'spinner',
            init: () => ({}),
            start: (_state, ctx) => ctx.setTimer('again', 0),
            timers: { again: (_state, ctx) => ctx.setTimer('again', 0) },
          },
        });
        return {};
      },
      checks: () => [],
    });
    expect(() => run(still, { seed: 'x', limits: { maxEventsAtOneInstant: 500 } })).toThrow(
      'more than 500 events at one instant',
    );
  });

  test('warns of what a careful reader should know', () => {
    expect(toy().warnings).toEqual([]);
    expect(run({ ...toyScenario, checks: () => [], recovery: false }, { seed: 'x' }).warnings).toEqual([
      'no check judged this run',
    ]);
    const late = run(toyScenario, {
      seed: 'x',
      faults: [pause({ node: 'client', at: '8s', for: '1s' }), pause({ node: 'client', at: '11s', for: '1s' })],
    });
    expect(late.warnings).toEqual([
      'recovery was not judged: the run would have to last 2s longer',
      'F2 begins after the end of the run',
    ]);
  });

  test('turns what the author’s code throws into an error that says where', () => {
    const broken = (part: 'build' | 'faults' | 'checks' | 'expect' | 'duration') => ({
      ...toyScenario,
      [part]: () => {
        throw new TypeError('mine');
      },
    });
    for (const part of ['build', 'faults', 'checks', 'expect', 'duration'] as const) {
      expect(() => run(broken(part), { seed: 'x' })).toThrow(`${part} threw TypeError: mine`);
      expect(() => run(broken(part), { seed: 'x' })).toThrow(SimulationError);
    }
    expect(() => nemesisOf(broken('build'))).toThrow('build threw TypeError: mine');
    const nemesis = { ...toyScenario.nemesis, limits: broken('build').build as never };
    expect(() => nemesisOf({ ...toyScenario, nemesis })).toThrow('nemesis.limits threw TypeError: mine');
  });

  test('has the version of the package', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });
});

describe('checks of states', () => {
  test('sometimes is violated when it never happens', () => {
    const result = toy({ gap: '11s', faulty: false });
    expect(verdictOf(result, 'an operation is counted')).toMatchObject({ status: 'violated', kind: 'sometimes' });
  });

  test('eventually is violated when its time is up, and undecided when the run ends before', () => {
    expect(verdictOf(toy({ gap: '200ms' }), 'the total reaches 100 again')?.status).toBe('violated');
    const late = run(toyScenario, {
      seed: 'x',
      params: { gap: '200ms' },
      faults: [pause({ node: 'client', at: '8s', for: '1s' })],
    });
    expect(verdictOf(late, 'the total reaches 100 again')?.status).toBe('undecided');
    expect(late.status).toBe('undecided');
  });

  test('eventually owes nothing when a fault never heals', () => {
    const never = run(toyScenario, { seed: 'x', faults: [pause({ node: 'client', at: '8s' })] });
    expect(verdictOf(never, 'the total reaches 100 again')).toMatchObject({ status: 'undecided' });
  });

  test('goodput that does not return is a violation', () => {
    const scenario = { ...toyScenario, checks: () => [] };
    const result = run(scenario, { seed: 'x', faults: [pause({ node: 'client', at: '3s', for: '1s' })] });
    expect(result.verdicts.map(({ check, status }) => [check, status])).toEqual([['goodput returns', 'held']]);
    const cut = run(
      { ...scenario, build: ({ world, ...rest }) => toyScenario.build({ ...rest, world: slowAfter(world) }) },
      { seed: 'x', params: { faulty: true } },
    );
    expect(cut.verdicts[0]).toMatchObject({ check: 'goodput returns', status: 'violated' });
  });
});

/** The same world, but the server takes an age to boot: its restart is after the fault has healed. */
const slowAfter = <W extends { node: unknown }>(world: W): W =>
  new Proxy(world, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'node') return value.bind(target) as unknown;
      return (name: unknown, options: object) =>
        value.call(target, name, { ...options, bootTime: 60_000_000 }) as unknown;
    },
  });

describe('a repro', () => {
  test('replays to identical', () => {
    const repro = reproOf(toy({ limit: 200 }));
    expect(replay(toyScenario, parseRepro(JSON.parse(JSON.stringify(repro)))).outcome).toBe('identical');
  });

  test('says what has become of a changed scenario', () => {
    const repro = reproOf(toy({ limit: 200 }));
    expect(replay({ ...toyScenario, duration: () => 9_000_000 }, repro).outcome).toBe('same verdict, different trace');
    expect(replay({ ...toyScenario, checks: () => [], expect: () => holds() }, repro).outcome).toBe('passes now');
    const otherwise = { ...toyScenario, checks: () => [always('no', () => false)], expect: () => holds() };
    expect(replay(otherwise, repro).outcome).toBe('another failure');
  });

  test('that violates something does not pass, also where the design is known to', () => {
    const repro = { ...reproOf(toy({ limit: 200 })), violated: ['another'] };
    expect(replay(toyScenario, repro).outcome).toBe('another failure');
  });

  test.each([
    ['violated', [], 'expected the checks that were'],
    ['held', ['all are counted'], 'expected none, as status is held'],
  ])('cannot say that it is %s and name %j', (status, violated, message) => {
    expect(() => parseRepro({ ...reproOf(toy()), status, violated })).toThrow(message);
  });

  test('that is malformed is refused by field, whatever is wrong', () => {
    const good = JSON.parse(JSON.stringify(reproOf(toy()))) as Record<string, unknown>;
    const anything = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good), 'surplus'), anything, (field, value) => {
        try {
          parseRepro({ ...good, [field]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(() => parseRepro({ ...good, digest: 'xyz' })).toThrow(
      'repro.digest: got "xyz", expected 16 hexadecimal digits',
    );
    expect(() => parseRepro({ ...good, surplus: 1 })).toThrow('repro.surplus');
    expect(() => parseRepro([])).toThrow('repro: got [], expected a repro');
  });
});

describe('parameters', () => {
  const specs = {
    n: count(3, { max: 9 }),
    x: number(0.5, { min: 0, max: 1 }),
    on: flag(false),
    d: span('2s'),
    mode: choice('a', ['a', 'b']),
  };

  test('have defaults and can be read from text', () => {
    expect(readParams(specs)).toEqual({ n: 3, x: 0.5, on: false, d: 2_000_000, mode: 'a' });
    expect(readParams(specs, { n: '9', x: '0.25', on: 'true', d: '5ms', mode: 'b' })).toEqual({
      n: 9,
      x: 0.25,
      on: true,
      d: 5_000,
      mode: 'b',
    });
  });

  test.each([
    ['n', 10, 'a whole number from 0 to 9'],
    ['n', '1.5', 'a whole number'],
    ['x', -0.1, 'a number from 0 to 1'],
    ['on', 'yes', 'true or false'],
    ['d', '5 parsecs', 'a duration'],
    ['mode', 'c', 'one of a, b'],
  ])('refuse %s = %j', (name, value, expected) => {
    expect(() => readParams(specs, { [name]: value })).toThrow(
      `params.${name}: got ${JSON.stringify(value)}, expected ${expected}`,
    );
  });

  test('never accept anything but what they promise', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('n', 'x', 'on', 'd', 'mode'), fc.jsonValue()), (given) => {
        try {
          const { n, x } = readParams(specs, given);
          return Number.isInteger(n) && n >= 0 && n <= 9 && x >= 0 && x <= 1;
        } catch (error) {
          return error instanceof ConfigError;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a scenario', () => {
  const good: ScenarioSpec<ParamSpecs, object> = {
    name: 'ok',
    question: 'Is it?',
    expect: holds(),
    build: () => ({}),
    checks: () => [],
  };

  test.each([
    ['name', 'Not Kebab', 'a short kebab-case name'],
    ['question', '', 'one line that says what the scenario answers'],
    ['build', undefined, 'a function that places the nodes'],
    ['checks', [], 'a function that returns the checks'],
    ['expect', undefined, 'holds(), violates(check)'],
    ['recovery', 'soon', 'a duration'],
  ])('with a wrong %s is refused', (field, value, expected) => {
    expect(() => defineScenario({ ...good, [field]: value } as never)).toThrow(expected);
  });

  test('must expect checks that exist', () => {
    const scenario = defineScenario({ ...good, expect: violates('something else') });
    expect(() => run(scenario, { seed: 'x' })).toThrow('something else');
  });

  test.each([
    [{ start: function* start() {} }, 'actor r: start: got "GeneratorFunction", expected a plain function'],
    [{ on: { ping: async () => undefined } }, 'actor r: ping: got "AsyncFunction"'],
    [{ flow: {} }, 'actor r.flow: got {}, expected one of the fields'],
    [{ init: undefined }, 'actor: got'],
    [{ init: function* init() {} }, 'actor r: init: got "GeneratorFunction"'],
    [
      { on: { ping: () => 1 }, flows: { ping: function* ping() {} } },
      'actor r: message: got "ping", expected one handler',
    ],
  ])('with an actor that could never work is refused: %j', (part, message) => {
    const build: ScenarioSpec<ParamSpecs, object>['build'] = ({ world }) => {
      world.node('n', { actor: { role: 'r', init: () => ({}), ...part } as never });
      return {};
    };
    expect(() => run(defineScenario({ ...good, build }), { seed: 'x' })).toThrow(message);
  });

  test('with fields or node options that nobody knows is refused', () => {
    expect(() => defineScenario({ ...good, durations: 5 } as never)).toThrow('scenario ok.durations: got 5');
    const build: ScenarioSpec<ParamSpecs, object>['build'] = ({ world }) => {
      world.node('n', { actor: { role: 'r', init: () => ({}) }, zon: 'a' } as never);
      return {};
    };
    expect(() => run(defineScenario({ ...good, build }), { seed: 'x' })).toThrow('node n.zon: got "a"');
  });

  test('must place every node that it refers to', () => {
    const scenario = defineScenario({ ...good, build: ({ world }) => ({ ref: world.ref('ghost') }) });
    expect(() => run(scenario, { seed: 'x' })).toThrow('ghost is referred to but never placed');
  });
});
