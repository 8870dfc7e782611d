/** A replicated log whose consumers write to a store through what can stand before it, in every order. */
import { describe, expect, test } from '@jest/globals';
import {
  always,
  constant,
  crash,
  defineScenario,
  holds,
  ms,
  run,
  s,
  slow,
  type Fault,
  type NodeRef,
  type RunResult,
} from '../../sim/index.ts';
import {
  bulkhead,
  circuitBreaker,
  consecutiveFailures,
  effectStore,
  leastConnections,
  limiter,
  loadBalancer,
  sidecar,
  tokenBucket,
  type EffectStoreProtocol,
  type EffectStoreState,
} from '../../models/index.ts';
import { logCluster, logClusterChecks } from '../../scenarios/worlds/log-cluster.ts';

type Part = 'limiter' | 'balancer' | 'breaker' | 'bulkhead';
type Store = NodeRef<EffectStoreProtocol>;

const PARTS: readonly Part[] = ['limiter', 'balancer', 'breaker', 'bulkhead'];
const orders = (parts: readonly Part[]): Part[][] => [
  [],
  ...parts.flatMap((first) => orders(parts.filter((part) => part !== first)).map((rest) => [first, ...rest])),
];
/** Every pair in both orders, and all four in two. */
const CHAINS = orders(PARTS).filter(({ length }, at, all) => length < 3 || at === 4 || at === all.length - 1);

/** Three brokers with two producers, two consumers of a group → parts → store. */
function consumed(order: readonly Part[], faults: readonly Fault[], record = false): RunResult {
  const scenario = defineScenario({
    name: 'log-before',
    question: 'Does each message of the log have its effect once behind them?',
    duration: s(9),
    recovery: false,
    build({ world, duration }) {
      const store: Store = world.node('store', { actor: effectStore(), disk: { fsync: constant(ms(1)) } });
      let front = store;
      for (const part of [...order].reverse()) front = placed(part, front);
      const billing = { consumers: 2, store: front, idempotent: true, work: constant(ms(2)) };
      return { ...logCluster({ world, duration, groups: { billing } }), store };

      function placed(part: Part, target: Store): Store {
        if (part === 'limiter')
          return world.node('limiter', { actor: limiter({ target, policy: tokenBucket({ rate: 500 }) }) });
        if (part === 'balancer') {
          const passive = { ejectFor: ms(100) };
          return world.node('balancer', {
            actor: loadBalancer({ backends: [target], policy: leastConnections(), passive }),
          });
        }
        const trip = consecutiveFailures({ failures: 5 });
        const policies = [part === 'breaker' ? circuitBreaker({ trip, openFor: '100ms' }) : bulkhead({ limit: 4 })];
        return world.node(part, {
          actor: sidecar<EffectStoreProtocol>({ targets: [target], policies, deadline: '400ms' }),
        });
      }
    },
    checks: (cluster) => [
      ...logClusterChecks(cluster),
      always(
        'the store has each effect once',
        (view) => (view.state<EffectStoreState>(cluster.store)?.again.length ?? 0) === 0,
        { roles: ['store'] },
      ),
    ],
    expect: holds(),
  });
  return run(scenario, { seed: order.join() || 'alone', faults, record });
}

const ok = ({ operations }: RunResult, f: string): number =>
  operations.filter((operation) => operation.f === f && operation.outcome === 'ok').length;

describe.each(CHAINS.map((order) => [['consumer', ...order, 'store'].join(' → '), order] as const))(
  '%s',
  (_name, order) => {
    test('every message of the log has its effect once, and none is done again', () => {
      const result = consumed(order, []);
      expect(result.verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
      expect(ok(result, 'publish')).toBeGreaterThan(100);
      expect(ok(result, 'process')).toBe(ok(result, 'publish'));
      expect(result.operations.filter(({ f, outcome }) => f === 'process' && outcome !== 'ok')).toEqual([]);
    });

    test('slow and crashing stores, consumers and parts lose nothing and repeat nothing, on either path', () => {
      const faults = [
        slow({ node: 'store', at: s(1), for: ms(800), factor: 20 }),
        crash({ node: 'store', at: s(2.2), for: ms(300) }),
        crash({ node: 'billing1', at: s(2.8), for: ms(400) }),
        ...order.map((part, i) => crash({ node: part, at: s(3.4) + i * ms(200), for: ms(150) })),
      ];
      const result = consumed(order, faults);
      expect(result.verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
      expect(ok(result, 'process')).toBeGreaterThan(100);
      expect(consumed(order, faults, true).digest).toBe(result.digest);
    });
  },
);
