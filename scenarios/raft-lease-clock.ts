import { defineScenario, holds, number, s, violates } from '../sim/index.ts';
import { raftGroupChecks } from './worlds/raft-group.ts';
import { raftLease, raftLeaseFaults, raftLeaseNemesis } from './worlds/raft-lease.ts';

/**
 * Lease reads and a slow clock. A leader answers reads at once while a quorum has answered it within a lease, by its own clock. That clock
 * runs slow, the leader is cut off, the others elect another and go on. A lease that allows for the drift is over by then. One that
 * trusts the clock (`driftBoundPpm` 0) is not, and the old leader answers with what has been overwritten; the others' clocks are right,
 * and the network only splits: one slow oscillator is enough.
 */
export default defineScenario({
  name: 'raft-lease-clock',
  question: "Are lease reads linearizable when the leader's clock runs slow?",
  params: {
    driftPpm: number(-700_000, {
      min: -900_000,
      max: 0,
      doc: "how much slower the leader's clock runs, parts per million",
    }),
    driftBoundPpm: number(700_000, { min: 0, max: 999_999, doc: 'drift that the lease allows for, parts per million' }),
  },
  duration: s(13),
  recovery: s(2),
  build: ({ world, params: { driftBoundPpm }, duration }) => raftLease({ world, driftBoundPpm, duration }),
  faults: (group) => raftLeaseFaults(group, group.params.driftPpm),
  checks: raftGroupChecks,
  expect: ({ driftPpm, driftBoundPpm }) => (-driftPpm <= driftBoundPpm ? holds() : violates('linearizable register')),
  nemesis: raftLeaseNemesis,
});
