import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyedDraws, NEVER, constant, exponential, ms, s } from '../../sim/index.ts';
import type { RandomSource } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  bursts,
  client,
  closedLoop,
  diurnal,
  flashCrowd,
  openLoop,
  parseRecording,
  ramp,
  replayed,
  serverNode,
  steps,
  sumOf,
} from '../../models/index.ts';
import type { AnyArrivals, RateShape, ServiceProtocol, Workload } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

interface Generated {
  readonly from?: number;
  readonly until: number;
  readonly seed?: string;
  /** By instant. */
  readonly factor?: (t: number) => number;
}

/** The arrivals of a workload, as a client would place them, in µs. */
function arrivalsOf({ arrivals }: Workload, { from = 0, until, seed = 'w', factor = () => 1 }: Generated): number[] {
  const draws = new KeyedDraws(seed, 'gaps');
  const shared = new KeyedDraws(seed, 'shared');
  const state = arrivals.init();
  const times: number[] = [];
  let at = from;
  for (let n = 0; ; n++) {
    at += arrivals.gap(state, { after: at, from, factor: factor(at), draws: draws.at(n), shared });
    if (at >= until) return times;
    times.push(at);
  }
}

const within = (times: readonly number[], from: number, to: number): number =>
  times.filter((t) => t >= from && t < to).length;

/** ∫ rate, by the midpoint rule. */
function expected(shape: RateShape, from: number, to: number): number {
  const pieces = 2_000;
  let sum = 0;
  for (let i = 0; i < pieces; i++) sum += shape.at(from + ((i + 0.5) / pieces) * (to - from));
  return ((sum / pieces) * (to - from)) / s(1);
}

const SHAPES: readonly (readonly [string, RateShape])[] = [
  ['diurnal', diurnal({ mean: 500, swing: 0.8, period: '20s', peakAt: '5s' })],
  [
    'steps',
    steps([
      ['2s', 100],
      ['6s', 900],
      ['12s', 0],
      ['15s', 400],
    ]),
  ],
  [
    'ramp',
    ramp([
      ['3s', 0],
      ['10s', 1_000],
      ['12s', 200],
    ]),
  ],
  ['flash crowd', flashCrowd({ base: 50, peak: 2_000, at: '5s', rise: '500ms', hold: '1s', halfLife: '2s' })],
  [
    'sum',
    sumOf([diurnal({ mean: 200, period: '20s' }), flashCrowd({ base: 0, peak: 1_000, at: '8s', halfLife: '1s' })]),
  ],
];

describe.each(SHAPES)('the contract of rate shapes: %s', (_name, shape) => {
  test('its bounds are bounds, and end later than they begin', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: s(40) }), fc.double({ min: 0, max: 1, noNaN: true }), (t, part) => {
        const { rate, until } = shape.bound(t);
        expect(until).toBeGreaterThan(t);
        expect(shape.at(t)).toBeGreaterThanOrEqual(0);
        expect(shape.at(t + part * (Math.min(until, t + s(100)) - t) * 0.999999)).toBeLessThanOrEqual(
          rate * (1 + 1e-12),
        );
      }),
    );
  });

  test('arrivals come as often as it says, in every second of it', () => {
    const seeds = ['a', 'b', 'c', 'd'];
    const all = seeds.map((seed) => arrivalsOf(openLoop({ rate: shape }), { until: s(20), seed }));
    let squares = 0;
    for (let second = 0; second < 20; second++) {
      const mean = expected(shape, s(second), s(second + 1)) * seeds.length;
      const seen = all.reduce((sum, times) => sum + within(times, s(second), s(second + 1)), 0);
      // Poisson: 4.5 standard deviations for 20 × 5 comparisons.
      expect(Math.abs(seen - mean)).toBeLessThanOrEqual(4.5 * Math.sqrt(mean) + 1e-9);
      if (mean > 5) squares += (seen - mean) ** 2 / mean;
    }
    // χ² of at most 20 degrees of freedom.
    expect(squares).toBeLessThan(20 + 4 * Math.sqrt(40));
  });

  test('a traffic spike multiplies it while it lasts', () => {
    const factor = (t: number): number => (t >= s(5) && t < s(10) ? 3 : 1);
    const times = arrivalsOf(openLoop({ rate: shape }), { until: s(20), factor });
    const mean = 3 * expected(shape, s(5), s(10));
    // One gap that began before the spike has its own length still.
    expect(Math.abs(within(times, s(5), s(10)) - mean)).toBeLessThan(4 * Math.sqrt(mean) + 0.02 * mean);
  });
});

