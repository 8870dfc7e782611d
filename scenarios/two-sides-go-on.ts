import { choice, count, defineScenario, s, violates } from '../sim/index.ts';
import { autoDown } from '../models/index.ts';
import { splitGroup, splitGroupChecks, splitGroupFaults, splitGroupNemesis } from './worlds/split-group.ts';

/**
 * Whoever does not answer is taken for dead, on both sides of a split: each goes on by itself and acknowledges what its clients ask. When
 * they meet again one side yields, and what it had acknowledged is gone; with `latest` each set that was changed last wins; with `merge` they
 * are united, which loses nothing of sets that only grow.
 */
export default defineScenario({
  name: 'two-sides-go-on',
  question: 'What becomes of acknowledged writes when both sides of a split take the other for dead?',
  params: {
    nodes: count(5, { min: 4, max: 9, doc: 'members of the group; the first two are cut off' }),
    reconcile: choice<'discard' | 'latest' | 'merge'>(
      'discard',
      ['discard', 'latest', 'merge'],
      'what becomes of the sets of the side that yields',
    ),
  },
  duration: s(10),
  recovery: false,
  build: ({ world, params, duration }) => splitGroup({ ...params, world, duration, resolver: autoDown }),
  faults: splitGroupFaults,
  checks: splitGroupChecks,
  expect: ({ reconcile }) =>
    reconcile === 'merge'
      ? violates('one side is active')
      : violates(['no acknowledged write is lost', 'one side is active']),
  nemesis: splitGroupNemesis,
});
