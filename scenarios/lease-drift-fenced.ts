import { defineScenario, holds, number, s, span } from '../sim/index.ts';
import {
  leaseGroup,
  leaseGroupChecks,
  leaseGroupFaults,
  leaseGroupNemesis,
  staleTokenRefused,
} from './worlds/lease-group.ts';

/**
 * The same slow clock and the same late change as in lease-drift, with the same luck. Two holders still believe at once that
 * they hold the lease; the document refuses the one with the lower token, so only one of them acts.
 */
export default defineScenario({
  name: 'lease-drift-fenced',
  question: 'Do fencing tokens protect a shared document from a holder whose lease is over without its knowing?',
  params: {
    driftPpm: number(-300_000, {
      min: -900_000,
      max: 0,
      doc: 'how much slower the clock of h1 runs, parts per million',
    }),
    term: span('1s', 'length of a lease'),
    margin: span('5ms', 'how much before its end a holder stops trusting its lease'),
  },
  seed: 'lease-drift',
  duration: s(16),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    leaseGroup({ world, fencing: true, term: params.term, margin: params.margin, duration }),
  faults: (group) => leaseGroupFaults(group, group.params.driftPpm),
  checks: (group) => [...leaseGroupChecks(group), staleTokenRefused(group)],
  expect: holds(),
  nemesis: leaseGroupNemesis,
});
