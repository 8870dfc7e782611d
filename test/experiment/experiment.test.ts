import { describe, expect, test } from '@jest/globals';
import {
  answeredInTime,
  capacity,
  compareDesigns,
  defineScenario,
  figuresOf,
  holds,
  ms,
  number,
  parseObjective,
  pause,
  run,
  s,
  sweep,
  type Capacity,
  type CapacityOptions,
  type Probe,
} from '../../sim/index.ts';
import { client, closedLoop, openLoop, serverNode, type Workload } from '../../models/index.ts';
import { estimate, studentT } from '../../sim/experiment/estimate.ts';
import { isMet } from '../../sim/experiment/objective.ts';
import retryStormBudgeted from '../../scenarios/retry-storm-budgeted.ts';
import retryStorm from '../../scenarios/retry-storm.ts';
import { toyScenario } from '../support/toy-scenario.ts';

describe('an estimate', () => {
  test('is the mean with the interval of Student’s t', () => {
    // Law, Simulation Modeling and Analysis, example 4.26: ten observations with mean 1.34 and variance 0.17.
    const figures = [1.2, 1.5, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.5, 1.09];
    const { n, mean, halfWidth, min, max } = estimate(figures);
    expect([n, min, max]).toEqual([10, 0.5, 1.89]);
    expect(mean).toBeCloseTo(1.343, 10);
    const variance = figures.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 9;
    expect(variance).toBeCloseTo(0.17, 2);
    expect(halfWidth).toBeCloseTo(2.2622 * Math.sqrt(variance / 10), 10);
  });

  test('says nothing of chance for one replication, and nothing at all for none', () => {
    expect(estimate([7])).toEqual({ n: 1, mean: 7, halfWidth: Infinity, min: 7, max: 7 });
    expect(estimate([]).mean).toBeNaN();
  });

  test.each([
    [1, 12.7062],
    [30, 2.0423],
    [31, 2.0395],
    [60, 2.0003],
    [120, 1.9799],
    [1_000_000, 1.96],
  ])('uses the quantile of the tables: %d degrees of freedom, %d', (degrees, quantile) => {
    expect(studentT(degrees)).toBeCloseTo(quantile, 4);
  });

  test('covers the true mean about 95 times in a hundred', () => {
    const rounds = 1_000;
    let covered = 0;
    // Lehmer's generator: fast-check's doubles are not uniform.
    let state = 1;
    const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let k = 0; k < rounds; k++) {
      const { mean, halfWidth } = estimate(Array.from({ length: 8 }, uniform));
      if (Math.abs(mean - 0.5) <= halfWidth) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.92);
    expect(covered / rounds).toBeLessThan(0.98);
  });
});

describe('figures of a run', () => {
  const result = run(retryStormBudgeted, { seed: 'figures', faults: [] });
  const figures = figuresOf(result);

  test('come from the operations of clients', () => {
    const ok = result.operations.filter(({ outcome }) => outcome === 'ok');
    const latencies = ok.map((one) => one.completedAt - one.invokedAt).sort((a, b) => a - b);
    expect(figures.get('ok')).toBe(ok.length / result.operations.length);
    expect(figures.get('goodput')).toBeCloseTo(ok.length / 18, 9);
    expect(figures.get('latency.max')).toBe(latencies.at(-1));
    const p99 = latencies[Math.ceil(0.99 * latencies.length) - 1] ?? NaN;
    expect(Math.abs((figures.get('latency.p99') ?? NaN) / p99 - 1)).toBeLessThan(0.008);
  });

  test('come from counters, gauges and histograms, of each scope and of all together', () => {
    const attempts = result.metrics.counters.filter(({ name }) => name === 'attempts');
    expect(figures.get('*/attempts')).toBe(attempts.reduce((sum, { value }) => sum + value, 0));
    expect(figures.get('c1/attempts')).toBe(attempts.find(({ scope }) => scope === 'c1')?.value);
    expect(figures.get('database/cpu.queue.max')).toBe(
      result.metrics.gauges.find(({ scope, name }) => scope === 'database' && name === 'cpu.queue')?.max,
    );
    const all = result.metrics.histograms.filter(({ name }) => name === 'latency').map(({ summary }) => summary);
    expect(figures.get('*/latency.max')).toBe(Math.max(...all.map(({ max }) => max)));
  });

  test('leave out what began while it warmed up', () => {
    const warm = figuresOf(result, { warmUp: 9_000_000 });
    const ok = result.operations.filter((one) => one.outcome === 'ok' && one.invokedAt >= 9_000_000).length;
    expect(warm.get('goodput')).toBeCloseTo(ok / 9, 9);
  });
});

