import { choice, defineScenario, holds, partition, s, span } from '../sim/index.ts';
import { groupParams } from './worlds/group-params.ts';
import {
  acrossTheSplit,
  fencedNemesis,
  replicatedGroup,
  replicatedGroupChecks,
  type Spread,
} from './worlds/replicated-group.ts';

/**
 * The same split as in split-brain, with the same luck. A new primary needs a majority of votes, appends carry the term as a
 * fencing token, and only a majority acknowledges: the cut-off side refuses its clients and loses nothing.
 */
const { nodes, clients, think, faultFor } = groupParams;

export default defineScenario({
  name: 'split-brain-fenced',
  question: 'Does fenced failover by majority keep every acknowledged write when the network splits?',
  params: {
    nodes,
    clients,
    think,
    faultFor,
    spread: choice<Spread>(
      'zone',
      ['zone', 'zones', 'regions'],
      'the nodes are in one zone, or each in a zone or a region of its own',
    ),
    fsync: span('500us', 'mean time of a flush'),
  },
  seed: 'split-brain',
  duration: s(18),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    replicatedGroup({ ...params, world, failover: 'fenced', replication: 'sync', duration }),
  faults: (group) => [
    partition({ at: s(5), for: group.params.faultFor, groups: acrossTheSplit(group.nodes, group.clients) }),
  ],
  checks: replicatedGroupChecks,
  expect: holds(),
  nemesis: fencedNemesis,
});
