import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  always,
  choice,
  ConfigError,
  count,
  crash,
  defineScenario,
  flag,
  healedAt,
  holds,
  nemesisOf,
  number,
  parseSchedule,
  run,
  s,
  scheduleJson,
  span,
  topologyOf,
  type FaultSchedule,
  type NemesisLimits,
  type Scenario,
} from '../../sim/index.ts';
import {
  faultSchedules,
  orreryMatchers,
  scenarioParams,
  scenarioRuns,
  seeds,
  topologies,
  workloads,
  type PlannedOperation,
} from '../../sim/testing/index.ts';
import { client, kvStore, openLoop, replayed, type KvProtocol } from '../../models/index.ts';
import { main } from '../../cli/main.ts';
import { toyScenario } from '../support/toy-scenario.ts';

expect.extend(orreryMatchers);

/** Three nodes that do nothing but live. */
const idle = (nemesis: { profiles?: readonly string[]; limits?: NemesisLimits } = {}): Scenario =>
  defineScenario({
    name: 'idle',
    question: 'Does nothing happen?',
    params: {
      nodes: count(3, { min: 1, max: 5 }),
      ratio: number(0.5, { min: 0, max: 1 }),
      wait: span('20ms'),
      mode: choice('a', ['a', 'b', 'c']),
      loud: flag(false),
    },
    duration: s(10),
    build({ world, params }) {
      if (params.loud && params.nodes === 1) throw new ConfigError('nodes', 1, 'two nodes to be loud');
      const actor = { role: 'idler', init: () => ({}) };
      for (const ref of world.refs<object>('n', params.nodes)) world.node(ref, { actor });
      return {};
    },
    checks: () => [always('all is well', () => true)],
    nemesis,
    expect: holds(),
  });

/** The counterexample that remains when `fails` is made smaller and smaller. */
function shrunk<T>(arbitrary: fc.Arbitrary<T>, fails: (value: T) => boolean, seed = 1): T {
  const outcome = fc.check(
    fc.property(arbitrary, (value) => !fails(value)),
    { seed, numRuns: 500 },
  );
  expect(outcome.failed).toBe(true);
  return (outcome.counterexample as [T])[0];
}

describe('a scenario as the nemesis sees it', () => {
  test('has its nodes with role and place, and the length of its run', () => {
    const nodes = [
      { id: 'server', role: 'server', zone: 'zone-1', region: 'region-1' },
      { id: 'client', role: 'client', zone: 'zone-1', region: 'region-1' },
    ];
    expect(topologyOf(toyScenario)).toEqual({
      nodes: nodes.map((node) => expect.objectContaining({ id: node.id, role: node.role })),
      end: s(10),
    });
    expect(topologyOf(idle(), { nodes: 5 }).nodes).toHaveLength(5);
  });

  test('heals early enough for the recovery that is owed to be seen', () => {
    const { draw, profiles, topology } = nemesisOf(toyScenario);
    for (const profile of profiles) {
      for (let k = 0; k < 20; k++) expect(healedAt(draw(profile, 's', k), topology.end)).toBeLessThanOrEqual(s(6.75));
    }
  });

  test('covers every profile that heals unless it says otherwise, and says who may be hit by its own limits', () => {
    const names = (scenario: Scenario) => nemesisOf(scenario).profiles.map(({ name }) => name);
    expect(names(idle())).toEqual(expect.arrayContaining(['crashes', 'partitions', 'clocks', 'mixed']));
    expect(names(idle())).not.toContain('safety');
    expect(names(idle({ profiles: ['clocks'] }))).toEqual(['clocks']);
    expect(() => idle({ profiles: ['clock'] })).toThrow('scenario idle: nemesis.profiles[0]: got "clock"');
    expect(nemesisOf(idle({ limits: { spare: ['n1'] } })).limits.spare).toEqual(['n1']);
  });
});

