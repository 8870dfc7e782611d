/** All planted bugs. */
import { LEASE_MUTANTS } from './lease-mutants.ts';
import type { Mutant } from './mutant.ts';
import { QUEUE_MUTANTS } from './queue-mutants.ts';
import { QUORUM_MUTANTS } from './quorum-mutants.ts';
import { REPLICATION_MUTANTS } from './replication-mutants.ts';
import { RETRY_MUTANTS } from './retry-mutants.ts';

export const MUTANTS: readonly Mutant[] = [
  ...REPLICATION_MUTANTS,
  ...QUORUM_MUTANTS,
  ...LEASE_MUTANTS,
  ...QUEUE_MUTANTS,
  ...RETRY_MUTANTS,
];

/** Schedules within which a search is to find any of them. */
export const WITHIN = 1_000;
