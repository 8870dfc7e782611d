/** A work queue with priorities is M/M/c with priorities: Erlang C, and Cobham’s formula for two classes, whichever way it is asked. */
import { describe, test } from '@jest/globals';
import { constant, defineScenario, exponential, holds, ms, run, s, type NodeRef } from '../../sim/index.ts';
import {
  queueConsumer,
  queueProducer,
  workQueue,
  type ConsumerState,
  type ProducerState,
  type QueueProtocol,
} from '../../models/index.ts';
import { judge, seedsFor } from './oracle-table.ts';

type Nothing = Record<never, never>;
const SERVICE = ms(10);

interface Waits {
  readonly high: number;
  readonly low: number;
  /** Share of all messages that found no consumer free. */
  readonly held: number;
}

interface Station {
  /** Arrivals per service time. */
  readonly high: number;
  readonly low: number;
  readonly consumers: number;
}

/** Mean times from publish to the beginning of the work, in service times, at a broker that costs no time itself. */
function waits({ high, low, consumers }: Station, seed: string): Waits {
  const scenario = defineScenario({
    name: 'queueing',
    question: 'How long does a message wait?',
    duration: s(260),
    recovery: false,
    build({ world }) {
      world.links({ latency: constant(0) });
      const broker: NodeRef<QueueProtocol> = world.node('broker', {
        actor: workQueue({ fsync: 'never', visibilityTimeout: '100s', dedupeWindow: 0 }),
      });
      const classes = [
        ['high', high, 1],
        ['low', low, 0],
      ] as const;
      for (const [name, rate, priority] of classes) {
        if (rate === 0) continue;
        const every = exponential({ mean: Math.round(SERVICE / rate) });
        const actor = queueProducer({ broker, every, priorities: [priority], until: s(250) });
        world.node<ProducerState, Nothing>(name, { actor });
      }
      const actor = queueConsumer({ broker, work: exponential({ mean: SERVICE }), parallel: consumers, wait: '10s' });
      world.node<ConsumerState, Nothing>('w', { actor });
      return {};
    },
    checks: () => [],
    expect: holds(),
  });
  const { operations } = run(scenario, { seed });
  const begun = new Map<unknown, number>();
  for (const { f, input, invokedAt } of operations) if (f === 'process') begun.set(input, invokedAt);
  const sums = { high: 0, low: 0, held: 0 };
  const counts = { high: 0, low: 0 };
  for (const { f, input, client, completedAt } of operations) {
    const at = begun.get(input);
    if (f !== 'publish' || at === undefined) continue;
    const wait = at - completedAt;
    sums.held += wait > 0 ? 1 : 0;
    const mine = client.startsWith('high') ? 'high' : 'low';
    sums[mine] += wait;
    counts[mine]++;
  }
  return {
    high: sums.high / Math.max(1, counts.high) / SERVICE,
    low: sums.low / Math.max(1, counts.low) / SERVICE,
    held: sums.held / Math.max(1, counts.high + counts.low),
  };
}

/** Mean wait with priorities that do not interrupt (Cobham, 1954), service mean 1: R / (1 − s₁), R / ((1 − s₁)(1 − s₂)). */
function cobham(high: number, low: number): { readonly high: number; readonly low: number } {
  const residual = high + low;
  return { high: residual / (1 - high), low: residual / ((1 - high) * (1 - high - low)) };
}

/** Probability of waiting with c servers and offered load a (Erlang C). */
function erlangC(c: number, a: number): number {
  let blocked = 1;
  for (let k = 1; k <= c; k++) blocked = (a * blocked) / (k + a * blocked);
  return blocked / (1 - (a / c) * (1 - blocked));
}

const agrees = (name: string, published: number, figures: readonly number[], tolerance: number): void =>
  judge([{ name, published, figures, tolerance }]);

describe('[Q7] two classes of priority, one consumer', () => {
  // The published ones, and one more.
  test.each([
    [0.2, 0.5, 0.875, 2.91667],
    [0.4, 0.4, 1.33333, 6.66667],
    [0.5, 0.3, 1.6, 8],
    [0.3, 0.6, 1.28571, 12.8571],
    [0.1, 0.5, cobham(0.1, 0.5).high, cobham(0.1, 0.5).low],
  ])('arrivals %d and %d', (high, low, first, second) => {
    const cell = `Q7 queue (${high}, ${low})`;
    const figures = seedsFor(cell, 10).map((seed) => waits({ high, low, consumers: 1 }, seed));
    agrees(
      `${cell} W high`,
      first,
      figures.map((one) => one.high),
      0.03,
    );
    agrees(
      `${cell} W low`,
      second,
      figures.map((one) => one.low),
      0.03,
    );
  });
});

describe('[Q2] several consumers, one class', () => {
  test.each([
    [2, 0.8, 0.711111, 1.77778],
    [3, 0.8, 0.647191, 1.07865],
    [5, 0.8, 0.554113, 0.554113],
    [4, 0.7, erlangC(4, 2.8), erlangC(4, 2.8) / (4 - 2.8)],
  ])('%d consumers at %d', (consumers, load, held, wait) => {
    const cell = `Q2 queue (${consumers}, ${load})`;
    const figures = seedsFor(cell, 10).map((seed) => waits({ high: 0, low: load * consumers, consumers }, seed));
    agrees(
      `${cell} P(wait)`,
      held,
      figures.map((one) => one.held),
      0.01,
    );
    agrees(
      `${cell} Wq`,
      wait,
      figures.map((one) => one.low),
      0.02,
    );
  });
});