describe('rate shapes', () => {
  test('have the values that they are described by', () => {
    const day = diurnal({ mean: 100, swing: 0.5, period: '24h' });
    expect([6, 18, 30].map((hour) => Math.round(day.at(hour * 3600 * s(1))))).toEqual([150, 50, 150]);
    const slope = ramp([
      ['1s', 10],
      ['3s', 30],
    ]);
    expect([0, s(1), s(2), s(3), s(9)].map(slope.at)).toEqual([10, 10, 20, 30, 30]);
    const crowd = flashCrowd({ base: 10, peak: 110, at: '10s', rise: '2s', hold: '1s', halfLife: '5s' });
    expect([0, s(10), s(11), s(12), s(13), s(18), s(23)].map(crowd.at).map(Math.round)).toEqual([
      10, 10, 60, 110, 110, 60, 35,
    ]);
    expect(crowd.at(s(10_000))).toBe(10);
    expect([0, s(2), s(9)].map(steps([['2s', 7]]).at)).toEqual([0, 7, 7]);
  });

  test('wrong options are named', () => {
    expect(() => steps([])).toThrow('steps');
    expect(() =>
      ramp([
        ['2s', 1],
        ['1s', 1],
      ]),
    ).toThrow('ramp[1]');
    expect(() => diurnal({ mean: 1, swing: 1.5 })).toThrow('diurnal.swing');
    expect(() => flashCrowd({ base: 5, peak: 1, at: 0 })).toThrow(
      'flashCrowd.peak: got 1, expected at least the base, 5',
    );
    expect(() => sumOf([])).toThrow('sumOf');
  });

  test('a rate that ends makes no arrival for ever, in finite time', () => {
    const ended = flashCrowd({ base: 0, peak: 100, at: 0, halfLife: '10ms' });
    expect(arrivalsOf(openLoop({ rate: ended }), { until: NEVER }).length).toBeGreaterThan(10);
  });
});

describe('bursts', () => {
  const phases = [
    { rate: 1_000, lasts: exponential({ mean: '500ms' }) },
    { rate: 100, lasts: exponential({ mean: '1500ms' }) },
  ];
  const loop = openLoop({ arrivals: bursts(phases) });

  test('have the mean rate of their phases, and counts that vary far more than Poisson’s', () => {
    const times = Array.from({ length: 20 }, (_, i) => arrivalsOf(loop, { until: s(100), seed: `b${i}` }));
    const counts = times.flatMap((all) => {
      const bySecond = new Array<number>(100).fill(0);
      for (const t of all) bySecond[Math.floor(t / s(1))] = (bySecond[Math.floor(t / s(1))] as number) + 1;
      return bySecond;
    });
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / counts.length;
    // (1000 · 0.5 + 100 · 1.5) / 2 = 325; a two-state MMPP's index of dispersion over a window w:
    // 1 + 2 λ̃ (1 − (1 − e^(−κw)) / (κw)), λ̃ = p(1−p)(λ1−λ2)² / (κ λ̄), κ = 1/0.5 + 1/1.5
    const kappa = 2 + 2 / 3;
    const lambda = (0.25 * 0.75 * 900 * 900) / (kappa * 325);
    const dispersion = 1 + 2 * lambda * (1 - (1 - Math.exp(-kappa)) / kappa);
    expect(Math.abs(mean / 325 - 1)).toBeLessThan(0.06);
    expect(Math.abs(variance / mean / dispersion - 1)).toBeLessThan(0.12);
  });

  test('on and off: nothing comes while it is off', () => {
    const onOff = openLoop({
      arrivals: bursts([
        { rate: 500, lasts: '1s' },
        { rate: 0, lasts: '3s' },
      ]),
    });
    const times = arrivalsOf(onOff, { until: s(40) });
    expect(times.every((t) => t % s(4) < s(1))).toBe(true);
    expect(Math.abs(times.length - 5_000)).toBeLessThan(4 * Math.sqrt(5_000));
  });

  test('phases stay where they are when the load changes, or when the client begins in the middle', () => {
    const quiet = openLoop({
      arrivals: bursts([
        { rate: 400, lasts: exponential({ mean: '1s' }) },
        { rate: 0, lasts: exponential({ mean: '1s' }) },
      ]),
    });
    const plain = arrivalsOf(quiet, { until: s(60) });
    const busySeconds = new Set(plain.map((t) => Math.floor(t / ms(100))));
    for (const other of [
      { until: s(60), factor: () => 2 },
      { until: s(60), from: s(30) },
    ]) {
      const stray = arrivalsOf(quiet, other).filter((t) => !busySeconds.has(Math.floor(t / ms(100))));
      // A tenth of a second at the edge of a phase may have had no arrival at the lower rate.
      expect(stray.length).toBeLessThan(60);
    }
  });

  test('wrong options are named', () => {
    expect(() => bursts([])).toThrow('bursts');
    expect(() => bursts([{ rate: 0, lasts: '1s' }])).toThrow('at least one phase with a rate above 0');
    expect(() => bursts([{ rate: 1, lasts: 0 }])).toThrow('bursts[0].lasts');
  });
});