describe('arbitrary fault schedules', () => {
  const planned = faultSchedules(idle());

  test('are schedules that the scenario can be run under', () => {
    fc.assert(
      fc.property(planned, seeds(), (faults, seed) => expect(run(idle(), { faults, seed })).toHold()),
      { numRuns: 50 },
    );
  });

  test('shrink to the faults that matter, which keep their ids', () => {
    const crashes = (faults: FaultSchedule) => faults.filter(({ kind }) => kind === 'crash').length >= 2;
    const least = shrunk(faultSchedules(idle(), { profile: 'crashes' }), crashes);
    expect(least.map(({ kind }) => kind)).toEqual(['crash', 'crash']);
    expect(least.every(({ id }) => /^F[1-6]$/.test(id))).toBe(true);
    const [first, second] = least as [FaultSchedule[number], FaultSchedule[number]];
    expect(first.id).not.toBe(second.id);
  });

  test('shrink to short faults and mild ones', () => {
    const lossy = (faults: FaultSchedule) => faults.some((fault) => fault.kind === 'loss' && fault.probability > 0.1);
    const [fault, ...rest] = shrunk(faultSchedules(idle(), { profile: 'network' }), lossy);
    expect(rest).toEqual([]);
    expect(fault).toMatchObject({ kind: 'loss', for: 1 });
    expect((fault as { probability: number }).probability).toBeLessThanOrEqual(0.25);
  });

  test('go on shrinking from an example of one’s own, and every smaller one can be read', () => {
    const own = parseSchedule([
      { kind: 'correlated', nodes: ['n1', 'n2', 'n3'], at: '1s', for: '1s', stagger: '400ms' },
      { kind: 'crash-loop', node: 'n1', at: '2s', for: '3s', every: '1s', down: '200ms' },
      { kind: 'reorder', from: ['n1'], at: '3s', for: '2s', probability: 0.5, window: '20ms' },
    ]);
    expect(planned.canShrinkWithoutContext(own)).toBe(true);
    expect(planned.canShrinkWithoutContext([{ kind: 'crash', node: 'n9', at: 0, id: 'F1' }])).toBe(false);
    expect(planned.canShrinkWithoutContext('F1')).toBe(false);
    const smaller = [...planned.shrink(own, undefined)].map(({ value }) => value);
    expect(smaller.length).toBeGreaterThan(10);
    for (const faults of smaller) {
      expect(parseSchedule(scheduleJson(faults))).toEqual(faults);
      expect(faults).not.toEqual(own);
    }
  });

  test('need a profile that exists, and one at all', () => {
    expect(() => faultSchedules(idle(), { profile: 'partition' })).toThrow('did you mean "partitions"?');
    expect(() => faultSchedules(idle({ profiles: [] }))).toThrow('because scenario idle covers none');
  });
});

describe('other arbitraries', () => {
  test('parameters keep to their bounds and leave out what the scenario refuses', () => {
    const seen = fc.sample(scenarioParams(idle(), { mode: 'b' }), { numRuns: 300, seed: 1 });
    for (const params of seen) {
      expect(params).toMatchObject({ mode: 'b' });
      expect(params['nodes']).toBeGreaterThanOrEqual(1);
      expect(params['nodes']).toBeLessThanOrEqual(5);
      expect(params['ratio']).toBeLessThanOrEqual(1);
      expect(params['loud'] === true && params['nodes'] === 1).toBe(false);
    }
    expect(new Set(seen.map((params) => params['nodes'])).size).toBe(5);
    expect(new Set(fc.sample(scenarioParams(idle()), 50).map((params) => params['mode'])).size).toBe(3);
  });

  test('parameters shrink to the defaults that do not matter', () => {
    const least = shrunk(scenarioParams(idle()), ({ mode }) => mode === 'c');
    expect(least).toEqual({ nodes: 3, ratio: 0.5, wait: 20_000, mode: 'c', loud: false });
  });

  test('whole runs can be drawn: parameters, and the faults and the seed that go with them', () => {
    fc.assert(
      fc.property(scenarioRuns(idle()), (options) => expect(run(idle(), options)).toHold()),
      { numRuns: 50 },
    );
  });

  test('seeds are texts and shrink to short ones', () => {
    expect(shrunk(seeds(), (seed) => seed.length > 2)).toHaveLength(3);
    expect(seeds().canShrinkWithoutContext('zz')).toBe(true);
    expect(seeds().canShrinkWithoutContext('Z!')).toBe(false);
  });

  test('topologies have at least one node of the first role and unique names', () => {
    fc.assert(
      fc.property(topologies({ roles: ['broker'] }), ({ nodes }) => {
        expect(nodes[0]).toMatchObject({ id: 'broker1', role: 'broker' });
        expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
      }),
    );
  });
});

