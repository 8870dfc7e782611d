import { defineScenario, number, s, span, violates } from '../sim/index.ts';
import { leaseGroup, leaseGroupChecks, leaseGroupFaults, leaseGroupNemesis } from './worlds/lease-group.ts';

/**
 * A lease is a promise about time, and time is not the same everywhere. h1's clock runs slow: it goes on working when the service has
 * given the lease to another. Later a change of h2 is held up in the network until its lease is long over. Both overwrite
 * work that they have not seen. A margin helps against drift that is known; nothing helps against delay but the resource itself.
 */
export default defineScenario({
  name: 'lease-drift',
  question: "Does a lease keep others from a shared document when a holder's clock runs slow?",
  params: {
    driftPpm: number(-300_000, {
      min: -900_000,
      max: 0,
      doc: 'how much slower the clock of h1 runs, parts per million',
    }),
    term: span('1s', 'length of a lease'),
    margin: span('5ms', 'how much before its end a holder stops trusting its lease'),
  },
  duration: s(16),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    leaseGroup({ world, fencing: false, term: params.term, margin: params.margin, duration }),
  faults: (group) => leaseGroupFaults(group, group.params.driftPpm),
  checks: leaseGroupChecks,
  expect: violates(['at most one holder acts', 'no work is overwritten']),
  nemesis: leaseGroupNemesis,
});