describe('every process', () => {
  const processes: readonly (readonly [string, AnyArrivals])[] = [
    ['poisson', openLoop({ rate: 100 }).arrivals],
    ['renewal', openLoop({ gap: '10ms' }).arrivals],
    [
      'bursts',
      bursts([
        { rate: 200, lasts: '1s' },
        { rate: 20, lasts: '2s' },
      ]),
    ],
    ...SHAPES.map(([name, shape]) => [name, openLoop({ rate: shape }).arrivals] as const),
    ['replayed', replayed({ recording: [{ at: 0 }, { at: ms(10) }, { at: ms(10) }], repeat: '15ms' })],
  ];
  test.each(processes)('%s: goes forward, is the same again, and keeps plain data', (_name, arrivals) => {
    const loop = openLoop({ arrivals });
    const times = arrivalsOf(loop, { until: s(5) });
    expect(times.every((t, i) => t >= (times[i - 1] ?? 0))).toBe(true);
    expect(arrivalsOf(loop, { until: s(5) })).toEqual(times);
    const state = arrivals.init();
    expect(structuredClone(state)).toEqual(state);
  });

  test.each(processes.filter(([name]) => name !== 'replayed'))(
    '%s: draws for an arrival are its own: another number of draws before changes nothing but the instant',
    (_name, arrivals) => {
      const drawn: number[] = [];
      const spied = (n: number): RandomSource => {
        const draws = new KeyedDraws('spy', 'gaps').at(n);
        return { next: () => (drawn.push(n), draws.next()) };
      };
      const shared = new KeyedDraws('spy', 'shared');
      const state = arrivals.init();
      for (let n = 0, at = 0; n < 50; n++)
        at += arrivals.gap(state, { after: at, from: 0, factor: 1, draws: spied(n), shared });
      expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    },
  );
});

const request = () => ({ message: 'request', payload: {} }) as const;

/** One client with the workload and a server with so many workers; what the history has. */
function played(
  workload: Workload,
  {
    service = '1ms',
    workers = 100,
    seed = 'played',
    trace,
  }: { service?: string; workers?: number; seed?: string; trace?: Trace } = {},
) {
  const world = new World({ seed, trace });
  world.links({ latency: constant(0) });
  const target = world.node('s', serverNode({ servers: workers, service }));
  world.node('c', { actor: client<ServiceProtocol>({ target, workload, operation: request, deadline: '10s' }) });
  return world;
}

describe('replay', () => {
  const recording = parseRecording('# seconds key\n0 /a\n0.5 /b  # twice\n\n0.5 /a b\n2.25\n');

  test('reads a recording', () => {
    expect(recording).toEqual([
      { at: 0, key: '/a' },
      { at: 500_000, key: '/b' },
      { at: 500_000, key: '/a b' },
      { at: 2_250_000 },
    ]);
    expect(() => parseRecording('1 a\n0.5 b')).toThrow('recording: line 2');
    expect(() => parseRecording('soon')).toThrow('recording: line 1');
  });

  test('sends each request when it was, with its key, from the beginning of the workload on', () => {
    const world = new World({ seed: 'replay' });
    world.links({ latency: constant(0) });
    const target = world.node('s', serverNode());
    const operation = (_ctx: unknown, _n: number, _draws: RandomSource, { entry = -1 }: { entry?: number }) =>
      ({ message: 'request', payload: {}, key: recording[entry]?.key ?? 'none' }) as const;
    const workload = openLoop({ arrivals: replayed({ recording }), from: '1s' });
    world.node('c', { actor: client<ServiceProtocol>({ target, workload, operation }) });
    drive(world, s(10));
    expect(world.history.operations.map((op) => [op.invokedAt / s(1), op.key])).toEqual([
      [1, '/a'],
      [1.5, '/b'],
      [1.5, '/a b'],
      [3.25, 'none'],
    ]);
  });

  test('faster, again and again, and on where it would be after a restart', () => {
    const times = (options: { speed?: number; repeat?: string }, from = 0): number[] =>
      arrivalsOf(openLoop({ arrivals: replayed({ recording, ...options }) }), { until: s(8), from }).map(
        (t) => t / s(1),
      );
    expect(times({ speed: 2 })).toEqual([0, 0.25, 0.25, 1.125]);
    expect(times({ repeat: '3s' })).toEqual([0, 0.5, 0.5, 2.25, 3, 3.5, 3.5, 5.25, 6, 6.5, 6.5]);
    const world = played(openLoop({ arrivals: replayed({ recording, repeat: '3s' }) }));
    drive(world, s(1));
    crash(world, world.named('c'));
    drive(world, s(3) + ms(200));
    restart(world, world.named('c'));
    drive(world, s(8));
    expect(world.history.operations.map((op) => op.invokedAt / s(1))).toEqual([
      0, 0.5, 0.5, 3.5, 3.5, 5.25, 6, 6.5, 6.5,
    ]);
  });

  test('a run can be replayed from its own history', () => {
    const first = played(openLoop({ rate: 200, until: '5s' }));
    drive(first, s(6));
    const again = first.history.operations.map(({ invokedAt, key }) => ({ at: invokedAt, key }));
    const second = played(openLoop({ arrivals: replayed({ recording: again }) }), { seed: 'other' });
    drive(second, s(6));
    expect(second.history.operations.map(({ invokedAt }) => invokedAt)).toEqual(again.map(({ at }) => at));
  });

  test('wrong options are named', () => {
    expect(() => replayed({ recording: [] })).toThrow('replayed.recording');
    expect(() => replayed({ recording: [{ at: 5 }, { at: 4 }] })).toThrow('replayed.recording[1].at');
    expect(() => replayed({ recording, repeat: '2s' })).toThrow('replayed.repeat');
    expect(() => replayed({ recording, speed: 0 })).toThrow('replayed.speed');
    expect(() => openLoop({ rate: 5, arrivals: replayed({ recording }) })).toThrow('either rate');
  });
});