describe('workloads', () => {
  test('are recordings: in order of time, with the keys and names asked for', () => {
    fc.assert(
      fc.property(workloads({ within: '2s', operations: 9, keys: ['a'], names: ['add', 'get'] }), (planned) => {
        expect(planned.length).toBeGreaterThan(0);
        expect(planned.length).toBeLessThan(10);
        expect(planned.map(({ at }) => at)).toEqual(planned.map(({ at }) => at).sort((x, y) => x - y));
        for (const { at, key, f } of planned) {
          expect(at).toBeLessThanOrEqual(s(2));
          expect([key, f]).toEqual(['a', expect.stringMatching(/^(add|get)$/)]);
        }
      }),
    );
  });

  /** A store that is broken when key k2 is read twice. */
  const store = (planned: readonly PlannedOperation[]): Scenario =>
    defineScenario({
      name: 'store',
      question: 'Is k2 read twice?',
      duration: s(12),
      recovery: false,
      build({ world }) {
        const target = world.node<never, KvProtocol>('store', { actor: kvStore() as never });
        world.node('c', {
          actor: client<KvProtocol>({
            target,
            workload: openLoop({ arrivals: replayed({ recording: planned }) }),
            operation: (_ctx, n, _draws, { entry = 0 }) => {
              const { f, key } = planned[entry] as PlannedOperation;
              return f === 'read'
                ? { message: 'get', payload: { key }, f, key }
                : { message: 'put', payload: { key, value: n }, f, key, input: n };
            },
          }),
        });
        return {};
      },
      checks: () => [
        always('k2 is not read twice', (view) => {
          const reads = view.operations.filter(({ f, key }) => f === 'read' && key === 'k2');
          return reads.length < 2;
        }),
      ],
      expect: holds(),
    });

  test('are played by a client, and shrink to what a failure needs', () => {
    const { counterexample } = fc.check(
      fc.property(workloads(), (planned) => expect(run(store(planned), { seed: 'w' })).toHold()),
      { seed: 1 },
    );
    expect(counterexample?.[0]).toEqual([
      { at: 0, key: 'k2', f: 'read' },
      { at: 0, key: 'k2', f: 'read' },
    ]);
  });

  test.each([
    [{ within: 0 }, 'workloads.within: got 0, expected a duration above 0'],
    [{ operations: 0 }, 'workloads.operations: got 0'],
    [{ keys: [] }, 'workloads.keys: got []'],
    [{ names: [] }, 'workloads.names: got []'],
  ])('refuse %j', (options, message) => {
    expect(() => workloads(options)).toThrow(message);
  });
});

