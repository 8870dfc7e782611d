/**
 * Five nodes that elect a primary by quorum (fenced failover, as in scenarios/worlds/replicated-group.ts and with its checks) and four
 * clients that do about 20 operations a second together: 10 virtual seconds a run, as a search runs it, from world to verdicts.
 */
import { defineScenario, exponential, holds, ms, s, sometimes, type NodeRef, type Scenario } from '../../sim/index.ts';
import { kvClient, primaryReplica, primaryStore, type ReplicaProtocol } from '../../models/index.ts';
import { replicatedGroupChecks } from '../../scenarios/worlds/replicated-group.ts';
import { run } from '../../sim/run.ts';
import { contest } from '../contest.ts';
import type { Row } from '../row.ts';
import { perRound, spreadOf } from '../statistics.ts';
import { bareLoop } from './bare.ts';

const NODES = 5;
const CLIENTS = 4;
const RUNS_A_TURN = 10;

export const groupScenario = defineScenario({
  name: 'bench-group',
  question: 'What does a run of a group take?',
  duration: s(10),
  recovery: false,
  build({ world }) {
    const nodes = world.refs<ReplicaProtocol>('n', NODES);
    const replica = primaryReplica({ nodes, failover: 'fenced' });
    for (const node of nodes) world.node(node, { actor: replica });
    const think = exponential({ mean: ms((1_000 * CLIENTS) / 20) });
    const client = kvClient({ store: primaryStore({ nodes }), keys: ['x', 'y', 'z'], think });
    const clients: NodeRef[] = world.refs<Record<never, never>>('c', CLIENTS);
    for (const ref of clients) world.node(ref, { actor: client });
    return { nodes, clients, failover: 'fenced' as const };
  },
  checks: (group) => replicatedGroupChecks(group).filter(({ name }) => name !== 'a failover'),
  expect: holds(),
});

/** The same without its checks. */
const unchecked: Scenario = {
  ...groupScenario,
  checks: () => [sometimes('anything', (view) => view.operations.length > 0, { roles: ['client'] })],
};

function runs(scenario: Scenario, count: number): number {
  let events = 0;
  for (let i = 0; i < count; i++) events += run(scenario, { seed: `group/${i}` }).engine.events;
  return events;
}

export const group: Row = {
  name: 'group',
  measure({ rounds, size }) {
    const count = Math.max(5, Math.round(RUNS_A_TURN * size));
    const eventsARun = runs(groupScenario, count) / count;
    const [cost = [], without = [], bare = []] = contest(rounds, [
      { run: () => runs(groupScenario, count) },
      { run: () => runs(unchecked, count) },
      bareLoop(100, 200_000 * size),
    ]);
    return [
      {
        work: 'runs of a group of 5, 10 virtual s with 20 operations a second, checked; per event',
        cost: spreadOf(cost),
        reference: spreadOf(bare),
        figure: spreadOf(cost.map((nanoseconds) => 1e9 / (nanoseconds * eventsARun))),
        unit: '/s',
        budget: { sense: 'at least', limit: 100 },
      },
      {
        work: 'runs of a group of 5, share of the checks',
        figure: spreadOf(perRound(cost, without, (x, y) => (100 * (x - y)) / x)),
        unit: '%',
      },
    ];
  },
};
