/** The registry: every bundled scenario, sorted by name. */
import type { Scenario } from '../sim/index.ts';
import asymmetricPartitionQuorum from './asymmetric-partition-quorum.ts';
import asymmetricPartition from './asymmetric-partition.ts';
import cacheRaceLeases from './cache-race-leases.ts';
import cacheRace from './cache-race.ts';
import canary from './canary.ts';
import cascadingFailureContained from './cascading-failure-contained.ts';
import cascadingFailure from './cascading-failure.ts';
import deadBackendProbed from './dead-backend-probed.ts';
import deadBackend from './dead-backend.ts';
import doubleChargeForgotten from './double-charge-forgotten.ts';
import doubleChargeKeys from './double-charge-keys.ts';
import doubleCharge from './double-charge.ts';
import edgeBurstSliding from './edge-burst-sliding.ts';
import edgeBurst from './edge-burst.ts';
import grayBackendAvoided from './gray-backend-avoided.ts';
import grayBackend from './gray-backend.ts';
import leaderLostInSync from './leader-lost-in-sync.ts';
import leaderLostUnclean from './leader-lost-unclean.ts';
import leaderLost from './leader-lost.ts';
import leaseDriftFenced from './lease-drift-fenced.ts';
import leaseDrift from './lease-drift.ts';
import limitRaceScript from './limit-race-script.ts';
import limitRace from './limit-race.ts';
import limiterFailClosed from './limiter-fail-closed.ts';
import limiterFailOpen from './limiter-fail-open.ts';
import loneBalancerPair from './lone-balancer-pair.ts';
import loneBalancer from './lone-balancer.ts';
import lostCacheNodeRing from './lost-cache-node-ring.ts';
import lostCacheNode from './lost-cache-node.ts';
import lostInvalidationSynced from './lost-invalidation-synced.ts';
import lostInvalidation from './lost-invalidation.ts';
import lostMessageFsync from './lost-message-fsync.ts';
import lostMessage from './lost-message.ts';
import lostSessionStateless from './lost-session-stateless.ts';
import lostSession from './lost-session.ts';
import lostWriteBehindJournal from './lost-write-behind-journal.ts';
import lostWriteBehind from './lost-write-behind.ts';
import overloadAdaptiveLifo from './overload-adaptive-lifo.ts';
import overloadFifo from './overload-fifo.ts';
import poisonBlocks from './poison-blocks.ts';
import poisonSetAside from './poison-set-aside.ts';
import raftLeaseClock from './raft-lease-clock.ts';
import raftMembership from './raft-membership.ts';
import raftPartition from './raft-partition.ts';
import raftVolatileVote from './raft-volatile-vote.ts';
import rebalanceDuplicate from './rebalance-duplicate.ts';
import rebalanceIdempotent from './rebalance-idempotent.ts';
import rebalanceLost from './rebalance-lost.ts';
import retryStormBudgeted from './retry-storm-budgeted.ts';
import retryStorm from './retry-storm.ts';
import scaleUpHeadroom from './scale-up-headroom.ts';
import scaleUpLag from './scale-up-lag.ts';
import slowReplicaHedged from './slow-replica-hedged.ts';
import slowReplica from './slow-replica.ts';
import splitBrainFenced from './split-brain-fenced.ts';
import splitBrain from './split-brain.ts';
import staleReadNoWriteBack from './stale-read-no-write-back.ts';
import staleReadWriteBack from './stale-read-write-back.ts';
import staleRead from './stale-read.ts';
import stampedeSingleFlight from './stampede-single-flight.ts';
import stampede from './stampede.ts';
import unsyncedGatewaysSticky from './unsynced-gateways-sticky.ts';
import unsyncedGateways from './unsynced-gateways.ts';
import wastedWorkDeadlines from './wasted-work-deadlines.ts';
import wastedWork from './wasted-work.ts';
import workedTwiceExtended from './worked-twice-extended.ts';
import workedTwice from './worked-twice.ts';

export const scenarios: readonly Scenario[] = [
  asymmetricPartition,
  asymmetricPartitionQuorum,
  cacheRace,
  cacheRaceLeases,
  canary,
  cascadingFailure,
  cascadingFailureContained,
  deadBackend,
  deadBackendProbed,
  doubleCharge,
  doubleChargeForgotten,
  doubleChargeKeys,
  edgeBurst,
  edgeBurstSliding,
  grayBackend,
  grayBackendAvoided,
  leaderLost,
  leaderLostInSync,
  leaderLostUnclean,
  leaseDrift,
  leaseDriftFenced,
  limitRace,
  limitRaceScript,
  limiterFailClosed,
  limiterFailOpen,
  loneBalancer,
  loneBalancerPair,
  lostCacheNode,
  lostCacheNodeRing,
  lostInvalidation,
  lostInvalidationSynced,
  lostMessage,
  lostMessageFsync,
  lostSession,
  lostSessionStateless,
  lostWriteBehind,
  lostWriteBehindJournal,
  overloadAdaptiveLifo,
  overloadFifo,
  poisonBlocks,
  poisonSetAside,
  raftLeaseClock,
  raftMembership,
  raftPartition,
  raftVolatileVote,
  rebalanceDuplicate,
  rebalanceIdempotent,
  rebalanceLost,
  retryStorm,
  retryStormBudgeted,
  scaleUpHeadroom,
  scaleUpLag,
  slowReplica,
  slowReplicaHedged,
  splitBrain,
  splitBrainFenced,
  staleRead,
  staleReadNoWriteBack,
  staleReadWriteBack,
  stampede,
  stampedeSingleFlight,
  unsyncedGateways,
  unsyncedGatewaysSticky,
  wastedWork,
  wastedWorkDeadlines,
  workedTwice,
  workedTwiceExtended,
];
