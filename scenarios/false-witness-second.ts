import { defineScenario, holds, s } from '../sim/index.ts';
import {
  gossipGroup,
  gossipGroupChecks,
  gossipGroupFaults,
  gossipGroupNemesis,
  gossipGroupParams,
} from './worlds/gossip-group.ts';

/**
 * The same faults with the same luck. A second member must miss whom n1 misses, and none does: n1 suspects everybody and declares nobody
 * dead. n4, which really crashes, is missed by all and declared dead.
 */
export default defineScenario({
  name: 'false-witness-second',
  question: 'Does a second witness keep a member that hears nobody from taking the group for dead?',
  seed: 'false-witness',
  params: gossipGroupParams,
  duration: s(14),
  recovery: false,
  build: ({ world, params: { direction, detector } }) => gossipGroup({ world, direction, detector, witnesses: 2 }),
  faults: (group) => gossipGroupFaults(group, group.params.faultFor),
  checks: gossipGroupChecks,
  expect: holds(),
  nemesis: gossipGroupNemesis,
});
