import { count, crash, defineScenario, holds, ms, partition, s, span, type Fault } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { raftGroup, raftGroupChecks, type RaftGroup } from './worlds/raft-group.ts';

/**
 * Raft under what it is made for. Its servers crash one after the other; later the network splits, with two servers and two clients on one side. A
 * leader on the smaller side commits nothing and steps down, the larger side elects another, and what either has
 * acknowledged is there when the network is whole again.
 */
export default defineScenario({
  name: 'raft-partition',
  question: 'Does a Raft group stay linearizable, and go on, through crashes and a split network?',
  params: {
    nodes: count(5, { min: 3, max: 9, doc: 'servers in the group' }),
    clients: count(5, { min: 2, max: 20, doc: 'clients; the first two are on the smaller side' }),
    faultFor: span('3s', 'how long the network stays split'),
  },
  duration: s(16),
  recovery: s(2),
  build: ({ world, params, duration }) => raftGroup({ ...params, world, duration }),
  faults: (group) => [...crashes(group), ...split(group, group.params.faultFor)],
  checks: raftGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});

/** One after the other, so that whoever leads is hit. */
const crashes = ({ nodes }: RaftGroup): Fault[] =>
  nodes.map((node, i) => crash({ node, at: s(1.5) + Math.floor((i * s(4)) / nodes.length), for: ms(400) }));

function split({ nodes, clients }: RaftGroup, length: number): Fault[] {
  const smaller = Math.floor((nodes.length - 1) / 2);
  const groups = [
    [...nodes.slice(0, smaller), ...clients.slice(0, 2)],
    [...nodes.slice(smaller), ...clients.slice(2)],
  ];
  return [partition({ at: s(6), for: length, groups })];
}