describe('expectations of runs', () => {
  const low = { seed: 'a', params: { limit: 50, gap: '20ms' } };
  const messageOf = (check: () => void): string => {
    try {
      check();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('the expectation was met');
  };

  test('a run holds when every promise was kept', () => {
    const held = run(toyScenario, { seed: 'a' });
    expect(held).toHold();
    expect(held).not.toViolate();
    expect(messageOf(() => expect(held).not.toHold())).toContain('toy holds, and was expected not to');
  });

  test('what should happen sometimes is judged on request only', () => {
    const early = parseSchedule([{ kind: 'crash', node: 'server', at: 0, for: '9s' }]);
    const still = { ...run(toyScenario, { seed: 'a', faults: early }), verdicts: [] };
    const never = { check: 'a failover', kind: 'sometimes', status: 'violated', message: 'it never happened' } as const;
    expect({ ...still, verdicts: [never] }).toHold();
    expect({ ...still, verdicts: [never] }).not.toHold({ exercised: true });
  });

  test('progress is owed once every fault has healed, and a verdict that nobody can give is not kept', () => {
    const base = run(toyScenario, { seed: 'a', faults: [] });
    const { healedAt: _, ...never } = base;
    const slow = {
      check: 'goodput returns',
      kind: 'slo',
      status: 'undecided',
      message: 'a fault never heals',
    } as const;
    expect({ ...never, verdicts: [slow] }).toHold();
    expect({ ...base, verdicts: [slow] }).not.toHold();
    const history = { check: 'linearizable', kind: 'history', status: 'undecided', message: 'too many steps' } as const;
    expect(messageOf(() => expect({ ...never, verdicts: [history] }).toHold())).toContain('undecided: linearizable');
  });

  test('the message has the sentence, the faults, the seed and a command that shows the same run again', async () => {
    const faults = parseSchedule([{ id: 'cut', kind: 'isolate', node: 'n1', at: '3s', for: '4s' }]);
    const { scenarios } = await import('../../scenarios/index.ts');
    const scenario = scenarios.find(({ name }) => name === 'stale-read') as Scenario;
    const result = run(scenario, { seed: "it's", faults });
    const text = messageOf(() => expect(result).toHold());
    expect(text).toContain('stale-read does not hold: ');
    expect(text).toContain('violated: quorums intersect');
    expect(text).toContain('cut  isolate n1, 3.0000 s to 7.0000 s');
    expect(text).toContain("Seed: it's");
    const [, command = ''] = /Replay: orrery (run stale-read .*)$/.exec(text) ?? [];
    const words = (command.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? []).map((word) =>
      word.replace(
        /'([^']*)'|\\(')/g,
        (_all, plain: string | undefined, quote: string | undefined) => plain ?? quote ?? '',
      ),
    );
    const folder = mkdtempSync(join(tmpdir(), 'orrery-replay-'));
    const out: string[] = [];
    await main([...words, '--json', '--out', folder], {
      out: (line) => void out.push(line),
      err: () => {},
      colour: false,
    });
    rmSync(folder, { recursive: true, force: true });
    expect(out.join('\n')).toContain(result.digest);
  });

  test('a run violates the check that is named, and a check that is not there is an error', () => {
    const result = run(toyScenario, low);
    expect(result).toViolate('the total stays below the limit');
    expect(result).toViolate();
    expect(result).not.toHold();
    expect(() => expect(result).toViolate('the total stays below the limt')).toThrow(
      'did you mean "the total stays below',
    );
    expect(
      messageOf(() => expect(run(toyScenario, { seed: 'a' })).toViolate('the total stays below the limit')),
    ).toContain('toy does not violate the total stays below the limit');
  });

  test('runs are identical to the last event, or the message shows both', () => {
    expect(run(toyScenario, low)).toBeIdenticalTo(run(toyScenario, low));
    const other = run(toyScenario, { ...low, faults: [crash({ node: 'server', at: s(2), for: s(1) })] });
    const text = messageOf(() => expect(run(toyScenario, low)).toBeIdenticalTo(other));
    expect(text).toContain('the runs are not identical');
    expect(text).toContain(other.digest);
  });

  test('what is no result of a run is refused', () => {
    expect(() => expect({ status: 'held' }).toHold()).toThrow(
      'expect(…).toHold: got {"status":"held"}, expected the result of a run',
    );
  });
});
