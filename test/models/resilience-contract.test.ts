/** What every policy promises, and all of them together. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fullJitter, ms, s, uniform } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { World } from '../../sim/world/world.ts';
import {
  adaptiveThrottle,
  aimdLimit,
  bulkhead,
  circuitBreaker,
  client,
  errorRate,
  fallback,
  gradientLimit,
  hedge,
  lastGoodAnswer,
  loadShedder,
  openLoop,
  retryAround,
  serverNode,
  sidecar,
  tiedRequests,
  timeLimit,
  type Policy,
  type ServiceProtocol,
  type SidecarState,
} from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { befall } from '../support/incident.ts';

const POLICIES: Readonly<Record<string, () => readonly Policy[]>> = {
  'time limit': () => [timeLimit({ after: '60ms' })],
  retries: () => [retryAround({ backoff: fullJitter({ attempts: 3, base: ms(5) }), budget: {} })],
  breaker: () => [circuitBreaker({ openFor: '100ms', probes: 2 })],
  'breaker by rate': () => [
    circuitBreaker({ trip: errorRate({ window: 'time', size: 2, minimumCalls: 5 }), openFor: '100ms', probes: 2 }),
  ],
  bulkhead: () => [bulkhead({ limit: 3, queue: 3, maxWait: '30ms' })],
  'adaptive bulkhead': () => [bulkhead({ limit: gradientLimit({ initial: 5 }), queue: 3 })],
  'aimd bulkhead': () => [bulkhead({ limit: aimdLimit({ initial: 5, timeout: '50ms' }), queue: 3 })],
  shedder: () => [loadShedder({ limit: 4 })],
  throttle: () => [adaptiveThrottle({ window: '1s' })],
  hedge: () => [hedge({ after: '20ms', budget: { share: 0.5 } })],
  'learning hedge': () => [hedge({ learnFrom: 20 })],
  'tied requests': () => [tiedRequests()],
  fallback: () => [fallback({ answer: () => ({ by: 'nobody' }) })],
  'last good answer': () => [lastGoodAnswer()],
  'all of them': () => [
    fallback({ answer: () => ({ by: 'nobody' }) }),
    timeLimit({ after: '80ms' }),
    loadShedder({ limit: 20 }),
    adaptiveThrottle({ window: '1s' }),
    retryAround({ backoff: fullJitter({ attempts: 3, base: ms(5) }), budget: {} }),
    circuitBreaker({ openFor: '100ms', probes: 2 }),
    hedge({ after: '20ms' }),
    bulkhead({ limit: 10, queue: 3 }),
  ],
};

describe.each(Object.entries(POLICIES))('%s', (_name, policies) => {
  const service = (seed: string, trace?: Trace) => {
    const world = new World({ seed, ...(trace === undefined ? {} : { trace }) });
    world.links({ latency: uniform(us(500), ms(2)) });
    const targets = ['s1', 's2'].map((name) =>
      world.node(
        name,
        serverNode({ servers: 2, service: { kind: 'exponential', mean: ms(8) }, errorRate: 0.05, cancellable: true }),
      ),
    );
    const proxy = world.node('proxy', {
      actor: sidecar<ServiceProtocol>({
        targets,
        policies: policies(),
        deadline: '100ms',
        propagates: true,
        cancels: true,
      }),
    });
    const operation = (_ctx: unknown, n: number) => ({ message: 'request', payload: { priority: n % 3 } }) as const;
    const workload = openLoop({ rate: 250, operations: 60 });
    world.node('client', { actor: client<ServiceProtocol>({ target: proxy, operation, workload, deadline: '1s' }) });
    return world;
  };
  const us = (n: number): number => n;

  test('every request ends once, nothing is left behind, and both paths agree, whatever crashes, pauses or is slow', () => {
    const incident = fc.record({
      node: fc.constantFrom('s1', 's2', 'proxy'),
      what: fc.constantFrom('crash', 'pause', 'slow'),
      at: fc.integer({ min: 20, max: 250 }),
    });
    fc.assert(
      fc.property(fc.array(incident, { maxLength: 3 }), fc.string({ minLength: 1 }), (incidents, seed) => {
        const hexes = [undefined, new Trace({})].map((trace) => {
          const world = service(seed, trace);
          for (const incident of incidents)
            befall(world, world.named(incident.node), incident, { lasts: 110, slowdown: 6 });
          drive(world, s(40));
          const count = (name: string): number => world.metrics.counter('client', name).value;
          expect(count('ok') + count('fail') + count('info')).toBe(60);
          for (const node of world.nodes) {
            expect([node.id, node.flows.count, node.cpu.busy, node.cpu.queued]).toEqual([node.id, 0, 0, 0]);
            expect([...node.signals.values()].flat()).toEqual([]);
            const { inFlight = 0, busy = 0 } = node.state as { inFlight?: number; busy?: number };
            expect([node.id, inFlight, busy]).toEqual([node.id, 0, 0]);
          }
          for (const state of (world.named('proxy').state as SidecarState).policies) {
            const { inFlight = 0, queue = [] } = (state ?? {}) as { inFlight?: number; queue?: unknown[] };
            expect([inFlight, queue]).toEqual([0, []]);
          }
          return world.digest.hex();
        });
        expect(hexes[1]).toBe(hexes[0]);
      }),
      { numRuns: 2 },
    );
  });
});
