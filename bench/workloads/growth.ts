/**
 * Growth: the same load on 100, 1,000, 10,000 and 100,000 actors, as many events each. What an event costs, what an actor needs, how
 * many links were used. In the ring each actor knows one other; in the exchange each asks a random other one once a second and gets
 * an answer (anti-entropy), so that nearly every message of a large world needs a new link. Something quadratic would show at once:
 * ten times the actors would have a hundred times the links or the memory.
 */
import { CallError, defineActor, exponential, World, type Context, type Flow, type NodeRef } from '../../sim/index.ts';
import { contest } from '../contest.ts';
import { memoryInUse } from '../memory.ts';
import type { GrowthLine, Row, Scale } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { advance, driven } from './drive.ts';
import { ringTime, ringWorld } from './ring.ts';

const ACTORS = [100, 1_000, 10_000, 100_000];
const EVENTS = 200_000;
const PERIOD = 1_000_000;

interface Exchange {
  exchange(payload: { version: number }): { version: number };
}

interface Known {
  version: number;
  met: number;
}

function exchangeWorld(actors: number): World {
  const world = new World({ seed: 'exchange' });
  world.links({ latency: exponential({ mean: 1_000 }) });
  const refs: NodeRef<Exchange>[] = world.refs('n', actors);
  const learn = (state: Known, version: number): void => {
    state.met++;
    if (version > state.version) state.version = version;
  };
  function* ask(ctx: Context<Known>): Flow {
    const other = (ctx.self.index + 1 + ctx.random.int(actors - 1)) % actors;
    try {
      const { version } = yield* ctx.call(refs[other] as NodeRef<Exchange>, 'exchange', { version: ctx.state.version });
      ctx.update((state) => learn(state, version));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }
  const actor = defineActor<Known, Exchange>({
    role: 'peer',
    init: (ctx) => ({ version: ctx.self.index, met: 0 }),
    start: (_state, ctx) => ctx.setTimer('round', ctx.random.int(PERIOD)),
    on: {
      exchange(state, { version }) {
        const before = state.version;
        learn(state, version);
        return { version: before };
      },
    },
    timers: {
      round(_state, ctx) {
        ctx.spawn(ask(ctx));
        ctx.setTimer('round', PERIOD);
      },
    },
  });
  for (const ref of refs) world.node(ref, { actor });
  return world;
}

interface Load {
  readonly name: string;
  readonly world: (actors: number) => World;
  /** Virtual time of `events` events. */
  readonly time: (actors: number, events: number) => number;
}

const RING: Load = { name: 'ring', world: ringWorld, time: ringTime };
/** Three events in each round of an actor: the timer, the request, the answer. */
const EXCHANGE: Load = {
  name: 'exchange',
  world: exchangeWorld,
  time: (actors, events) => (events / (3 * actors)) * PERIOD,
};

type Needs = Pick<GrowthLine, 'booted' | 'after' | 'events' | 'links'>;

/** A small world is measured in several copies, so many actors in all, so that what else comes and goes in the heap does not show. */
const ENOUGH = 1_000;

/** By itself, before the contest: all worlds are in memory there. */
function needsOf({ world: build, time }: Load, actors: number, events: number): Needs {
  const started = (): World => {
    const world = build(actors);
    world.start();
    return world;
  };
  const before = memoryInUse();
  const worlds = Array.from({ length: Math.max(1, ENOUGH / actors) }, started);
  const perActor = (): number => (memoryInUse() - before) / (worlds.length * actors);
  const booted = perActor();
  const handled = worlds.map((world) => advance(world, Math.round(time(actors, events))));
  const after = perActor();
  return { booted, after, events: handled[0] as number, links: (worlds[0] as World).network.linksUsed };
}

function linesOf(load: Load, { rounds, size }: Scale): readonly GrowthLine[] {
  const events = EVENTS * size;
  needsOf(load, 100, events); // what is compiled and made once is not the first world's
  const needs = ACTORS.map((actors) => needsOf(load, actors, events));
  const contestants = ACTORS.map((actors) => driven(load.world(actors), load.time(actors, events)));
  const times = contest(rounds, contestants);
  const smallest = times[0] as number[];
  return ACTORS.map((actors, i) => {
    const cost = times[i] as number[];
    const growth = spreadOf(perRound(cost, smallest, (x, y) => x / y));
    return { table: 'growth', work: load.name, actors, cost: spreadOf(cost), growth, ...(needs[i] as Needs) };
  });
}

export const growths: readonly Row[] = [RING, EXCHANGE].map((load) => ({
  name: `growth-${load.name}`,
  measure: (scale) => linesOf(load, scale),
}));
