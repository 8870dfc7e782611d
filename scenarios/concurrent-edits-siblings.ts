import { defineScenario, ms, s, violates } from '../sim/index.ts';
import { siblings } from '../models/index.ts';
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
 * The same split and the same clock as in concurrent-edits-lww, with the same luck. Values whose writers knew nothing of each other are
 * kept side by side, and the application takes the union of the baskets: nothing that was put in is lost, and what was taken out on one
 * side comes back from the other (Dynamo, SOSP 2007, §4.4: "deleted items can resurface"). The larger of two numbers is not their sum.
 */
export default defineScenario({
  name: 'concurrent-edits-siblings',
  question: 'What becomes of edits on both sides of a partition when the application merges siblings by union?',
  params: multiPrimaryParams,
  seed: 'concurrent-edits-lww',
  duration: s(9),
  recovery: s(1),
  build: ({ world, params, duration }) =>
    multiPrimaryGroup({ ...params, world, duration, baskets: siblings(), visitors: siblings() }),
  faults: (group) => cutOffAndBehind(group, { at: ms(1_500), for: group.params.faultFor }, group.params.behind),
  checks: multiPrimaryGroupChecks,
  expect: violates(VISITORS_COUNTED, { also: [BASKET_EDITS_SURVIVE] }),
  nemesis: multiPrimaryNemesis,
});
