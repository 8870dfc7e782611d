/**
 * [K2] Latency and staleness of partial quorums with the delays measured at LinkedIn: Bailis et al., "Probabilistically Bounded Staleness
 * for Practical Partial Quorums", VLDB 2012, table 4. N = 3; a writer sends to all and waits for W, a reader asks all and takes the first R.
 */
import { describe, test } from '@jest/globals';
import {
  constant,
  defineActor,
  exponential,
  mixture,
  ms,
  pareto,
  s,
  World,
  type DistributionSpec,
  type Flow,
  type NodeRef,
} from '../../../sim/index.ts';
import {
  quorumStore,
  registerReplica,
  type KvClientContext,
  type KvClientState,
  type RegisterReplicaProtocol,
} from '../../../models/index.ts';
import { runUntil } from '../../../sim/kernel/engine.ts';
import { limitsFrom } from '../../../sim/kernel/limits.ts';
import { judge, seedsFor, type Cell } from '../oracle-table.ts';

const perMs = (rate: number): DistributionSpec => exponential({ mean: Math.round(ms(1) / rate) });
const SSD = mixture([
  { weight: 91.22, of: pareto({ scale: 235, alpha: 10 }) },
  { weight: 8.78, of: perMs(1.66) },
]);
const DISK = mixture([
  { weight: 38, of: pareto({ scale: 1_050, alpha: 1.51 }) },
  { weight: 62, of: perMs(0.183) },
]);

interface Figures {
  /** Share of the reads that return the write. */
  readonly fresh: number;
  /** Shares of the operations that took longer than the published 99.9th percentile. */
  readonly slowReads: number;
  readonly slowWrites: number;
}

interface Trials {
  readonly w: number;
  readonly r: number;
  readonly disk: boolean;
  /** How long after the write was acknowledged the read begins, ms. */
  readonly after: number;
  /** Published 99.9th percentiles, ms. */
  readonly read: number;
  readonly write: number;
  readonly seed: string;
  readonly trials: number;
}

interface Ready {
  /** The write of that key has been acknowledged. */
  ready(message: { readonly key: string }): void;
}

function quorums({ w, r, disk, after, read, write, seed, trials }: Trials): Figures {
  const world = new World({ seed });
  const replicas: NodeRef<RegisterReplicaProtocol>[] = world.refs('n', 3);
  for (const node of replicas) world.node(node, { actor: registerReplica({ fsync: false }) });
  const [reader] = world.refs<Ready>('reader', 1) as [NodeRef<Ready>];
  const reads: number[] = [];
  const writes: number[] = [];
  let fresh = 0;

  const fresher = quorumStore({ replicas, readQuorum: r, writeQuorum: w, readRepair: 'none', attempt: s(30) });
  const client = (): KvClientState => ({ session: 'c', issued: 0, target: 0, counter: 0, succeeded: 0, quorums: [] });
  const readerNode = world.node<KvClientState, Ready>(reader, {
    actor: defineActor<KvClientState, Ready>({
      role: 'reader',
      init: client,
      flows: {
        *ready({ key }, ctx) {
          yield* ctx.sleep(after * ms(1));
          const began = ctx.clock.monotonic;
          const { value } = yield* fresher.read(key, 0, ctx);
          reads.push(ctx.clock.monotonic - began);
          if (value === 1) fresh++;
        },
      },
    }),
  });

  function* writing(key: string, ctx: KvClientContext): Flow {
    const began = ctx.clock.monotonic;
    const stamp = { counter: 1, writer: 'w' };
    yield* ctx.quorum(
      w,
      replicas.map((node) => ctx.call(node, 'store', { key, stamp, value: 1 }, { deadline: s(1_000) })),
    );
    writes.push(ctx.clock.monotonic - began);
    ctx.send(readerNode, 'ready', { key });
  }

  const writer = world.node<KvClientState, object>('writer', {
    actor: defineActor<KvClientState, object>({
      role: 'writer',
      init: client,
      start: (_state, ctx) =>
        ctx.spawn(
          (function* (): Flow {
            for (let i = 0; i < trials; i++) {
              ctx.spawn(writing(`k${i}`, ctx));
              yield* ctx.sleep(ms(1));
            }
          })(),
        ),
    }),
  });
  world.links({
    latency: SSD,
    pairs: [
      { from: writer as NodeRef, to: readerNode as NodeRef, latency: constant(0) },
      ...(disk ? replicas.map((to) => ({ from: writer as NodeRef, to: to as NodeRef, latency: DISK })) : []),
    ],
  });
  world.start();
  runUntil(world.queue, s(3_600), limitsFrom(), () => world.dispatch());
  const slower = (times: readonly number[], than: number): number =>
    times.filter((time) => time > than * ms(1)).length / times.length;
  return { fresh: fresh / trials, slowReads: slower(reads, read), slowWrites: slower(writes, write) };
}

const RUNS = 8;
const TRIALS = 4_500;

/** Settings, and what is published: shares by time after the write, tails by side. */
const TABLE = [
  { name: 'SSD R1 W1', disk: false, r: 1, w: 1, fresh: { 0: 0.9736, 1.96: 0.999 }, read: 0.65, write: 0.65 },
  { name: 'SSD R1 W2', disk: false, r: 1, w: 2, fresh: { 1.85: 0.999 }, read: 0.66, write: 1.63 },
  { name: 'SSD R2 W1', disk: false, r: 2, w: 1, fresh: { 0: 0.999 }, atLeast: true, read: 1.63, write: 0.65 },
  { name: 'SSD R2 W2', disk: false, r: 2, w: 2, fresh: { 0: 1 }, read: 1.62, write: 1.64 },
  {
    name: 'DISK R1 W1',
    disk: true,
    r: 1,
    w: 1,
    fresh: { 0: 0.4367, 10: 0.9262, 51.9: 0.999 },
    read: 0.65,
    write: 10.96,
  },
  { name: 'DISK R1 W2', disk: true, r: 1, w: 2, fresh: { 47.8: 0.999 }, read: 0.66, write: 20.97 },
  { name: 'DISK R2 W1', disk: true, r: 2, w: 1, fresh: { 14.16: 0.999 }, read: 1.63, write: 10.9 },
  { name: 'DISK R2 W2', disk: true, r: 2, w: 2, fresh: { 0: 1 }, read: 1.64, write: 20.96 },
];

describe('[K2] partial quorums with measured delays', () => {
  // A percentile so far out is compared by how many operations are beyond it, which needs no guess of its own spread.
  test.each(TABLE)('$name', ({ name, disk, r, w, fresh, read, write, atLeast = false }) => {
    const cells: Cell[] = [];
    const slow: { reads: number[]; writes: number[] } = { reads: [], writes: [] };
    for (const [after, share] of Object.entries(fresh)) {
      const seeds = seedsFor(`K2/${name}/${after}`, RUNS);
      const runs = seeds.map((seed) =>
        quorums({ w, r, disk, read, write, after: Number(after), seed, trials: TRIALS }),
      );
      const figures = runs.map((run) => (atLeast ? Math.min(run.fresh, share) : run.fresh));
      cells.push({ name: `${name} fresh after ${after} ms`, published: share, figures });
      slow.reads.push(...runs.map((run) => run.slowReads));
      slow.writes.push(...runs.map((run) => run.slowWrites));
    }
    cells.push({ name: `${name} reads beyond p99.9`, published: 0.001, figures: slow.reads });
    cells.push({ name: `${name} writes beyond p99.9`, published: 0.001, figures: slow.writes });
    judge(cells.map((cell) => ({ ...cell, name: `[K2] ${cell.name}` })));
  });
});
