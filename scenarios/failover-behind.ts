import { defineScenario, s, span, violates } from '../sim/index.ts';
import { cutThenCrash, promotedGroup, promotedGroupChecks, promotedNemesis } from './worlds/promoted-group.ts';

/**
 * Asynchronous replication: the primary acknowledges what only its own disk has. It crashes when the replica that is first in line has
 * heard nothing for a second; the operator promotes that one, and what it had not got yet is cut off when the old primary returns.
 */
export default defineScenario({
  name: 'failover-behind',
  question: 'Do acknowledged writes survive failover to the first replica in line when replication is asynchronous?',
  params: { faultFor: span('3s', 'how long the primary is down') },
  duration: s(10),
  recovery: false,
  build: ({ world, duration }) => promotedGroup({ world, duration, replication: 'async', choose: 'rank', answers: 1 }),
  faults: (group) => cutThenCrash(group, { at: s(3), for: group.params.faultFor }),
  checks: promotedGroupChecks,
  expect: violates(['no acknowledged write is lost', 'a new primary has all that was acknowledged']),
  nemesis: promotedNemesis,
});
