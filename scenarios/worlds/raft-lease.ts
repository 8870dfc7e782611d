/** A Raft group that reads by lease, with n1 in the lead, and what goes wrong with it. */
import {
  clockDrift,
  FAULT_FAMILIES,
  partition,
  s,
  type Fault,
  type Micros,
  type WorldBuilder,
} from '../../sim/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';
import { raftGroup, type RaftGroup } from './raft-group.ts';

export interface RaftLeaseOptions {
  readonly world: WorldBuilder;
  readonly driftBoundPpm: number;
  readonly duration: Micros;
}

/** Five servers and six clients, of which two only read; an operator hands the leadership to n1. */
export const raftLease = ({ world, driftBoundPpm, duration }: RaftLeaseOptions): RaftGroup =>
  raftGroup({
    world,
    duration,
    nodes: 5,
    clients: 6,
    readers: 2,
    raft: { reads: 'lease', driftBoundPpm },
    steps: [{ at: s(2), transferTo: 'n1' }],
  });

/** n1's clock runs slow; then n1 is cut off, with two of the clients. */
export function raftLeaseFaults({ nodes, clients }: RaftGroup, driftPpm: number): Fault[] {
  const [n1, ...others] = nodes;
  if (n1 === undefined) return [];
  const groups = [
    [n1, ...clients.slice(0, 2)],
    [...others, ...clients.slice(2)],
  ];
  return [clockDrift({ node: n1, at: s(4), for: s(5), ppm: driftPpm }), partition({ at: s(5), for: s(2), groups })];
}

/** Nothing is claimed of clocks beyond the bound: neither frozen ones nor faster or slower ones. */
export const raftLeaseNemesis = {
  profiles: ALL_THAT_HEALS.filter((name) => name !== 'clocks'),
  limits: { families: FAULT_FAMILIES.filter((family) => family !== 'clock'), roles: { operator: [] } },
};
