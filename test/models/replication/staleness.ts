/** How stale reads are when both quorums are chosen at random and nothing spreads writes: for comparison with [K1]. */
import { constant, defineActor, s, ms, type Flow, type NodeRef } from '../../../sim/index.ts';
import {
  quorumStore,
  registerReplica,
  type KvClientContext,
  type KvClientState,
  type RegisterReplicaProtocol,
} from '../../../models/index.ts';
import { runUntil } from '../../../sim/kernel/engine.ts';
import { limitsFrom } from '../../../sim/kernel/limits.ts';
import { World } from '../../../sim/world/world.ts';

export interface StalenessRun {
  readonly n: number;
  readonly r: number;
  readonly w: number;
  readonly seed: string;
  /** Reads, each of a key of its own that has had `versions` writes. */
  readonly rounds: number;
  readonly versions: number;
}

export interface Staleness {
  readonly reads: number;
  /** fresh[k − 1]: share of the reads that returned one of the last k versions. */
  readonly fresh: number[];
}

export function staleShare({ n, r, w, seed, rounds, versions }: StalenessRun): Staleness {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)) });
  const replicas: NodeRef<RegisterReplicaProtocol>[] = world.refs('n', n);
  for (const node of replicas) world.node(node, { actor: registerReplica({ fsync: false }) });
  const store = quorumStore({ replicas, readQuorum: r, writeQuorum: w, reach: 'random', readRepair: 'none' });
  const ages: number[] = [];

  function* asking(ctx: KvClientContext): Flow {
    for (let round = 0; round < rounds; round++) {
      // A key that has never been written is older than all its versions: age = versions.
      const key = `k${round}`;
      for (let version = 1; version <= versions; version++)
        yield* store.update({ f: 'write', key, value: version }, 0, ctx);
      const { value } = yield* store.read(key, 0, ctx);
      ages.push(versions - Number(value ?? 0));
    }
  }

  const actor = defineActor<KvClientState, Record<never, never>>({
    role: 'client',
    init: () => ({ session: 'c', issued: 0, target: 0, counter: 0, succeeded: 0, quorums: [] }),
    start: (_state, ctx) => ctx.spawn(asking(ctx)),
  });
  world.node<KvClientState, Record<never, never>>('c', { actor });
  world.start();
  runUntil(world.queue, s(3_600), limitsFrom(), () => world.dispatch());
  const fresh = Array.from({ length: versions }, (_, i) => ages.filter((age) => age <= i).length / ages.length);
  return { reads: ages.length, fresh };
}
