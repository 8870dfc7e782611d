import { defineScenario, holds, s, span } from '../sim/index.ts';
import { cutThenCrash, promotedGroup, promotedGroupChecks, promotedNemesis } from './worlds/promoted-group.ts';

/**
 * The same replica behind and the same crash as in failover-behind, with the same luck. A write is acknowledged once a replica has it on disk as
 * well (semi-synchronous), and the operator fences two of three nodes before it promotes the one whose log is longer: it has every
 * acknowledged write.
 *
 * Not claimed: linearizable reads. A primary that is cut off answers reads until it hears of its successor.
 */
export default defineScenario({
  name: 'failover-freshest',
  question: 'Do acknowledged writes survive failover to the freshest replica when replication is semi-synchronous?',
  params: { faultFor: span('3s', 'how long the primary is down') },
  seed: 'failover-behind',
  duration: s(10),
  recovery: false,
  build: ({ world, duration }) => promotedGroup({ world, duration, replication: 'semi-sync' }),
  faults: (group) => cutThenCrash(group, { at: s(3), for: group.params.faultFor }),
  checks: promotedGroupChecks,
  expect: holds(),
  nemesis: promotedNemesis,
});
