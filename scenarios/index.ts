/** The registry: every bundled scenario, sorted by name. */
import type { Scenario } from '../sim/index.ts';
import asymmetricPartitionQuorum from './asymmetric-partition-quorum.ts';
import asymmetricPartition from './asymmetric-partition.ts';
import canary from './canary.ts';
import edgeBurstSliding from './edge-burst-sliding.ts';
import edgeBurst from './edge-burst.ts';
import leaseDriftFenced from './lease-drift-fenced.ts';
import leaseDrift from './lease-drift.ts';
import limitRaceScript from './limit-race-script.ts';
import limitRace from './limit-race.ts';
import limiterFailClosed from './limiter-fail-closed.ts';
import limiterFailOpen from './limiter-fail-open.ts';
import lostMessageFsync from './lost-message-fsync.ts';
import lostMessage from './lost-message.ts';
import raftLeaseClock from './raft-lease-clock.ts';
import raftMembership from './raft-membership.ts';
import raftPartition from './raft-partition.ts';
import raftVolatileVote from './raft-volatile-vote.ts';
import retryStormBudgeted from './retry-storm-budgeted.ts';
import retryStorm from './retry-storm.ts';
import splitBrainFenced from './split-brain-fenced.ts';
import splitBrain from './split-brain.ts';
import staleReadNoWriteBack from './stale-read-no-write-back.ts';
import staleReadWriteBack from './stale-read-write-back.ts';
import staleRead from './stale-read.ts';
import unsyncedGatewaysSticky from './unsynced-gateways-sticky.ts';
import unsyncedGateways from './unsynced-gateways.ts';

export const scenarios: readonly Scenario[] = [
  asymmetricPartition,
  asymmetricPartitionQuorum,
  canary,
  edgeBurst,
  edgeBurstSliding,
  leaseDrift,
  leaseDriftFenced,
  limitRace,
  limitRaceScript,
  limiterFailClosed,
  limiterFailOpen,
  lostMessage,
  lostMessageFsync,
  raftLeaseClock,
  raftMembership,
  raftPartition,
  raftVolatileVote,
  retryStorm,
  retryStormBudgeted,
  splitBrain,
  splitBrainFenced,
  staleRead,
  staleReadNoWriteBack,
  staleReadWriteBack,
  unsyncedGateways,
  unsyncedGatewaysSticky,
];
