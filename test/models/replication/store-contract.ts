/** What every replicated store promises, whatever it is made of: one suite for all. */
import { describe, expect, test } from '@jest/globals';
import {
  correlated,
  defineScenario,
  exponential,
  holds,
  linearizable,
  ms,
  register,
  run,
  s,
  sometimes,
  type Fault,
  type NodeRef,
  type RunResult,
  type Scenario,
  type WorldBuilder,
} from '../../../sim/index.ts';
import { kvClient, type KvClientOptions, type KvStore } from '../../../models/index.ts';

export interface PlacedStore {
  readonly nodes: readonly NodeRef[];
  readonly store: KvStore;
}

/** A scenario around a store: five clients' worth of reads and writes on two keys. */
export function around(
  place: (world: WorldBuilder) => PlacedStore,
  clients: Partial<KvClientOptions> = {},
  seconds = 6,
): Scenario {
  return defineScenario({
    name: 'store-under-test',
    question: 'Does the store keep its promises?',
    duration: s(seconds),
    recovery: false,
    build({ world, duration }) {
      const { store, nodes } = place(world);
      const actor = kvClient({
        store,
        keys: ['x', 'y'],
        think: exponential({ mean: ms(60) }),
        from: ms(500),
        until: duration - s(1),
        ...clients,
      });
      for (const client of world.refs<Record<never, never>>('c', 3)) world.node(client, { actor });
      return { nodes };
    },
    checks: () => [
      linearizable(register()),
      sometimes(
        'a write is acknowledged',
        (view) => view.operations.some(({ f, outcome }) => f === 'write' && outcome === 'ok'),
        { roles: ['client'] },
      ),
    ],
    expect: holds(),
  });
}

export const violations = (result: RunResult): string[] =>
  result.verdicts.filter(({ status }) => status !== 'held').map(({ check, message }) => `${check}: ${message}`);

const powerCut = (nodes: readonly string[]): Fault => correlated({ nodes, at: s(3), for: ms(400), mode: 'crash' });

/** `durable`: acknowledged writes survive when all nodes lose power at once. */
export function storeContract(
  name: string,
  place: (world: WorldBuilder) => PlacedStore,
  nodes: readonly string[],
): void {
  describe(name, () => {
    const scenario = around(place);

    test('is linearizable while nothing goes wrong, and answers everything', () => {
      const result = run(scenario, { seed: 'calm' });
      expect(violations(result)).toEqual([]);
      expect(result.operations.length).toBeGreaterThan(100);
      expect(result.operations.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    });

    test('completes every operation once, also when all nodes lose power', () => {
      const { operations } = run(scenario, { seed: 'power', faults: [powerCut(nodes)] });
      expect(operations.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
      expect(
        operations.filter(({ completedAt, outcome }) => outcome === 'ok' && completedAt > s(4)).length,
      ).toBeGreaterThan(20);
    });

    test('keeps acknowledged writes through a power cut', () => {
      expect(violations(run(scenario, { seed: 'power', faults: [powerCut(nodes)] }))).toEqual([]);
    });

    test('is the same on the fast and on the recorded path, under faults', () => {
      const options = { seed: 'paths', faults: [powerCut(nodes)] };
      expect(run(scenario, { ...options, record: true }).digest).toBe(run(scenario, options).digest);
    });
  });
}
