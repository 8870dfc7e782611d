/** A client, a limiter, a balancer, a caching strategy and a store, each on a node of its own, 1 ms apart. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { constant, fixedBackoff, ms, s } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { World } from '../../sim/world/world.ts';
import {
  client,
  kvOperations,
  kvStore,
  leastConnections,
  limiter,
  loadBalancer,
  openLoop,
  tokenBucket,
} from '../../models/index.ts';
import type { KvProtocol, KvStoreState } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { befall, incidents } from '../support/incident.ts';
import type { Strategy } from './caching-strategies.ts';

/** Longer after the last operation than the limiter's deadline, 30 s. */
export const AT_REST = s(45);

export function chainWith(place: Strategy['place'], seed: string, trace?: Trace): World {
  const world = new World({ seed, trace });
  world.links({ latency: constant(ms(1)), transport: 'stream' });
  const store = world.node<KvStoreState, KvProtocol>('store', { actor: kvStore({ service: ms(3) }) });
  const backends = [place(world, store)];
  const balancer = world.node('balancer', {
    actor: loadBalancer({ backends, policy: leastConnections(), passive: { ejectFor: ms(200) } }),
  });
  const target = world.node('limiter', { actor: limiter({ target: balancer, policy: tokenBucket({ rate: 90 }) }) });
  const retry = fixedBackoff({ attempts: 3, base: ms(20), retryable: (error) => error.definite });
  const workload = openLoop({ gap: '8ms', operations: 80 });
  const operations = kvOperations({ keys: 6, readShare: 0.7, casShare: 0.1 });
  world.node('client', { actor: client({ target, workload, deadline: '100ms', retry, ...operations }) });
  return world;
}

/** Under crashes, pauses and overload every operation completes once and nothing is left behind, on both paths alike. */
export function expectOneCompletionEach({ place, endless = 0 }: Strategy, numRuns: number): void {
  fc.assert(
    fc.property(incidents(10, 600), fc.string({ minLength: 1 }), (befalling, seed) => {
      const digests = [undefined, new Trace({})].map((trace) => {
        const world = chainWith(place, seed, trace);
        for (const incident of befalling)
          befall(world, world.nodes[incident.which % world.nodes.length] as (typeof world.nodes)[number], incident);
        drive(world, AT_REST);
        const { operations } = world.history;
        expect(operations.length).toBe(world.metrics.counter('client', 'offered').value);
        expect(operations.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
        for (const { id, flows, cpu, signals } of world.nodes) {
          expect([id, flows.count, cpu.busy, cpu.queued]).toEqual([id, id === 'front' ? endless : 0, 0, 0]);
          expect([...signals.values()].flat()).toEqual([]);
        }
        expect(world.unhandled).toEqual({ count: 0, first: undefined });
        return world.digest.hex();
      });
      expect(digests[1]).toBe(digests[0]);
    }),
    { numRuns },
  );
}
