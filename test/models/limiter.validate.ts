/**
 * Rate limiters against the published figures: requests at exact instants through a limiter in a world, who is let through
 * counted.
 */
import { test } from '@jest/globals';
import { constant, defineActor, ms, s, type Flow } from '../../sim/index.ts';
import { World } from '../../sim/world/world.ts';
import {
  fixedWindow,
  limiter,
  slidingWindowCounter,
  slidingWindowEstimate,
  slidingWindowLog,
  tokenBucket,
} from '../../models/index.ts';
import type { LimiterPolicy } from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';
import { judge, type Cell } from './oracle-table.ts';

interface Door {
  knock(payload: Record<never, never>): Record<never, never>;
}

/** `count` requests, spread evenly over [from, from + length) µs. */
interface Batch {
  readonly count: number;
  readonly from: number;
  readonly length?: number;
}

/** When the requests that are let through arrive behind a limiter, links taking no time. */
function through(policy: object, batches: readonly Batch[]): readonly number[] {
  const world = new World({ seed: 'oracle' });
  world.links({ latency: constant(0) });
  const arrivals: number[] = [];
  const door = defineActor<object, Door>({
    role: 'door',
    init: () => ({}),
    on: {
      knock(_state, _payload, ctx) {
        arrivals.push(ctx.clock.monotonic);
        return {};
      },
    },
  });
  const target = world.node('door', { actor: door });
  const gate = world.node('gate', {
    actor: limiter<Door, unknown>({ target, policy: policy as LimiterPolicy<unknown> }),
  });
  const instants = batches
    .flatMap(({ count, from, length = 0 }) =>
      Array.from({ length: count }, (_, i) => from + Math.floor((i * length) / count)),
    )
    .toSorted((a, b) => a - b);
  const asking = runner(function* (ctx): Flow {
    for (const at of instants) {
      if (at > ctx.clock.monotonic) yield* ctx.sleep(at - ctx.clock.monotonic);
      ctx.send(gate, 'knock', {});
    }
  });
  world.node('caller', { actor: asking });
  drive(world, (instants.at(-1) ?? 0) + s(1));
  return arrivals;
}

/** The most in any window of `length` µs. */
function mostIn(arrivals: readonly number[], length: number): number {
  let first = 0;
  return arrivals.reduce((most, at, last) => {
    while (at - (arrivals[first] as number) >= length) first++;
    return Math.max(most, last - first + 1);
  }, 0);
}

const MS = 1;
test.each<readonly [string, number, number, number, readonly Batch[]]>([
  ['10 in each ms', 10_000, 10_000, 5_000, [{ count: 10_000, from: 0, length: s(1) }]],
  ['10,000 in the 1st ms', 5_000, 10_000, 5_000, [{ count: 10_000, from: 0, length: MS }]],
  [
    '5,000 + 5,000 over 999 ms',
    10_000,
    10_000,
    5_000,
    [
      { count: 5_000, from: 0 },
      { count: 5_000, from: ms(1), length: ms(999) },
    ],
  ],
  [
    '5,000 + 5,000 at 101',
    6_000,
    10_000,
    5_000,
    [
      { count: 5_000, from: 0 },
      { count: 5_000, from: ms(100) },
    ],
  ],
  [
    '5,000 + 1,000 at 101 + 4,000',
    10_000,
    10_000,
    5_000,
    [
      { count: 5_000, from: 0 },
      { count: 1_000, from: ms(100) },
      { count: 4_000, from: ms(101), length: ms(899) },
    ],
  ],
  [
    '300 + 300 at 40 (not published)',
    400,
    2_500,
    300,
    [
      { count: 300, from: 0 },
      { count: 300, from: ms(40) },
    ],
  ],
])('[R1] %s: %d', (name, published, rate, burst, batches) => {
  judge([{ name: `[R1] ${name}`, published, figures: [through(tokenBucket({ rate, burst }), batches).length] }]);
});

const all = (rate: number, from: number, length: number): Batch => ({
  count: Math.round((rate * length) / s(1)),
  from,
  length,
});
/** All the time, at far more than the limit. */
const flood = (seconds: number): readonly Batch[] => [{ count: 1_000, from: 0 }, all(4_000, 0, s(seconds))];
const EDGE = (limit: number): readonly Batch[] => [
  { count: limit * 2, from: s(1) - 1 },
  { count: limit * 2, from: s(1) },
];
/** The limit just before an edge, then all the time for as long as belongs to one window with it. */
const WORST = (limit: number): readonly Batch[] => [{ count: limit, from: s(1) - 1 }, all(20 * limit, s(1), s(1) - 1)];

test.each([
  [100, 50, 10],
  [40, 5, 3],
  [250, 1, 4],
])('[R3] token bucket, r = %d, b = %d, t = %d s: b + r t', (rate, burst, seconds) => {
  // The window includes both ends: the token that comes in at its last instant passes too.
  const arrivals = through(tokenBucket({ rate, burst }), [...flood(seconds), { count: 10, from: s(seconds) }]);
  judge([
    {
      name: `[R3] token bucket ${rate}/s, burst ${burst}, ${seconds} s`,
      published: burst + rate * seconds,
      figures: [mostIn(arrivals, s(seconds) + 1)],
    },
  ]);
});

test.each([100, 37])('[R3] windows of a limit of %d', (limit) => {
  const most = (policy: object, batches: readonly Batch[]): readonly number[] => [
    mostIn(through(policy, batches), s(1)),
  ];
  judge([
    {
      name: `[R3] fixed window ${limit}, across an edge: 2 L`,
      published: 2 * limit,
      figures: most(fixedWindow({ limit }), EDGE(limit)),
    },
    {
      name: `[R3] sliding log ${limit}, across an edge: L`,
      published: limit,
      figures: most(slidingWindowLog({ limit }), EDGE(limit)),
    },
    {
      name: `[R3] sliding log ${limit}, always: L`,
      published: limit,
      figures: most(slidingWindowLog({ limit }), [...flood(5)]),
    },
    {
      name: `[R3] sliding counter ${limit}, worst: 2 L − 1`,
      published: 2 * limit - 1,
      figures: most(slidingWindowCounter({ limit }), WORST(limit)),
    },
    {
      name: `[R3] sliding counter ${limit}, across an edge: L`,
      published: limit,
      figures: most(slidingWindowCounter({ limit }), EDGE(limit)),
    },
  ]);
});

test('[R4] estimates of the sliding window counter', () => {
  const cell = (name: string, published: number, previous: number, current: number, elapsed: number): Cell => ({
    name: `[R4] ${name}`,
    published,
    figures: [slidingWindowEstimate(previous, current, s(elapsed), s(60))],
  });
  judge([
    cell('Cloudflare: 42, 18, 15 s into 60 s', 49.5, 42, 18, 15),
    cell('A. Xu: 5, 3, 30 %', 6.5, 5, 3, 18),
    cell('90, 10, 40 s (not published)', 40, 90, 10, 40),
  ]);
});
