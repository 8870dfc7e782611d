/** What a run takes before its first event and after its last: a short run must not pay for a long one. */
import { World } from '../../sim/index.ts';
import { run } from '../../sim/run.ts';
import { scenarios } from '../../scenarios/index.ts';
import type { Scenario } from '../../sim/index.ts';
import { contest } from '../contest.ts';
import type { Row } from '../row.ts';
import { spreadOf } from '../statistics.ts';

const WORLDS = 100;
/** Five replicas and five clients. */
const TEN_NODES = 'split-brain-fenced';

function tenNodes(): Scenario {
  const scenario = scenarios.find(({ name }) => name === TEN_NODES);
  if (scenario === undefined) throw new Error(`there is no scenario ${TEN_NODES}`);
  return scenario;
}

function startedWorld(scenario: Scenario, params: Readonly<Record<string, unknown>>): World {
  const world = new World({ seed: 'setup' });
  scenario.build({ world, params, duration: scenario.duration(params) });
  world.start();
  return world;
}

export const setup: Row = {
  name: 'setup',
  measure({ rounds }) {
    const scenario = tenNodes();
    const { params } = run(scenario, { seed: 'setup' });
    const duration = scenario.duration(params);
    const short: Scenario = {
      ...scenario,
      duration: () => 1,
      build: (context) => scenario.build({ ...context, duration }),
      faults: () => [],
    };
    const build = (): number => {
      let nodes = 0;
      for (let i = 0; i < WORLDS; i++) nodes += startedWorld(scenario, params).nodes.length;
      if (nodes !== 10 * WORLDS) throw new Error(`${TEN_NODES} has ${nodes / WORLDS} nodes, not 10`);
      return WORLDS;
    };
    const whole = (): number => {
      for (let i = 0; i < WORLDS; i++) run(short, { seed: 'setup' });
      return WORLDS;
    };
    const [built = [], ran = []] = contest(rounds, [{ run: build }, { run: whole }]);
    const milliseconds = (times: readonly number[]) => spreadOf(times.map((nanoseconds) => nanoseconds / 1e6));
    const budget = { sense: 'at most', limit: 1 } as const;
    return [
      { work: 'a world of 10 nodes built and started', figure: milliseconds(built), unit: 'ms', budget },
      {
        work: 'a run of 10 nodes for 1 µs of virtual time, from world to verdicts',
        figure: milliseconds(ran),
        unit: 'ms',
      },
    ];
  },
};
