import { choice, defineScenario, violates, s, span } from '../sim/index.ts';
import { gossipGroup, gossipGroupChecks, gossipGroupFaults, gossipGroupNemesis } from './worlds/gossip-group.ts';

/**
 * Each member believes its own eyes. n1 hears nothing of anybody for a while, though it is heard: it takes the whole group for dead, and would
 * act as if it were alone, while all the others hear each other.
 */
export default defineScenario({
  name: 'false-witness',
  question: 'Whom does a member take for dead that hears nobody for a while, when it needs no second witness?',
  params: {
    direction: choice<'push' | 'pull' | 'push-pull'>(
      'push-pull',
      ['push', 'pull', 'push-pull'],
      'who tells whom in a round',
    ),
    detector: choice<'timeout' | 'phi'>('timeout', ['timeout', 'phi'], 'how silence is judged'),
    faultFor: span('4s', 'how long n1 hears nothing'),
  },
  duration: s(14),
  recovery: false,
  build: ({ world, params: { direction, detector } }) => gossipGroup({ world, direction, detector, witnesses: 1 }),
  faults: (group) => gossipGroupFaults(group, group.params.faultFor),
  checks: gossipGroupChecks,
  expect: violates('no live node is declared dead that only one other misses'),
  nemesis: gossipGroupNemesis,
});