describe('a sweep', () => {
  test('runs every combination, the first parameter slowest, with the same seeds in all places', () => {
    const places = [
      ...sweep(toyScenario, { seed: 's', grid: { gap: ['10ms', '20ms'], faulty: [true, false] }, replications: 2 }),
    ];
    expect(places.map(({ at }) => at)).toEqual([
      { gap: 10_000, faulty: true },
      { gap: 10_000, faulty: false },
      { gap: 20_000, faulty: true },
      { gap: 20_000, faulty: false },
    ]);
    const [first] = places;
    const again = ['s/1', 's/2'].map((seed) =>
      figuresOf(run(toyScenario, { seed, params: { gap: '10ms' } })).get('goodput'),
    );
    expect(first?.runs['goodput']).toEqual(again);
    expect(first?.answers).toEqual({ held: 2, violated: 0, undecided: 0 });
  });

  test('counts the runs that violated something', () => {
    const [place] = [...sweep(toyScenario, { seed: 's', grid: { limit: [100] }, replications: 3 })];
    expect(place?.answers).toEqual({ held: 0, violated: 3, undecided: 0 });
  });

  test.each([
    [{ grid: { gaps: ['1ms'] } }, /grid\.gaps.*one of the parameters gap, limit, faulty.*did you mean "gap/],
    [{ grid: { gap: [] } }, /grid\.gap.*at least one value/],
    [{ grid: { gap: ['soon'] } }, /params\.gap.*soon/],
    [{ grid: { gap: ['1ms'] }, params: { gap: '2ms' } }, /params\.gap.*does not vary/],
    [{ grid: {}, replications: 0 }, /replications.*0.*from 1 to 100000/],
    [{ grid: {}, figures: ['latency.p98'] }, /figures.*latency\.p98.*did you mean "latency\.p9/],
    [{ grid: {}, seed: '' }, /seed.*non-empty/],
    [{ grid: { limit: Array.from({ length: 10_001 }, (_, i) => i + 1) } }, /grid.*10001.*at most 10000/],
  ])('refuses %j', (options, message) => {
    expect(() => [...sweep(toyScenario, { seed: 's', replications: 1, ...options })]).toThrow(message);
  });
});

describe('a comparison', () => {
  test('finds that retries without a budget cost goodput, and by how much', () => {
    const { figures } = compareDesigns(
      { scenario: retryStorm },
      { scenario: retryStormBudgeted },
      { seed: 'compare', replications: 3, figures: ['goodput', '*/attempts'] },
    );
    expect(figures.map(({ name, secondIs }) => [name, secondIs])).toEqual([
      ['goodput', 'higher'],
      ['*/attempts', 'lower'],
    ]);
    const [goodput] = figures;
    expect(goodput?.difference.mean).toBeCloseTo((goodput?.second.mean ?? 0) - (goodput?.first.mean ?? 0), 9);
  });

  test('says how both went over time, of all their operations', () => {
    const { first, second } = compareDesigns(
      { scenario: retryStorm },
      { scenario: retryStormBudgeted },
      { seed: 'compare', replications: 2, figures: ['goodput'] },
    );
    for (const { course, runs } of [first, second]) {
      const { bucketUs, good, offered, p50, p99, faults, end } = course!;
      const seconds = bucketUs / 1e6;
      const total = good.reduce((sum, rate) => sum + rate * seconds, 0);
      const mean = runs['goodput']!.reduce((sum, rate) => sum + rate, 0) / 2;
      expect(total / (end / 1e6)).toBeCloseTo(mean, 6);
      expect([good, offered, p50, p99].map(({ length }) => length)).toEqual(
        new Array(4).fill(Math.ceil(end / bucketUs)),
      );
      expect(p50.every((value, i) => value === null || value <= p99[i]!)).toBe(true);
      expect(faults.map(({ at, until }) => [at, until])).toEqual([[5_000_000, 8_000_000]]);
    }
    // Where the naive design answers nobody there is no latency to tell.
    expect(first.course!.p50.at(-5)).toBeNull();
    expect(second.course!.p50.at(-10)).not.toBeNull();
  });

  test('of a design with itself shows no difference at all: both have the same luck', () => {
    const { figures } = compareDesigns(
      { scenario: toyScenario },
      { scenario: toyScenario },
      { seed: 'same', replications: 2 },
    );
    expect(new Set(figures.map(({ secondIs }) => secondIs))).toEqual(new Set(['the same']));
  });

  test('of one pair is refused', () => {
    expect(() =>
      compareDesigns({ scenario: toyScenario }, { scenario: toyScenario }, { seed: 's', replications: 1 }),
    ).toThrow(/replications.*at least 2/);
  });
});

describe('objectives', () => {
  test.each([
    ['latency.p99 <= 50ms', { figure: 'latency.p99', relation: '<=', limit: 50_000 }],
    ['ok>=0.999', { figure: 'ok', relation: '>=', limit: 0.999 }],
    ['*/latency.p50<=1s', { figure: '*/latency.p50', relation: '<=', limit: 1_000_000 }],
  ])('read %s', (text, objective) => {
    expect(parseObjective(text)).toEqual(objective);
  });

  test.each(['latency.p99 < 50ms', 'ok >= often', 'latency.p99 <= 50 bananas', ''])('refuse %j', (text) => {
    expect(() => parseObjective(text, '--slo')).toThrow(/--slo/);
  });

  test('are met when the whole interval is on the right side', () => {
    const objective = parseObjective('ok >= 0.9');
    const around = { n: 5, mean: 0.91, min: 0, max: 1 };
    expect(isMet(objective, { ...around, halfWidth: 0.005 })).toBe(true);
    expect(isMet(objective, { ...around, halfWidth: 0.02 })).toBe(false);
    expect(isMet(objective, estimate([0.9]))).toBe(true);
    expect(isMet(objective, estimate([]))).toBe(false);
  });
});

describe('capacity', () => {
  const find = (options: Partial<CapacityOptions>): { probes: Probe[]; answer: Capacity } => {
    const search = capacity(retryStormBudgeted, {
      seed: 'capacity',
      load: 'rate',
      objectives: [parseObjective('latency.p50 <= 10ms')],
      replications: 1,
      faults: [],
      ...options,
    });
    const probes: Probe[] = [];
    for (let step = search.next(); ; step = search.next()) {
      if (step.done === true) return { probes, answer: step.value };
      probes.push(step.value);
    }
  };

  test('is the highest load that meets the objectives, to the precision asked for', () => {
    const { probes, answer } = find({ from: 100, to: 225, precision: 0.05 });
    const { highest = NaN, lowestMissed = NaN } = answer;
    expect(probes.find(({ load }) => load === highest)?.met).toBe(true);
    expect(probes.find(({ load }) => load === lowestMissed)?.met).toBe(false);
    expect(lowestMissed - highest).toBeLessThanOrEqual(0.05 * lowestMissed);
  });

  test('is unknown beyond what was tried, and below it', () => {
    expect(find({ objectives: [parseObjective('ok >= 0')], to: 20 }).answer).toEqual({
      highest: 20,
      lowestMissed: undefined,
    });
    expect(find({ objectives: [parseObjective('latency.p50 <= 1us')], to: 20 }).answer).toEqual({
      highest: undefined,
      lowestMissed: 1,
    });
  });

  test.each([
    [{ load: 'rates' }, /load.*rates.*a number: rate, attempts.*did you mean "rate/],
    [{ load: 'faultFor' }, /load.*faultFor/],
    [{ objectives: [] }, /at least one objective/],
    [{ precision: 0 }, /precision/],
    [{ from: 100, to: 50 }, /to.*50.*more than from/],
    [{ to: 1000 }, /to.*1000.*at most 225|to.*1000.*from 1 to 225/],
    [{ objectives: [parseObjective('latenci.p99 <= 1')] }, /figures.*latenci.p99.*did you mean "latency\.p99/],
  ])('refuses %j', (options, message) => {
    expect(() => find(options)).toThrow(message);
  });
});

describe('a counter that does not always count', () => {
  /** Fails one request in two hundred and fifty, when `err` says so: some runs count no failure. */
  const failing = defineScenario({
    name: 'failing',
    question: '?',
    params: { err: number(0.004, { min: 0, max: 1, doc: 'share that fails' }) },
    duration: s(2),
    build({ world, params }) {
      const target = world.node('sv', serverNode({ service: ms(1), errorRate: params.err }));
      const workload = openLoop({ rate: 100 });
      world.node('c', { actor: client({ target, workload, operation: () => ({ message: 'request', payload: {} }) }) });
      return {};
    },
    checks: () => [],
    expect: holds(),
  });
  const options = { seed: '5', replications: 10, figures: ['sv/failed'] };

  test('is 0 in the runs in which it did not', () => {
    const [place] = [...sweep(failing, { ...options, grid: {} })];
    const counted = place?.runs['sv/failed'] ?? [];
    expect(counted.filter((n) => n === 0).length).toBeGreaterThan(0);
    expect(place?.figures['sv/failed']).toMatchObject({ n: 10, min: 0 });
    expect(place?.figures['sv/failed']?.mean).toBeCloseTo(counted.reduce((sum, n) => sum + n, 0) / 10, 12);
  });

  test('is 0 where only another place has it', () => {
    const means = [...sweep(failing, { ...options, grid: { err: [0, 0.1] } })].map(
      ({ figures }) => figures['sv/failed']?.mean ?? NaN,
    );
    expect(means[0]).toBe(0);
    expect(means[1]).toBeGreaterThan(5);
  });

  test('is compared though one design never has it', () => {
    const designs = [
      { scenario: failing, params: { err: 0 } },
      { scenario: failing, params: { err: 0.1 } },
    ] as const;
    expect(compareDesigns(...designs, options).figures[0]).toMatchObject({ first: { mean: 0 }, secondIs: 'higher' });
  });

  test('is a mistake when no run has it', () => {
    const places = sweep(failing, { ...options, figures: ['sv/faild'], grid: { err: [0, 0.1] } });
    expect(() => [...places]).toThrow('figures: got "sv/faild", expected a figure that a run has');
  });
});

test('a warm-up must leave something of the run', () => {
  const places = sweep(toyScenario, { seed: '1', grid: {}, warmUp: '900s' });
  expect(() => [...places]).toThrow('warmUp: got "900s", expected less than the');
});

test('a grid has each place once', () => {
  expect(() => [...sweep(toyScenario, { seed: '1', grid: { gap: ['10ms', '10000us'] } })]).toThrow(
    'expected each combination once',
  );
});

describe('a service that stops for two seconds', () => {
  const stopped = (workload: Workload) =>
    defineScenario({
      name: 'stopped',
      question: '?',
      duration: s(10),
      recovery: false,
      build({ world }) {
        const target = world.node('sv', serverNode({ service: ms(1) }));
        const operation = () => ({ message: 'request' as const, payload: {} });
        world.node('c', { actor: client({ target, workload, operation, deadline: '5s' }) });
        return {};
      },
      faults: () => [pause({ node: 'sv', at: s(4), for: s(2) })],
      checks: () => [answeredInTime({ within: '500ms', share: 0.97 })],
      expect: holds(),
    });

  test.each([
    ['an open loop', openLoop({ rate: 100 })],
    ['an open loop with one connection', openLoop({ rate: 100, concurrency: 1 })],
    ['a paced closed loop', closedLoop({ users: 1, pace: '10ms' })],
  ])('is slow for %s: latency counts from when a request was due', (_name, workload) => {
    const result = run(stopped(workload), { seed: 'stopped' });
    expect(result.verdicts).toMatchObject([{ check: 'requests are answered in time', status: 'violated' }]);
    expect(figuresOf(result).get('latency.p95')).toBeGreaterThan(s(1));
    // Nothing is meant to begin after it does, and what began in time does not say so.
    for (const { intendedAt, invokedAt } of result.operations) expect(intendedAt ?? -1).toBeLessThan(invokedAt);
  });

  test('is slow only once for users who wait for their answer before they think', () => {
    const result = run(stopped(closedLoop({ users: 1, think: '9ms' })), { seed: 'stopped' });
    expect(result.operations.some(({ intendedAt }) => intendedAt !== undefined)).toBe(false);
    expect(figuresOf(result).get('latency.p99')).toBeLessThan(ms(10));
  });
});
