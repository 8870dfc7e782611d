import { defineScenario, holds, ms, s } from '../sim/index.ts';
import { mergedCounter, mergedSet } from '../models/index.ts';
import {
  cutOffAndBehind,
  multiPrimaryGroup,
  multiPrimaryGroupChecks,
  multiPrimaryNemesis,
  multiPrimaryParams,
} from './worlds/multi-primary-group.ts';

/**
 * The same split and the same clock as in concurrent-edits-lww, with the same luck. A basket is an OR-set and the number a PN-counter:
 * edits that knew nothing of each other add up, whatever clocks say.
 *
 * Not claimed: that an acknowledged edit outlives its node, if that is lost for good before it has told another one.
 */
export default defineScenario({
  name: 'concurrent-edits-merged',
  question: 'Do edits on both sides of a partition survive when values are conflict-free types?',
  params: multiPrimaryParams,
  seed: 'concurrent-edits-lww',
  duration: s(9),
  recovery: s(1),
  build: ({ world, params, duration }) =>
    multiPrimaryGroup({ ...params, world, duration, baskets: mergedSet(), visitors: mergedCounter() }),
  faults: (group) => cutOffAndBehind(group, { at: ms(1_500), for: group.params.faultFor }, group.params.behind),
  checks: multiPrimaryGroupChecks,
  expect: holds(),
  nemesis: multiPrimaryNemesis,
});
