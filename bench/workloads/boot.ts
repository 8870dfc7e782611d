/** Building and starting a world of many nodes, each with a state and a timer. */
import { defineActor, World } from '../../sim/index.ts';
import { contest } from '../contest.ts';
import { peakMemory } from '../memory.ts';
import type { Row } from '../row.ts';
import { spreadOf } from '../statistics.ts';

const actor = defineActor<{ ticks: number }, object>({
  role: 'idle',
  init: () => ({ ticks: 0 }),
  start: (_state, ctx) => ctx.setTimer('tick', 1_000_000),
  timers: { tick: (state) => void state.ticks++ },
});

function bootWorld(nodes: number): World {
  const world = new World({ seed: 'boot' });
  for (const ref of world.refs<object>('n', nodes)) world.node(ref, { actor });
  world.start();
  return world;
}

const boot = (nodes: number, milliseconds: number, mebibytes?: number): Row => ({
  name: `boot-${nodes}`,
  measure({ rounds }) {
    const work = `${nodes.toLocaleString('en')} nodes built and started`;
    // Before the contest, which has several worlds in memory at a time.
    const kept = bootWorld(nodes);
    const memory = peakMemory();
    const [times = []] = contest(rounds, [{ run: () => bootWorld(kept.nodes.length).nodes.length / nodes }]);
    const spread = spreadOf(times.map((nanoseconds) => nanoseconds / 1e6));
    const time = { work, figure: spread, unit: 'ms', budget: { sense: 'at most', limit: milliseconds } } as const;
    if (mebibytes === undefined) return [time];
    const budget = { sense: 'at most', limit: mebibytes } as const;
    return [time, { work: `${work}, memory of the process`, figure: spreadOf([memory]), unit: 'MiB', budget }];
  },
});

export const boots = [boot(10_000, 30), boot(100_000, 500, 250)];
