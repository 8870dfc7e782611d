/** Every policy, with everything switched on, under random crashes, pauses and slow servers. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, exponential, fixedBackoff, ms, s } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  bursts,
  client,
  consistentHash,
  contentRouting,
  leastConnections,
  loadBalancer,
  openLoop,
  peakEwma,
  powerOfChoices,
  randomBackend,
  roundRobin,
  serverNode,
  smoothWeightedRoundRobin,
  sourceHash,
  virtualAddress,
} from '../../models/index.ts';
import type { BalancerPolicy, LoadBalancerState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

type AnyPolicy = BalancerPolicy<unknown>;
const POLICIES: readonly (() => AnyPolicy)[] = [
  () => roundRobin() as AnyPolicy,
  () => smoothWeightedRoundRobin() as AnyPolicy,
  () => leastConnections() as AnyPolicy,
  () => randomBackend() as AnyPolicy,
  () => powerOfChoices() as AnyPolicy,
  () => peakEwma() as AnyPolicy,
  () => sourceHash() as AnyPolicy,
  () => consistentHash({ factor: 1.5 }) as AnyPolicy,
];

const NODES = ['lb1', 'lb2', 's1', 's2', 's3', 's4'] as const;

interface Incident {
  readonly node: (typeof NODES)[number];
  readonly what: 'crash' | 'pause' | 'slow';
  readonly at: number;
  readonly length: number;
}

/**
 * A pair of balancers with an address, pools, sticky sessions, slow start and both kinds of health checks, before four servers.
 */
function world(policy: AnyPolicy, seed: string, trace?: Trace): World {
  const one = new World({ seed, trace });
  one.links({ latency: constant(ms(1)) });
  const backends = NODES.slice(2).map((id) =>
    one.node(id, serverNode({ servers: 2, queue: 10, service: exponential({ mean: '6ms' }) })),
  );
  const address = one.node('address', { actor: virtualAddress<ServiceProtocol>({ deadline: '1s' }) });
  const routers = one.refs<ServiceProtocol>('lb', 2);
  const keyOf = (_message: string, payload: unknown): string => (payload as { key: string }).key;
  routers.forEach((ref, i) => {
    const actor = loadBalancer<ServiceProtocol, unknown>({
      backends,
      policy,
      ...(policy.ignoresWeights === true ? {} : { weights: [1, 2, 1, 3] }),
      deadline: ms(60),
      idempotent: ['request'],
      keyOf,
      pools: { all: backends, few: backends.slice(2) },
      poolOf: contentRouting([{ pool: 'all' }, { path: '/few', pool: 'few' }]),
      affinity: {
        kind: 'table',
        sessionOf: (_m, payload) => ((payload as { sticky?: boolean }).sticky ? keyOf('', payload) : ''),
        size: 3,
      },
      active: { interval: ms(100), timeout: ms(40) },
      passive: {
        failures: 2,
        ejectFor: ms(150),
        interval: ms(300),
        refusals: true,
        successRate: { requests: 5, backends: 3 },
      },
      slowStart: { window: ms(200) },
      panic: 0.3,
      vrrp: { address, peers: routers.filter((other) => other !== ref), priority: 200 - i, interval: ms(50) },
    });
    one.node(ref, { actor });
  });
  const operation = (_ctx: unknown, n: number) =>
    ({
      message: 'request',
      payload: { key: `k${n % 11}`, path: n % 4 === 0 ? '/few/x' : '/', sticky: n % 3 === 0 },
    }) as const;
  const arrivals = bursts([
    { rate: 300, lasts: exponential({ mean: '100ms' }) },
    { rate: 60, lasts: exponential({ mean: '200ms' }) },
  ]);
  const workload = openLoop({ arrivals, from: '200ms', until: '1500ms' });
  const retry = fixedBackoff({ attempts: 3, base: ms(20) });
  one.node('c', { actor: client<ServiceProtocol>({ target: address, workload, operation, retry, deadline: ms(150) }) });
  return one;
}

const incident: fc.Arbitrary<Incident> = fc.record({
  node: fc.constantFrom(...NODES),
  what: fc.constantFrom('crash', 'pause', 'slow'),
  at: fc.integer({ min: 100, max: 1_400 }),
  length: fc.integer({ min: 10, max: 500 }),
});

function visit(one: World, { node: id, what, at, length }: Incident): void {
  const node = one.named(id);
  const effect = { count: 0 };
  const act = (begin: boolean): void => {
    if (what === 'slow') node.cpu.slowdown = begin ? 8 : 1;
    else if (what === 'crash') (begin ? crash : restart)(one, node);
    else if (begin) pause(one, node, effect);
    else resume(one, node, effect);
  };
  one.at(ms(at), { fire: () => act(true) });
  one.at(ms(at + length), { fire: () => act(false) });
}

/** Whether nothing goes on at some instant between two rounds of probes. */
function rests(one: World, id: string): boolean {
  const until = one.now + ms(100);
  while (one.named(id).flows.count > 0 && one.now < until) drive(one, one.now + ms(1));
  return one.named(id).flows.count === 0;
}

describe.each(POLICIES.map((make) => [make().name, make] as const))('%s', (_name, make) => {
  test('completes every request once, leaves nothing behind, and runs alike on both paths', () => {
    fc.assert(
      fc.property(fc.array(incident, { maxLength: 6 }), fc.string({ minLength: 1 }), (incidents, seed) => {
        const digests = [undefined, new Trace({})].map((trace) => {
          const one = world(make(), seed, trace);
          for (const each of incidents) visit(one, each);
          drive(one, s(4));
          const { operations } = one.history;
          const count = (name: string): number => one.metrics.counter('c', name).value;
          expect(operations.length).toBe(count('offered'));
          expect(count('ok') + count('fail') + count('info')).toBe(operations.length);
          expect(operations.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
          for (const id of ['lb1', 'lb2']) {
            const { backends } = one.named(id).state as LoadBalancerState<unknown>;
            expect([id, ...backends.map(({ inFlight }) => inFlight)]).toEqual([id, 0, 0, 0, 0]);
            expect([id, rests(one, id)]).toEqual([id, true]);
          }
          if (incidents.length === 0) expect(count('ok')).toBe(operations.length);
          return one.digest.hex();
        });
        expect(digests[1]).toBe(digests[0]);
      }),
      { numRuns: 2, examples: [[[], 'quiet']] },
    );
  });
});
