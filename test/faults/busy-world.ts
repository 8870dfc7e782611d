/** Three nodes that use everything a fault can touch, every 10 ms, and write down what they see; and the same three idle. */
import { ms } from '../../sim/base/time.ts';
import { Injector } from '../../sim/faults/injector.ts';
import type { Fault } from '../../sim/faults/fault.ts';
import { schedule } from '../../sim/faults/schedule.ts';
import { defineActor, type Flow, type NodeRef } from '../../sim/world/actor.ts';
import { CallError } from '../../sim/world/call-error.ts';
import type { Context } from '../../sim/world/context.ts';
import type { NetworkOptions } from '../../sim/world/topology.ts';
import type { World } from '../../sim/world/world.ts';
import { drive, newWorld } from '../support/bare-world.ts';

interface Busy {
  ping(p: { from: string; n: number }): void;
  ask(p: object): string;
}

/** What one life of a node has seen; times are true times in µs. */
export interface Seen {
  round: number;
  heard: { from: string; n: number; at: number }[];
  ticks: { at: number; wall: number; monotonic: number; rate: number; key: string }[];
  worked: number[];
  flushed: number[];
  errors: string[];
  recovered: number[];
  damaged: string[];
}

export interface BusyOptions {
  readonly idle?: boolean;
  readonly seed?: string;
  /** Default true; without calls, what is sent on one link does not depend on any other. */
  readonly calls?: boolean;
  readonly links?: NetworkOptions;
}

/** Nodes a and b in zone z1, c in zone z2; links take 1 ms, flushes 1 ms, work 2 ms; every 10 ms each pings both others. */
export function busyWorld({ idle = false, calls = true, seed = 'busy', links = {} }: BusyOptions = {}): World {
  const world = newWorld(seed);
  world.links(links);
  const peers = ['a', 'b', 'c'].map((id) => world.ref<Busy>(id));
  const actor = busyActor(world, peers, { idle, calls });
  for (const [i, ref] of peers.entries()) {
    world.node(ref, {
      actor,
      zone: i < 2 ? 'z1' : 'z2',
      bootTime: ms(5),
      disk: { fsync: { kind: 'constant', value: ms(1) } },
      ntp: { every: ms(50), uncertainty: 0 },
    });
  }
  return world;
}

const fresh = (): Seen => ({
  round: 0,
  heard: [],
  ticks: [],
  worked: [],
  flushed: [],
  errors: [],
  recovered: [],
  damaged: [],
});

function busyActor(
  world: World,
  peers: readonly NodeRef<Busy>[],
  { idle, calls }: Required<Pick<BusyOptions, 'idle' | 'calls'>>,
) {
  return defineActor<Seen, Busy>({
    role: 'busy',
    init: fresh,
    recover: (disk) => ({ ...fresh(), recovered: disk.log<number>('log'), damaged: disk.damage() }),
    start(state, ctx) {
      if (!idle) ctx.setTimer('tick', ms(10));
      state.round = state.recovered.length;
    },
    on: {
      ping(state, { from, n }) {
        state.heard.push({ from, n, at: world.now });
      },
      ask: () => 'answer',
    },
    timers: {
      tick(state, ctx) {
        const n = state.round++;
        const { wall, monotonic } = ctx.clock;
        state.ticks.push({ at: world.now, wall, monotonic, rate: ctx.load.rate, key: ctx.load.key('own') });
        const others = peers.filter(({ id }) => id !== ctx.self.id);
        for (const peer of others) ctx.send(peer, 'ping', { from: ctx.self.id, n });
        ctx.spawn(round(world, ctx, calls ? (others[n % 2] as NodeRef<Busy>) : undefined, n));
        ctx.setTimer('tick', ms(10));
      },
    },
  });
}

function* round(world: World, ctx: Context<Seen>, peer: NodeRef<Busy> | undefined, n: number): Flow {
  try {
    ctx.disk.append('log', n);
    yield* ctx.disk.fsync();
    ctx.update((state) => void state.flushed.push(world.now));
    yield* ctx.work(ms(2));
    ctx.update((state) => void state.worked.push(world.now));
    if (peer !== undefined) yield* ctx.call(peer, 'ask', {}, { deadline: ms(100) });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    ctx.update((state) => void state.errors.push(error.code));
  }
}

export interface FaultRun {
  readonly world: World;
  readonly injector: Injector;
  /** Effects by fault id. */
  readonly counts: Record<string, number>;
  seen(id: string): Seen;
}

/** Runs a busy world under faults for 300 ms, or until `until`. */
export function runUnder(faults: readonly Fault[], options: BusyOptions & { readonly until?: number } = {}): FaultRun {
  const world = busyWorld(options);
  const injector = new Injector(world, schedule(faults));
  world.start();
  injector.arm();
  drive(world, options.until ?? ms(300));
  return {
    world,
    injector,
    counts: Object.fromEntries(injector.effects.map(({ id, count }) => [id, count])),
    seen: (id) => world.named(id).state as Seen,
  };
}

/** True times at which `to` heard `from`. */
export const heardFrom = (run: FaultRun, to: string, from: string): number[] =>
  run.seen(to).heard.flatMap((ping) => (ping.from === from ? [ping.at] : []));

export const within = (times: readonly number[], from: number, to: number): number =>
  times.filter((at) => at > from && at <= to).length;
