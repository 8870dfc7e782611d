import { defineScenario, ms, s, violates } from '../sim/index.ts';
import { lwwValues } from '../models/index.ts';
import {
  BASKET_EDITS_SURVIVE,
  cutOffAndBehind,
  multiPrimaryGroup,
  multiPrimaryGroupChecks,
  multiPrimaryNemesis,
  multiPrimaryParams,
  VISITORS_COUNTED,
} from './worlds/multi-primary-group.ts';

/**
 * The last write wins, by the clock of the node that took it, and a basket or a number is one value. What one side of the split
 * changes, the other side's next change overwrites; and a node whose clock is behind loses even what it changes alone.
 */
export default defineScenario({
  name: 'concurrent-edits-lww',
  question: 'Do edits on both sides of a partition survive when the last write wins?',
  params: multiPrimaryParams,
  duration: s(9),
  recovery: s(1),
  build: ({ world, params, duration }) =>
    multiPrimaryGroup({ ...params, world, duration, baskets: lwwValues(), visitors: lwwValues() }),
  faults: (group) => cutOffAndBehind(group, { at: ms(1_500), for: group.params.faultFor }, group.params.behind),
  checks: multiPrimaryGroupChecks,
  expect: violates([BASKET_EDITS_SURVIVE, VISITORS_COUNTED]),
  nemesis: multiPrimaryNemesis,
});
