/** A work queue behind what can stand in front of it, in every order. */
import { describe, expect, test } from '@jest/globals';
import {
  constant,
  crash,
  defineScenario,
  exponential,
  holds,
  messageQueueDelivery,
  ms,
  run,
  s,
  slow,
  type DistributionSpec,
  type Fault,
  type NodeRef,
  type RunResult,
} from '../../sim/index.ts';
import {
  circuitBreaker,
  consecutiveFailures,
  leastConnections,
  limiter,
  loadBalancer,
  queueConsumer,
  queueProducer,
  sidecar,
  tokenBucket,
  workQueue,
  type QueueProtocol,
  type QueueState,
} from '../../models/index.ts';

type Part = 'limiter' | 'balancer' | 'breaker';

const orders = (parts: readonly Part[]): Part[][] => [
  [],
  ...parts.flatMap((first) => orders(parts.filter((part) => part !== first)).map((rest) => [first, ...rest])),
];

interface ChainOptions {
  readonly faults?: readonly Fault[];
  readonly every?: DistributionSpec;
  readonly record?: boolean;
}

/** Producer → parts → broker, each 1 ms from the next; two consumers at the broker. */
function published(
  order: readonly Part[],
  { faults = [], every = constant(ms(20)), record = false }: ChainOptions,
): RunResult {
  const scenario = defineScenario({
    name: 'queue-behind',
    question: 'Does the queue keep its promises behind them?',
    duration: s(8),
    recovery: false,
    build({ world }) {
      world.links({ latency: constant(ms(1)) });
      const broker: NodeRef<QueueProtocol> = world.node('broker', {
        actor: workQueue({ fsync: 'always', visibilityTimeout: '300ms' }),
        disk: { fsync: constant(ms(2)) },
      });
      let front = broker;
      for (const part of [...order].reverse()) front = placed(part, front);
      world.node('producer', {
        actor: queueProducer({ broker: front, every, until: s(4), deadline: '150ms' }),
      });
      for (const name of ['w1', 'w2'])
        world.node(name, { actor: queueConsumer({ broker, idempotent: true, work: constant(ms(5)) }) });
      return { broker };

      function placed(part: Part, target: NodeRef<QueueProtocol>): NodeRef<QueueProtocol> {
        if (part === 'limiter')
          return world.node('limiter', { actor: limiter({ target, policy: tokenBucket({ rate: 500 }) }) });
        if (part === 'balancer') {
          const passive = { ejectFor: ms(100) };
          return world.node('balancer', {
            actor: loadBalancer({ backends: [target], policy: leastConnections(), passive }),
          });
        }
        const policies = [circuitBreaker({ trip: consecutiveFailures({ failures: 5 }), openFor: '100ms' })];
        return world.node('breaker', {
          actor: sidecar<QueueProtocol>({ targets: [target], policies, deadline: '140ms' }),
        });
      }
    },
    checks: ({ broker }) => [
      messageQueueDelivery({
        contents(view) {
          const state = view.state<QueueState>(broker);
          if (state === undefined) return undefined;
          const queued = [...state.ready.map(({ id }) => id), ...Object.keys(state.inFlight)];
          return { queued, dead: state.dead.map(({ id }) => id) };
        },
      }),
    ],
    expect: holds(),
  });
  return run(scenario, { seed: order.join() || 'alone', faults, record });
}

describe.each(
  orders(['limiter', 'balancer', 'breaker']).map(
    (order) => [['producer', ...order, 'queue'].join(' → '), order] as const,
  ),
)('%s', (_name, order) => {
  test('a publish takes a round trip more for each part, and each message is worked on once', () => {
    const result = published(order, {});
    expect(result.status).toBe('held');
    const took = result.operations.filter(({ f }) => f === 'publish').map((op) => op.completedAt - op.invokedAt);
    expect(new Set(took)).toEqual(new Set([2 * ms(1) * (order.length + 1) + ms(2)]));
    expect(result.operations.filter(({ f }) => f === 'process')).toHaveLength(took.length);
  });

  test('a slow and a crashing broker lose nothing that was acknowledged, on either path', () => {
    const faults = [
      slow({ node: 'broker', at: s(1), for: ms(800), factor: 20 }),
      crash({ node: 'broker', at: s(2.5), for: ms(400) }),
      ...order.map((part, i) => crash({ node: part, at: s(3.1) + i * ms(200), for: ms(150) })),
    ];
    const options = { faults, every: exponential({ mean: ms(10) }) };
    const result = published(order, options);
    expect(result.verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
    const publishes = result.operations.filter(({ f }) => f === 'publish');
    expect(publishes.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(100);
    expect(publishes.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
    expect(published(order, { ...options, record: true }).digest).toBe(result.digest);
  });
});
