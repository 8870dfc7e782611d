/**
 * What recording adds to an event: rows of the trace, patches of the state, sealed payloads. Three loads with it and without: the ring,
 * M/M/1 through the public models, and the group of five, the latter two as `run` does it, with the trace turned into data at the end.
 */
import { constant, defineScenario, exponential, holds, s, sometimes, us, type Scenario } from '../../sim/index.ts';
import { client } from '../../models/client/client.ts';
import { openLoop } from '../../models/client/workload.ts';
import { serverNode, type ServiceProtocol } from '../../models/server/server.ts';
import { run } from '../../sim/run.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { contest, type Contestant } from '../contest.ts';
import type { Line, Row, Scale } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { bareLoop } from './bare.ts';
import { advance } from './drive.ts';
import { groupScenario } from './group.ts';
import { ringTime, ringWorld } from './ring.ts';
import { versus } from './versus.ts';

const NODES = 100;
/** Two rows each: well below what a trace keeps by default. */
const EVENTS = 20_000;

/** A new world each turn, since a trace fills up. */
const recordedRing = (events: number, trace: () => Trace | undefined): Contestant => ({
  run: () => advance(ringWorld(NODES, { seed: 'ring', trace: trace() }), Math.round(ringTime(NODES, events))),
});

const recordedRun = (scenario: Scenario, runs: number, record: boolean): Contestant => ({
  run(): number {
    let events = 0;
    for (let i = 0; i < runs; i++) events += run(scenario, { seed: `recorded/${i}`, record }).engine.events;
    return events;
  },
});

/** The station of the row mm1, with 800 jobs a second for 5 s and its operations recorded as a scenario's are. */
const stationScenario = defineScenario({
  name: 'bench-station',
  question: 'What does recording add to a queueing station?',
  duration: s(5),
  recovery: false,
  build({ world }) {
    world.links({ latency: constant(us(250)) });
    const target = world.node('server', serverNode({ service: exponential({ mean: us(1_000) }) }));
    const workload = openLoop({ gap: exponential({ mean: us(1_250) }) });
    const operation = () => ({ message: 'request', payload: {} }) as const;
    world.node('client', { actor: client<ServiceProtocol>({ target, workload, operation, deadline: '30s' }) });
    return {};
  },
  checks: () => [sometimes('a job is done', (view) => view.metrics.counter('client', 'ok').value > 0)],
  expect: holds(),
});

function linesFor(load: string, { rounds }: Scale, recorded: Contestant, fast: Contestant, ratio: boolean): Line[] {
  const [on = [], off = []] = contest(rounds, [recorded, fast]);
  const added: Line = {
    work: `recorded path, added to each event of ${load}`,
    cost: spreadOf(on),
    reference: spreadOf(off),
    figure: spreadOf(perRound(on, off, (x, y) => (x - y) / 1_000)),
    unit: 'µs',
    budget: { sense: 'at most', limit: 12 },
  };
  if (!ratio) return [added];
  const share: Line = {
    work: `recorded path, speed as a share of the fast path's, ${load}`,
    figure: spreadOf(perRound(on, off, (x, y) => (100 * y) / x)),
    unit: '%',
    budget: { sense: 'at least', limit: 100 / 15 },
  };
  return [added, share];
}

const row = (name: string, measure: (scale: Scale) => readonly Line[]): Row => ({ name, measure });

export const recordings = [
  versus({
    name: 'recorded-ring',
    work: 'messages in a ring of 100 on the recorded path, per delivery',
    engine: ({ size }) => recordedRing(EVENTS * size, () => new Trace()),
    reference: ({ size }) => bareLoop(NODES, EVENTS * size),
  }),
  row('recording', (scale) => {
    const events = EVENTS * scale.size;
    const on = recordedRing(events, () => new Trace());
    return linesFor(
      'a ring',
      scale,
      on,
      recordedRing(events, () => undefined),
      false,
    );
  }),
  row('recording-mm1', (scale) => {
    const runs = Math.max(2, Math.round(4 * scale.size));
    return linesFor(
      'M/M/1',
      scale,
      recordedRun(stationScenario, runs, true),
      recordedRun(stationScenario, runs, false),
      false,
    );
  }),
  row('recording-group', (scale) => {
    const runs = Math.max(2, Math.round(5 * scale.size));
    return linesFor(
      'the group of 5',
      scale,
      recordedRun(groupScenario, runs, true),
      recordedRun(groupScenario, runs, false),
      true,
    );
  }),
];
