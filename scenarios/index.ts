/** The registry: every bundled scenario, sorted by name. */
import type { Scenario } from '../sim/index.ts';
import asymmetricPartitionQuorum from './asymmetric-partition-quorum.ts';
import asymmetricPartition from './asymmetric-partition.ts';
import blockedCommitThreePhase from './blocked-commit-three-phase.ts';
import blockedCommit from './blocked-commit.ts';
import cacheRaceLeases from './cache-race-leases.ts';
import cacheRace from './cache-race.ts';
import canary from './canary.ts';
import capAvailable from './cap-available.ts';
import capConsistent from './cap-consistent.ts';
import cascadingFailureContained from './cascading-failure-contained.ts';
import cascadingFailure from './cascading-failure.ts';
import concurrentEditsLww from './concurrent-edits-lww.ts';
import concurrentEditsMerged from './concurrent-edits-merged.ts';
import concurrentEditsSiblings from './concurrent-edits-siblings.ts';
import deadBackendProbed from './dead-backend-probed.ts';
import deadBackend from './dead-backend.ts';
import doubleChargeForgotten from './double-charge-forgotten.ts';
import doubleChargeKeys from './double-charge-keys.ts';
import doubleCharge from './double-charge.ts';
import edgeBurstSliding from './edge-burst-sliding.ts';
import edgeBurst from './edge-burst.ts';
import failoverBehind from './failover-behind.ts';
import failoverFreshest from './failover-freshest.ts';
import falseAlarmSwim from './false-alarm-swim.ts';
import falseAlarm from './false-alarm.ts';
import falseWitnessSecond from './false-witness-second.ts';
import falseWitness from './false-witness.ts';
import garbledFeedStream from './garbled-feed-stream.ts';
import garbledFeed from './garbled-feed.ts';
import grayBackendAvoided from './gray-backend-avoided.ts';
import grayBackend from './gray-backend.ts';
import halfDoneSagaLogged from './half-done-saga-logged.ts';
import halfDoneSaga from './half-done-saga.ts';
import idClockBackWaits from './id-clock-back-waits.ts';
import idClockBack from './id-clock-back.ts';
import idSameMachineLeased from './id-same-machine-leased.ts';
import idSameMachine from './id-same-machine.ts';
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
import loneTicketServerPair from './lone-ticket-server-pair.ts';
import loneTicketServer from './lone-ticket-server.ts';
import lostCacheNodeRing from './lost-cache-node-ring.ts';
import lostCacheNode from './lost-cache-node.ts';
import lostCartItemSiblings from './lost-cart-item-siblings.ts';
import lostCartItem from './lost-cart-item.ts';
import lostDecisionForced from './lost-decision-forced.ts';
import lostDecision from './lost-decision.ts';
import lostInvalidationSynced from './lost-invalidation-synced.ts';
import lostInvalidation from './lost-invalidation.ts';
import lostMessageFsync from './lost-message-fsync.ts';
import lostMessage from './lost-message.ts';
import lostNodeReplaced from './lost-node-replaced.ts';
import lostNode from './lost-node.ts';
import lostSessionStateless from './lost-session-stateless.ts';
import lostSession from './lost-session.ts';
import lostWriteBehindJournal from './lost-write-behind-journal.ts';
import lostWriteBehind from './lost-write-behind.ts';
import overloadAdaptiveLifo from './overload-adaptive-lifo.ts';
import overloadFifo from './overload-fifo.ts';
import paxosDurablePromise from './paxos-durable-promise.ts';
import paxosLostPromise from './paxos-lost-promise.ts';
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
import sessionGoesBackTokens from './session-goes-back-tokens.ts';
import sessionGoesBack from './session-goes-back.ts';
import skewedClockUpdateClient from './skewed-clock-update-client.ts';
import skewedClockUpdate from './skewed-clock-update.ts';
import slowReplicaHedged from './slow-replica-hedged.ts';
import slowReplica from './slow-replica.ts';
import splitBrainFenced from './split-brain-fenced.ts';
import splitBrain from './split-brain.ts';
import splitCommitTwoPhase from './split-commit-two-phase.ts';
import splitCommit from './split-commit.ts';
import staleOneQuorum from './stale-one-quorum.ts';
import staleOne from './stale-one.ts';
import staleReadNoWriteBack from './stale-read-no-write-back.ts';
import staleReadWriteBack from './stale-read-write-back.ts';
import staleRead from './stale-read.ts';
import staleShardMapFenced from './stale-shard-map-fenced.ts';
import staleShardMap from './stale-shard-map.ts';
import stampedeSingleFlight from './stampede-single-flight.ts';
import stampede from './stampede.ts';
import twoSidesGoOn from './two-sides-go-on.ts';
import twoSidesMajority from './two-sides-majority.ts';
import unsyncedGatewaysSticky from './unsynced-gateways-sticky.ts';
import unsyncedGateways from './unsynced-gateways.ts';
import wastedWorkDeadlines from './wasted-work-deadlines.ts';
import wastedWork from './wasted-work.ts';
import workedTwiceExtended from './worked-twice-extended.ts';
import workedTwice from './worked-twice.ts';
import zombieRowRepaired from './zombie-row-repaired.ts';
import zombieRow from './zombie-row.ts';

export const scenarios: readonly Scenario[] = [
  asymmetricPartition,
  asymmetricPartitionQuorum,
  blockedCommit,
  blockedCommitThreePhase,
  cacheRace,
  cacheRaceLeases,
  canary,
  capAvailable,
  capConsistent,
  cascadingFailure,
  cascadingFailureContained,
  concurrentEditsLww,
  concurrentEditsMerged,
  concurrentEditsSiblings,
  deadBackend,
  deadBackendProbed,
  doubleCharge,
  doubleChargeForgotten,
  doubleChargeKeys,
  edgeBurst,
  edgeBurstSliding,
  failoverBehind,
  failoverFreshest,
  falseAlarm,
  falseAlarmSwim,
  falseWitness,
  falseWitnessSecond,
  garbledFeed,
  garbledFeedStream,
  grayBackend,
  grayBackendAvoided,
  halfDoneSaga,
  halfDoneSagaLogged,
  idClockBack,
  idClockBackWaits,
  idSameMachine,
  idSameMachineLeased,
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
  loneTicketServer,
  loneTicketServerPair,
  lostCacheNode,
  lostCacheNodeRing,
  lostCartItem,
  lostCartItemSiblings,
  lostDecision,
  lostDecisionForced,
  lostInvalidation,
  lostInvalidationSynced,
  lostMessage,
  lostMessageFsync,
  lostNode,
  lostNodeReplaced,
  lostSession,
  lostSessionStateless,
  lostWriteBehind,
  lostWriteBehindJournal,
  overloadAdaptiveLifo,
  overloadFifo,
  paxosDurablePromise,
  paxosLostPromise,
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
  sessionGoesBack,
  sessionGoesBackTokens,
  skewedClockUpdate,
  skewedClockUpdateClient,
  slowReplica,
  slowReplicaHedged,
  splitBrain,
  splitBrainFenced,
  splitCommit,
  splitCommitTwoPhase,
  staleOne,
  staleOneQuorum,
  staleRead,
  staleReadNoWriteBack,
  staleReadWriteBack,
  staleShardMap,
  staleShardMapFenced,
  stampede,
  stampedeSingleFlight,
  twoSidesGoOn,
  twoSidesMajority,
  unsyncedGateways,
  unsyncedGatewaysSticky,
  wastedWork,
  wastedWorkDeadlines,
  workedTwice,
  workedTwiceExtended,
  zombieRow,
  zombieRowRepaired,
];
