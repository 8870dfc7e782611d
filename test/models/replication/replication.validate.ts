/** Replication against theory: staleness of random quorums [K1], availability of majorities [K4], and long searches for a violation. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  constant,
  crash,
  defineScenario,
  exponential,
  holds,
  ms,
  RandomStream,
  run,
  s,
  compile,
  type Fault,
  type NodeRef,
  type Scenario,
  type WorldBuilder,
} from '../../../sim/index.ts';
import {
  kvClient,
  primaryReplica,
  primaryStore,
  quorumStore,
  registerReplica,
  type KvClientState,
  type RegisterReplicaProtocol,
  type ReplicaProtocol,
} from '../../../models/index.ts';
import { judge, seedsFor } from '../oracle-table.ts';
import { faultsFor } from './random-faults.ts';
import { staleShare } from './staleness.ts';
import { around, violations, type PlacedStore } from './store-contract.ts';

describe('[K1] k-staleness of partial quorums', () => {
  // P(one of the last k versions) = 1 − (C(N − W, R) / C(N, R))^k: Bailis et al., VLDB 2012.
  const table = [
    { n: 3, r: 1, w: 1, published: { 1: 0.333333, 2: 0.555556, 3: 0.703704, 5: 0.868313, 10: 0.982658 } },
    { n: 3, r: 1, w: 2, published: { 1: 0.666667, 2: 0.888889, 3: 0.962963, 5: 0.995885 } },
    { n: 3, r: 2, w: 1, published: { 1: 0.666667, 2: 0.888889, 3: 0.962963, 5: 0.995885 } },
    { n: 5, r: 1, w: 1, published: { 1: 0.2, 2: 0.36, 3: 0.488, 5: 0.67232 } },
    { n: 5, r: 2, w: 2, published: { 1: 0.7, 2: 0.91, 3: 0.973 } },
  ];
  test.each(table)('N=$n R=$r W=$w', ({ n, r, w, published }) => {
    const ks = Object.keys(published).map(Number);
    const seeds = seedsFor(`K1/${n}${r}${w}`, 12);
    const runs = seeds.map((seed) => staleShare({ n, r, w, seed, rounds: 1_500, versions: Math.max(...ks) }).fresh);
    judge(
      Object.entries(published).map(([k, share]) => ({
        name: `[K1] N=${n} R=${r} W=${w} within ${k}`,
        published: share,
        figures: runs.map((fresh) => fresh[Number(k) - 1] as number),
      })),
    );
  });
});

/** Each node fails and is repaired after exponential times, in equilibrium from the start; nothing else goes wrong. */
function failures(
  seed: string,
  nodes: readonly string[],
  availability: number,
  meanDown: number,
  end: number,
): Fault[] {
  const faults: Fault[] = [];
  const meanUp = Math.round((meanDown * availability) / (1 - availability));
  for (const node of nodes) {
    const random = new RandomStream(seed, `failures/${node}`);
    const up = compile(exponential({ mean: meanUp }));
    const down = compile(exponential({ mean: meanDown }));
    let at = 1;
    // Exponential times have no memory: the rest of a stretch is as long as a whole one.
    if (random.chance(availability)) at += up.sample(random);
    while (at < end) {
      const length = Math.max(1, down.sample(random));
      faults.push(crash({ node, at, for: length }));
      at += length + Math.max(1, up.sample(random));
    }
  }
  return faults;
}

describe('[K4] availability of majorities', () => {
  function unavailable(n: number, availability: number, seed: string): number {
    // The rarer it is, the longer one must look.
    const end = availability > 0.95 ? s(60_000) : s(20_000);
    const repair = availability > 0.95 ? s(2) : s(10);
    const scenario: Scenario = defineScenario({
      name: 'majority-availability',
      question: 'How often is no majority up?',
      duration: end,
      recovery: false,
      build({ world }) {
        world.links({ latency: constant(ms(1)) });
        const replicas: NodeRef<RegisterReplicaProtocol>[] = world.refs('n', n);
        for (const node of replicas) world.node(node, { actor: registerReplica({ fsync: false }), bootTime: 1 });
        const store = quorumStore({ replicas, readRepair: 'none', attempts: 1, attempt: ms(50) });
        // Probes at regular instants see time averages, as long as they do not keep step with what they measure.
        world.node<KvClientState, Record<never, never>>('probe', {
          actor: kvClient({ store, reads: 1, think: constant(s(1)) }),
        });
        return {};
      },
      checks: () => [],
      expect: holds(),
    });
    const nodes = Array.from({ length: n }, (_, i) => `n${i + 1}`);
    const { operations } = run(scenario, { seed, faults: failures(seed, nodes, availability, repair, end) });
    const done = operations.filter(({ outcome }) => outcome !== 'pending');
    return done.filter(({ outcome }) => outcome !== 'ok').length / done.length;
  }

  test.each([
    [3, 0.9, 0.028],
    [5, 0.9, 0.00856],
    [7, 0.9, 0.002728],
    // An even group needs one more: 3 of 4.
    [4, 0.9, 1 - 0.9 ** 4 - 4 * 0.9 ** 3 * 0.1],
    [3, 0.99, 2.98e-4],
  ])('%i nodes, each up %d of the time', (n, availability, published) => {
    const seeds = seedsFor(`K4/${n}/${availability}`, 12);
    judge([
      {
        name: `[K4] n=${n} a=${availability}`,
        published,
        figures: seeds.map((seed) => unavailable(n, availability, seed)),
      },
    ]);
  });
});

describe('long searches', () => {
  const shape = (size: number) => ({
    nodes: Array.from({ length: size }, (_, i) => `n${i + 1}`),
    clients: ['c1', 'c2', 'c3'],
    before: s(6),
  });

  test('no schedule of faults makes fenced failover or write-back lie', () => {
    const fenced = (world: WorldBuilder): PlacedStore => {
      const nodes = world.refs<ReplicaProtocol>('n', 5);
      for (const node of nodes) world.node(node, { actor: primaryReplica({ nodes }) });
      return { nodes: nodes as readonly NodeRef[], store: primaryStore({ nodes, patience: ms(400) }) };
    };
    const written = (world: WorldBuilder): PlacedStore => {
      const replicas = world.refs<RegisterReplicaProtocol>('n', 5);
      for (const node of replicas) world.node(node, { actor: registerReplica() });
      return { nodes: replicas as readonly NodeRef[], store: quorumStore({ replicas }) };
    };
    for (const scenario of [around(fenced, { cas: 0.3 }, 9), around(written, {}, 9)]) {
      fc.assert(
        fc.property(faultsFor(shape(5)), fc.string({ minLength: 1, maxLength: 8 }), (faults, seed) => {
          expect(violations(run(scenario, { seed, faults })).filter((line) => !line.startsWith('a write'))).toEqual([]);
        }),
        { numRuns: 150 },
      );
    }
  });
});