describe('coordinated omission', () => {
  /** A server of one worker that answers in 1 ms, but once stands still for a second. */
  const stalled = (workload: Workload): World => {
    const world = played(workload, { workers: 1 });
    drive(world, s(5));
    world.named('s').cpu.slowdown = 1_000_000;
    drive(world, s(6));
    world.named('s').cpu.slowdown = 1;
    drive(world, s(12));
    return world;
  };
  const slowShare = (world: World): number => {
    const latency = world.metrics.histogram('c', 'latency');
    return [0.9, 0.95, 0.97, 0.99, 0.999].find((q) => latency.quantile(q) > ms(20)) ?? 1;
  };

  test('a closed loop that waits hides the stall; with a pace it counts all who would have come', () => {
    const naive = stalled(closedLoop({ think: '9ms', until: '10s' }));
    const paced = stalled(closedLoop({ pace: '10ms', until: '10s' }));
    const open = stalled(openLoop({ gap: '10ms', until: '10s', concurrency: 1 }));
    // One of 901 operations is slow; or the hundred that were due in that second, a tenth of all.
    expect(naive.metrics.counter('c', 'offered').value).toBe(901);
    expect(slowShare(naive)).toBe(0.999);
    for (const world of [paced, open]) {
      expect(world.metrics.counter('c', 'offered').value).toBeGreaterThan(998);
      expect(slowShare(world)).toBe(0.9);
      expect(Math.abs(world.metrics.histogram('c', 'latency').quantile(0.95) - ms(500))).toBeLessThan(ms(80));
    }
  });

  test('users with a pace are evenly apart, and on time while answers are', () => {
    const world = played(closedLoop({ users: 4, pace: '100ms', until: '300ms' }));
    drive(world, s(1));
    expect(world.history.operations.map(({ invokedAt }) => invokedAt / ms(1))).toEqual([
      0, 25, 50, 75, 100, 125, 150, 175, 200, 225, 250, 275,
    ]);
    expect(() => closedLoop({ pace: '1s', think: '1s' })).toThrow('workload.pace');
    expect(() => closedLoop({ pace: 0 })).toThrow('workload.pace');
  });
});

test.each([
  [
    'bursts',
    openLoop({
      arrivals: bursts([
        { rate: 300, lasts: exponential({ mean: '200ms' }) },
        { rate: 10, lasts: exponential({ mean: '200ms' }) },
      ]),
    }),
  ],
  [
    'a flash crowd',
    openLoop({ rate: flashCrowd({ base: 20, peak: 400, at: '1s', halfLife: '300ms' }), concurrency: 2 }),
  ],
  ['a replay', openLoop({ arrivals: replayed({ recording: [{ at: 0 }, { at: 700 }], repeat: '11ms' }) })],
  ['a pace', closedLoop({ users: 3, pace: '20ms' })],
])('%s is the same run on the recorded path', (_name, workload) => {
  const digests = [undefined, new Trace({})].map((trace) => {
    const world = played(workload, { service: '8ms', workers: 1, ...(trace === undefined ? {} : { trace }) });
    drive(world, ms(1_200));
    crash(world, world.named('c'));
    restart(world, world.named('c'));
    drive(world, ms(1_700));
    expect(world.history.operations.length).toBeGreaterThan(40);
    return world.digest.hex();
  });
  expect(digests[1]).toBe(digests[0]);
});
