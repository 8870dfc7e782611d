/** A virtual hour of a group, on the fast path and one core, must take less than 20 s. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { s, World } from '../../sim/index.ts';
import {
  fixedTimeout,
  gossipMembership,
  swim,
  type GossipProtocol,
  type GossipState,
  type SwimProtocol,
  type SwimState,
} from '../../models/index.ts';
import { raftGroup } from '../../scenarios/worlds/raft-group.ts';
import type { RaftState } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { cpuTime, pace } from '../support/pace.ts';

const HOUR = s(3600);
const MOST_SECONDS = 20;

const table: string[] = [];
afterAll(() => console.log(table.join('\n')));

/** CPU time, in seconds of a machine as usual: other processes' load does not count. */
function secondsFor(name: string, world: World): number {
  const slower = pace();
  const before = cpuTime();
  drive(world, HOUR);
  const seconds = (cpuTime() - before) / 1_000;
  table.push(`${name}: ${seconds.toFixed(1)} s of CPU, everything takes ${slower.toFixed(2)} times as long as usual`);
  return seconds / slower;
}

describe('a virtual hour', () => {
  test('of 100 nodes that gossip heartbeats, push-pull once a second, with a failure detector for everybody', () => {
    const world = new World({ seed: 'hour' });
    const nodes = world.refs<GossipProtocol>('n', 100);
    const actor = gossipMembership({ nodes, detector: fixedTimeout({ timeout: '30s' }) });
    for (const node of nodes) world.node(node, { actor });
    expect(secondsFor('100 nodes, gossip', world)).toBeLessThan(MOST_SECONDS);
    const states = world.nodes.map((node) => node.state as GossipState<unknown>);
    expect(Math.min(...states.map(({ heartbeat }) => heartbeat))).toBeGreaterThanOrEqual(3599);
    expect(states.every(({ members }) => [...members.values()].every(({ status }) => status === 'alive'))).toBe(true);
  });

  test('of 100 members of a SWIM group, with periods of a second', () => {
    const world = new World({ seed: 'hour' });
    const nodes = world.refs<SwimProtocol>('n', 100);
    const actor = swim({ nodes, syncEvery: 30 });
    for (const node of nodes) world.node(node, { actor });
    expect(secondsFor('100 nodes, SWIM', world)).toBeLessThan(MOST_SECONDS);
    expect(world.nodes.every((node) => (node.state as SwimState).period >= 3599)).toBe(true);
  });

  test('of 5 Raft servers with two clients that read and write', () => {
    const world = new World({ seed: 'hour' });
    raftGroup({ world, nodes: 5, clients: 2, duration: HOUR });
    expect(secondsFor('5 Raft servers', world)).toBeLessThan(MOST_SECONDS);
    const states = world.nodes.flatMap((node) => (node.role === 'replica' ? [node.state as RaftState] : []));
    expect(states.filter(({ role }) => role === 'leader')).toHaveLength(1);
  });
});
