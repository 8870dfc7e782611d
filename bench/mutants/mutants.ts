/** All planted bugs. */
import { CASSANDRA_MUTANTS } from './cassandra-mutants.ts';
import { COMMIT_MUTANTS } from './commit-mutants.ts';
import { DYNAMO_MUTANTS } from './dynamo-mutants.ts';
import { ID_MUTANTS } from './id-mutants.ts';
import { FAILOVER_MUTANTS } from './failover-mutants.ts';
import { LEASE_MUTANTS } from './lease-mutants.ts';
import { MULTI_PRIMARY_MUTANTS } from './multi-primary-mutants.ts';
import { MEMBERSHIP_MUTANTS } from './membership-mutants.ts';
import type { Mutant } from './mutant.ts';
import { PAXOS_MUTANTS } from './paxos-mutants.ts';
import { QUEUE_MUTANTS } from './queue-mutants.ts';
import { QUORUM_MUTANTS } from './quorum-mutants.ts';
import { REPLICATION_MUTANTS } from './replication-mutants.ts';
import { RETRY_MUTANTS } from './retry-mutants.ts';
import { SESSION_MUTANTS } from './session-mutants.ts';
import { SHARDING_MUTANTS } from './sharding-mutants.ts';
import { SPLIT_BRAIN_MUTANTS } from './split-brain-mutants.ts';
import { TRANSPORT_MUTANTS } from './transport-mutants.ts';

export const MUTANTS: readonly Mutant[] = [
  ...REPLICATION_MUTANTS,
  ...QUORUM_MUTANTS,
  ...LEASE_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...QUEUE_MUTANTS,
  ...PAXOS_MUTANTS,
  ...RETRY_MUTANTS,
  ...MULTI_PRIMARY_MUTANTS,
  ...FAILOVER_MUTANTS,
  ...SESSION_MUTANTS,
  ...COMMIT_MUTANTS,
  ...ID_MUTANTS,
  ...DYNAMO_MUTANTS,
  ...CASSANDRA_MUTANTS,
  ...SHARDING_MUTANTS,
  ...SPLIT_BRAIN_MUTANTS,
  ...TRANSPORT_MUTANTS,
];

/** Schedules within which a search is to find any of them. */
export const WITHIN = 1_000;
