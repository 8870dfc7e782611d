import { defineScenario, s, violates } from '../sim/index.ts';
import {
  gossipGroup,
  gossipGroupChecks,
  gossipGroupFaults,
  gossipGroupNemesis,
  gossipGroupParams,
} from './worlds/gossip-group.ts';

/**
 * Each member believes its own eyes. n1 hears nothing of anybody for a while, though it is heard: it takes the whole group for dead, and would
 * act as if it were alone, while all the others hear each other.
 */
export default defineScenario({
  name: 'false-witness',
  question: 'Whom does a member take for dead that hears nobody for a while, when it needs no second witness?',
  params: gossipGroupParams,
  duration: s(14),
  recovery: false,
  build: ({ world, params: { direction, detector } }) => gossipGroup({ world, direction, detector, witnesses: 1 }),
  faults: (group) => gossipGroupFaults(group, group.params.faultFor),
  checks: gossipGroupChecks,
  expect: violates('no live node is declared dead that only one other misses'),
  nemesis: gossipGroupNemesis,
});
