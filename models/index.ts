/** The door of the models: one line per file, sorted by path. */
export type { AffinityOptions, StickTableOptions, StickyCookieOptions } from './balancer/affinity.ts';
export { consistentHash, type ConsistentHashOptions, type ConsistentHashState } from './balancer/consistent-hash.ts';
export { contentRouting, type ContentRequest, type ContentRoute } from './balancer/content-routing.ts';
export type { ActiveHealth, BackendState, PassiveHealth, SuccessRate } from './balancer/health.ts';
export { leastConnections } from './balancer/least-connections.ts';
export { loadBalancer, type LoadBalancerOptions, type LoadBalancerState } from './balancer/load-balancer.ts';
export { peakEwma, type PeakEwmaOptions, type PeakEwmaState } from './balancer/peak-ewma.ts';
export type { BackendIdentity, BackendView, BalancerPolicy, Ending, Placing } from './balancer/policy.ts';
export { powerOfChoices, type PowerOfChoicesOptions } from './balancer/power-of-choices.ts';
export { randomBackend } from './balancer/random-backend.ts';
export { roundRobin, type RoundRobinState } from './balancer/round-robin.ts';
export type { SlowStartOptions } from './balancer/slow-start.ts';
export {
  smoothWeightedRoundRobin,
  type SmoothWeightedRoundRobinOptions,
  type SmoothWeightedRoundRobinState,
} from './balancer/smooth-weighted-round-robin.ts';
export { sourceHash, type SourceHashOptions } from './balancer/source-hash.ts';
export {
  virtualAddress,
  type VirtualAddressOptions,
  type VirtualAddressProtocol,
  type VirtualAddressState,
} from './balancer/virtual-address.ts';
export type { VrrpOptions, VrrpState } from './balancer/vrrp.ts';
export { arc, type ArcState } from './cache/arc.ts';
export { cacheAside, type CacheAsideOptions, type CacheAsideState } from './cache/cache-aside.ts';
export {
  cacheServer,
  type CacheServerOptions,
  type CacheServerProtocol,
  type CacheServerState,
  type LookedUp,
} from './cache/cache-server.ts';
export { CacheShape, type CacheEntry, type CacheTable } from './cache/cache-table.ts';
export type { CacheServerRef, CacheTier } from './cache/cache-tier.ts';
export { cache, type CacheOptions, type CacheProtocol, type CacheState } from './cache/cache.ts';
export { clock, type ClockState } from './cache/clock.ts';
export { Expiry, type ExpiryOptions } from './cache/expiry.ts';
export { fifo } from './cache/fifo.ts';
export type { Changes, FeedOptions, FeedPosition, FeedProtocol, Invalidated } from './cache/invalidation-feed.ts';
export type { KeyOrder } from './cache/key-order.ts';
export { lfu, type LfuOptions, type LfuState } from './cache/lfu.ts';
export { loadOnMiss } from './cache/load-on-miss.ts';
export { lru } from './cache/lru.ts';
export { nearCache, type NearCacheOptions, type NearCacheProtocol, type NearCacheState } from './cache/near-cache.ts';
export type { EvictionPolicy } from './cache/policy.ts';
export { randomEviction, type RandomEvictionState } from './cache/random-eviction.ts';
export { refreshAhead, type RefreshAheadOptions } from './cache/refresh-ahead.ts';
export type { Freshness, RefreshPolicy, RefreshStep } from './cache/refresh-policy.ts';
export { replicatedCaches } from './cache/replicated-caches.ts';
export { shardedCaches, type ShardedCachesOptions } from './cache/sharded-caches.ts';
export { sieve, type SieveState } from './cache/sieve.ts';
export { singleCache } from './cache/single-cache.ts';
export { singleFlight } from './cache/single-flight.ts';
export { staleWhileRevalidate, type StaleWhileRevalidateOptions } from './cache/stale-while-revalidate.ts';
export { tinyLfu, type TinyLfuOptions, type TinyLfuState } from './cache/tiny-lfu.ts';
export { twoQueue, type TwoQueueOptions, type TwoQueueState } from './cache/two-queue.ts';
export { writeBehind, type WriteBehindOptions, type WriteBehindState } from './cache/write-behind.ts';
export { xFetch, type XFetchOptions } from './cache/x-fetch.ts';
export { cassandraNode } from './cassandra/cassandra-node.ts';
export type { CassandraProtocol } from './cassandra/cassandra-protocol.ts';
export type { CassandraOptions } from './cassandra/cassandra-settings.ts';
export type { ConsistencyLevel } from './cassandra/consistency-level.ts';
export { networkTopologyStrategy, simpleStrategy, type ReplicationStrategy } from './cassandra/replication-strategy.ts';
export { rowClient, type RowClientOptions, type RowClientState } from './cassandra/row-client.ts';
export { rowVersions, type RowCell, type RowVersion } from './cassandra/row-versions.ts';
export type { AnyArrivals, ArrivalProcess, Arriving } from './client/arrivals.ts';
export { bursts, type Phase } from './client/bursts.ts';
export type { ClientState, Intended } from './client/client-state.ts';
export {
  client,
  type ClientOptions,
  type Judgement,
  type NoMessages,
  type OperationSource,
  type RequestOf,
} from './client/client.ts';
export { kvOperations, type KvOperations, type KvOperationsOptions } from './client/kv-operations.ts';
export {
  diurnal,
  flashCrowd,
  ramp,
  steps,
  sumOf,
  type DiurnalOptions,
  type FlashCrowdOptions,
  type RatePoint,
  type RateShape,
} from './client/rate-shape.ts';
export { parseRecording, replayed, type Recorded, type ReplayOptions } from './client/replayed.ts';
export { retryBudget, type RetryBudget, type RetryBudgetOptions } from './client/retry-budget.ts';
export type { Routing } from './client/routing.ts';
export {
  closedLoop,
  openLoop,
  type ClosedLoopOptions,
  type OpenLoopOptions,
  type Workload,
} from './client/workload.ts';
export { zipf, type Zipf } from './client/zipf.ts';
export type {
  AccountChange,
  Committed,
  ParticipantProtocol,
  ThreePhaseProtocol,
  TransactionProtocol,
} from './commit/commit-protocol.ts';
export { coordinatorView, type CommitCoordinatorState } from './commit/coordinator-state.ts';
export { participantView, type CommitParticipantState } from './commit/participant-state.ts';
export {
  sagaOrchestrator,
  type SagaOrchestratorOptions,
  type SagaOrchestratorState,
  type SagaProtocol,
  type SagaStep,
} from './commit/saga-orchestrator.ts';
export {
  sagaParticipant,
  type SagaParticipantOptions,
  type SagaParticipantState,
  type SagaStepProtocol,
} from './commit/saga-participant.ts';
export { threePhaseCoordinator, type ThreePhaseCoordinatorOptions } from './commit/three-phase-coordinator.ts';
export { threePhaseParticipant, type ThreePhaseParticipantOptions } from './commit/three-phase-participant.ts';
export { twoPhaseCoordinator, type TwoPhaseCoordinatorOptions } from './commit/two-phase-coordinator.ts';
export { twoPhaseParticipant, type TwoPhaseParticipantOptions } from './commit/two-phase-participant.ts';
export {
  singleDecreeView,
  type SingleDecreeOptions,
  type SingleDecreeProtocol,
  type SingleDecreeState,
} from './consensus/paxos/decree-state.ts';
export { multiPaxosView } from './consensus/paxos/inspection.ts';
export type { MultiPaxosProtocol } from './consensus/paxos/multi-paxos-protocol.ts';
export type { MultiPaxosState } from './consensus/paxos/multi-paxos-state.ts';
export { multiPaxosStore, type MultiPaxosStoreOptions } from './consensus/paxos/multi-paxos-store.ts';
export { multiPaxos } from './consensus/paxos/multi-paxos.ts';
export type { MultiPaxosOptions } from './consensus/paxos/settings.ts';
export { singleDecreePaxos } from './consensus/paxos/single-decree.ts';
export type { Configuration } from './consensus/raft/configuration.ts';
export { raftView, raftVoters } from './consensus/raft/inspection.ts';
export type { LogEntry as RaftLogEntry } from './consensus/raft/raft-log.ts';
export {
  raftOperator,
  type OperatorStep,
  type RaftOperatorOptions,
  type RaftOperatorState,
} from './consensus/raft/raft-operator.ts';
export type { RaftProtocol } from './consensus/raft/raft-protocol.ts';
export type { RaftState } from './consensus/raft/raft-state.ts';
export { raftStore, type RaftStoreOptions } from './consensus/raft/raft-store.ts';
export { raft } from './consensus/raft/raft.ts';
export type { RaftOptions } from './consensus/raft/settings.ts';
export type { Crdt, Origin } from './crdt/crdt.ts';
export { gCounter, type CounterChange, type GCounterState } from './crdt/g-counter.ts';
export { lwwMap, type LwwMapChange, type LwwMapState } from './crdt/lww-map.ts';
export { lwwRegister, type LwwState } from './crdt/lww-register.ts';
export { mvRegister, type MvChange, type Siblings } from './crdt/mv-register.ts';
export { orSet, type OrSetEntry, type OrSetState, type SetChange } from './crdt/or-set.ts';
export { pnCounter, type PnCounterState } from './crdt/pn-counter.ts';
export { rga, type RgaElement, type RgaState, type SequenceChange } from './crdt/rga.ts';
export { syncOrStop } from './durability/sync-or-stop.ts';
export { ownEntries as dynamoEntries } from './dynamo/cell-tables.ts';
export { dynamoNode } from './dynamo/dynamo-node.ts';
export type { DynamoProtocol } from './dynamo/dynamo-protocol.ts';
export type { DynamoOptions } from './dynamo/dynamo-settings.ts';
export type { DynamoState, Entry as DynamoEntry } from './dynamo/dynamo-state.ts';
export { merkleTree, treeDifference, type MerkleTree, type TreeDifference } from './dynamo/merkle-tree.ts';
export { preferenceList, rangeOf, rangePlacements } from './dynamo/preference-list.ts';
export { ringOperator, type RingOperatorOptions, type RingStep } from './dynamo/ring-operator.ts';
export { cartOf, shopper, type ShopperOptions, type ShopperState } from './dynamo/shopper.ts';
export { balanceFactor, boundedAssignment, boundedCapacity, firstWithRoom } from './hashing/bounded-loads.ts';
export { crc16 } from './hashing/crc16.ts';
export { fnv1a } from './hashing/fnv1a.ts';
export type { HashFunction } from './hashing/hash-function.ts';
export { hashRing, type HashRing, type HashRingOptions } from './hashing/hash-ring.ts';
export { jump, jumpHash, type JumpOptions } from './hashing/jump.ts';
export { KEY_SLOTS, keySlot } from './hashing/key-slot.ts';
export { maglev, maglevTable, type MaglevOptions, type MaglevPermutation } from './hashing/maglev.ts';
export { modulo, type ModuloOptions } from './hashing/modulo.ts';
export { murmur3 } from './hashing/murmur3.ts';
export type { Members, Placement, WeightedMember } from './hashing/placement.ts';
export { rendezvous, type RendezvousOptions } from './hashing/rendezvous.ts';
export { xxhash32 } from './hashing/xxhash32.ts';
export {
  payments,
  type Payment,
  type PaymentsOptions,
  type PaymentsProtocol,
  type PaymentsState,
  type Receipt,
} from './idempotency/payments.ts';
export { compareIds, type IdProtocol } from './ids/id-protocol.ts';
export {
  machineRegistry,
  type MachineRegistryOptions,
  type MachineRegistryProtocol,
  type MachineRegistryState,
} from './ids/machine-registry.ts';
export { snowflakeGenerator, type SnowflakeGeneratorOptions, type SnowflakeState } from './ids/snowflake-generator.ts';
export {
  LIFETIME_MS,
  MACHINES,
  SEQUENCES,
  skipTo,
  snowflakeFields,
  snowflakeId,
  stepSnowflake,
  TWITTER_EPOCH,
  type SnowflakeClock,
  type SnowflakeFields,
} from './ids/snowflake.ts';
export { ticketServer, type TicketServerOptions, type TicketServerState } from './ids/ticket-server.ts';
export { uuidGenerator, type UuidGeneratorOptions } from './ids/uuid-generator.ts';
export { uuidV4, uuidV7, uuidVersion, type UuidV7State } from './ids/uuid.ts';
export { leaseHolder, type LeaseHolderOptions, type LeaseHolderState } from './lease/lease-holder.ts';
export {
  leaseService,
  type LeaseGrant,
  type LeaseServiceOptions,
  type LeaseServiceProtocol,
  type LeaseServiceState,
} from './lease/lease-service.ts';
export {
  protectedResource,
  type AcceptedAccess,
  type Access,
  type ProtectedResourceOptions,
  type ProtectedResourceProtocol,
  type ProtectedResourceState,
} from './lease/protected-resource.ts';
export { atomicIncrement } from './limiter/atomic-increment.ts';
export { centralLimiter, type CentralLimiterOptions } from './limiter/central-limiter.ts';
export type { Counted, Counting } from './limiter/counting.ts';
export { fixedWindow, type FixedWindowState } from './limiter/fixed-window.ts';
export type {
  Arrival,
  Decision,
  EnqueueOptions,
  GateOptions,
  GateState,
  RateLimited,
  RateLimitHeaders,
} from './limiter/gate.ts';
export { leakingBucket, type LeakingBucketOptions, type LeakingBucketState } from './limiter/leaking-bucket.ts';
export {
  limitStore,
  type LimitStoreOptions,
  type LimitStoreProtocol,
  type LimitStoreState,
} from './limiter/limit-store.ts';
export {
  limiter,
  ruleLimiter,
  type LimiterOptions,
  type LimiterState,
  type RuleLimiterOptions,
} from './limiter/limiter.ts';
export type { Admission, LimiterPolicy } from './limiter/policy.ts';
export { readThenWrite } from './limiter/read-then-write.ts';
export {
  burstAndRate,
  inAnyWindow,
  requestsWithin,
  type RequestBound,
  type RequestBoundOptions,
} from './limiter/request-bound.ts';
export {
  parseLimitRules,
  type Descriptor,
  type DescriptorEntry,
  type LimitRules,
  type MatchedLimit,
  type RuleLimit,
} from './limiter/rules.ts';
export { scripted } from './limiter/scripted.ts';
export {
  slidingWindowCounter,
  slidingWindowEstimate,
  type SlidingWindowCounterOptions,
  type SlidingWindowCounterState,
} from './limiter/sliding-window-counter.ts';
export { slidingWindowLog, type SlidingWindowLogState } from './limiter/sliding-window-log.ts';
export { syncedLimiter, type SyncedLimiterOptions, type SyncedLimiterState } from './limiter/synced-limiter.ts';
export { tokenBucket, type TokenBucketOptions, type TokenBucketState } from './limiter/token-bucket.ts';
export type { WindowOptions } from './limiter/window-options.ts';
export type { Assignment, Assignor, MemberSubscription } from './log/assignors/assignor.ts';
export { rangeAssignor } from './log/assignors/range.ts';
export { roundRobinAssignor } from './log/assignors/round-robin.ts';
export { stickyAssignor } from './log/assignors/sticky.ts';
export {
  partitionsOf,
  type ControllerRef,
  type LogControllerProtocol,
  type PartitionMetadata,
} from './log/cluster-metadata.ts';
export type { LogControllerState } from './log/controller-state.ts';
export {
  ephemeralSubscriber,
  type EphemeralSubscriberOptions,
  type EphemeralSubscriberState,
} from './log/ephemeral-subscriber.ts';
export {
  groupCoordinator,
  type CoordinatorRef,
  type GroupCoordinatorOptions,
  type GroupCoordinatorProtocol,
} from './log/group-coordinator.ts';
export type { ConsumerGroup, GroupCoordinatorState } from './log/group-state.ts';
export { logBroker, type LogBrokerOptions } from './log/log-broker.ts';
export { logConsumer, type LogConsumerOptions, type LogConsumerState } from './log/log-consumer.ts';
export { logController, type LogControllerOptions } from './log/log-controller.ts';
export { logProducer, type LogProducerOptions, type LogProducerState } from './log/log-producer.ts';
export type { Acks, LogBrokerProtocol } from './log/log-protocol.ts';
export type { LogMessage, LogRecord } from './log/log-record.ts';
export type { LogBrokerState, Replica } from './log/replica-state.ts';
export type { Direction } from './membership/direction.ts';
export { epidemic, type EpidemicOptions, type EpidemicProtocol, type EpidemicState } from './membership/epidemic.ts';
export type { FailureDetector } from './membership/failure-detector.ts';
export { fixedTimeout, type FixedTimeoutOptions, type FixedTimeoutState } from './membership/fixed-timeout.ts';
export { gossipMembership, type GossipMembershipOptions } from './membership/gossip-membership.ts';
export type { GossipEntry, GossipMember, GossipProtocol, GossipRef, GossipState } from './membership/gossip-state.ts';
export type { MemberStatus, Opinion } from './membership/opinion.ts';
export { phiAccrual, type PhiAccrualOptions, type PhiAccrualState } from './membership/phi-accrual.ts';
export type { RumourOptions } from './membership/rumour-mongering.ts';
export type { SwimOptions } from './membership/swim-options.ts';
export type { SwimProtocol, SwimRef } from './membership/swim-protocol.ts';
export type { SwimMember, SwimState } from './membership/swim-state.ts';
export { swim } from './membership/swim.ts';
export type { MultiPrimaryState } from './multi-primary/cells.ts';
export type { ConflictPolicy, Edit } from './multi-primary/conflict-policy.ts';
export { lwwValues } from './multi-primary/lww-values.ts';
export { mergedCounter, mergedSet } from './multi-primary/merged.ts';
export { multiPrimaryStore, type MultiPrimaryStoreOptions } from './multi-primary/multi-primary-store.ts';
export { multiPrimary } from './multi-primary/multi-primary.ts';
export type { Cell, MultiPrimaryOptions, MultiPrimaryProtocol } from './multi-primary/settings.ts';
export { siblings, type SiblingsOptions } from './multi-primary/siblings.ts';
export { effectStore, type Effect, type EffectStoreProtocol, type EffectStoreState } from './queue/effect-store.ts';
export { queueConsumer, type ConsumerOptions, type ConsumerState } from './queue/queue-consumer.ts';
export { queueProducer, type ProducerOptions, type ProducerState } from './queue/queue-producer.ts';
export type { Delivered, Delivery, QueuedMessage, QueueState } from './queue/queue-state.ts';
export { workQueue, type QueueProtocol, type WorkQueueOptions } from './queue/work-queue.ts';
export type { Change, Command, ReplicatedKvProtocol, StoredValue, WholeWrite } from './replication/command.ts';
export {
  failoverOperator,
  type FailoverOperatorOptions,
  type FailoverOperatorState,
} from './replication/failover-operator.ts';
export {
  kvClient,
  type Answered,
  type KvClientContext,
  type KvClientOptions,
  type KvClientState,
  type KvStore,
} from './replication/kv-client.ts';
export { primaryReplica } from './replication/primary-replica.ts';
export { primaryStore, type PrimaryStoreOptions } from './replication/primary-store.ts';
export {
  isLater,
  registerReplica,
  UNWRITTEN,
  type RegisterReplicaOptions,
  type RegisterReplicaProtocol,
  type RegisterReplicaState,
  type Stamp,
  type Stamped,
} from './replication/quorum-register.ts';
export { quorumStore, type QuorumStoreOptions } from './replication/quorum-store.ts';
export type {
  FailoverPolicy,
  PrimaryReplicaOptions,
  ReplicaProtocol,
  ReplicaStatus,
  ReplicationMode,
} from './replication/replica-protocol.ts';
export { replicaLogView } from './replication/inspection.ts';
export type { LogEntry, Progress, ReplicaState } from './replication/replica-state.ts';
export {
  adaptiveThrottle,
  rejectionProbability,
  type AdaptiveThrottleOptions,
} from './resilience/adaptive-throttle.ts';
export { aimdLimit, type AimdLimitOptions } from './resilience/aimd-limit.ts';
export { bulkhead, type BulkheadOptions, type BulkheadState } from './resilience/bulkhead.ts';
export { circuitBreaker, type CircuitBreakerOptions, type CircuitBreakerState } from './resilience/circuit-breaker.ts';
export { fixedLimit, type AdaptiveBounds, type ConcurrencyLimit } from './resilience/concurrency-limit.ts';
export { consecutiveFailures, type ConsecutiveFailuresOptions } from './resilience/consecutive-failures.ts';
export { errorRate, type ErrorRateOptions, type ErrorRateState } from './resilience/error-rate.ts';
export { fallback, type FallbackOptions } from './resilience/fallback.ts';
export { gradientLimit, type GradientLimitOptions, type GradientLimitState } from './resilience/gradient-limit.ts';
export { hedge, type HedgeOptions, type HedgeState } from './resilience/hedge.ts';
export { lastGoodAnswer, type LastGoodAnswerOptions, type LastGoodState } from './resilience/last-good-answer.ts';
export { loadShedder, type LoadShedderOptions } from './resilience/load-shedder.ts';
export type {
  Attempt,
  CallScope,
  Ending as CallEnding,
  Policy,
  PolicyContext,
  PolicyHost,
} from './resilience/policy.ts';
export { retryAround, type RetryAroundOptions, type RetryState } from './resilience/retry-around.ts';
export { sidecar, type SidecarOptions, type SidecarState } from './resilience/sidecar.ts';
export { tiedRequests, type TiedRequestsOptions } from './resilience/tied-requests.ts';
export { timeLimit, type TimeLimitOptions } from './resilience/time-limit.ts';
export type { Probed, TripRule } from './resilience/trip-rule.ts';
export {
  autoscaledPool,
  type AutoscaledPoolOptions,
  type AutoscaledPoolState,
  type PoolReplica,
} from './scaling/autoscaled-pool.ts';
export { desiredReplicas } from './scaling/desired-replicas.ts';
export type { Next, QueueDiscipline, Waiting } from './server/discipline.ts';
export { adaptiveLifo, type AdaptiveLifoOptions } from './server/disciplines/adaptive-lifo.ts';
export { byPriority, type ByPriorityOptions } from './server/disciplines/by-priority.ts';
export { codel, type CodelOptions, type CodelState } from './server/disciplines/codel.ts';
export {
  controlledDelay,
  type ControlledDelayOptions,
  type ControlledDelayState,
} from './server/disciplines/controlled-delay.ts';
export {
  deficitRoundRobin,
  type DeficitRoundRobinOptions,
  type DeficitRoundRobinState,
} from './server/disciplines/deficit-round-robin.ts';
export { earliestDeadlineFirst } from './server/disciplines/earliest-deadline-first.ts';
export { firstComeFirstServed } from './server/disciplines/first-come-first-served.ts';
export type { FlowWeights } from './server/disciplines/flow-weights.ts';
export { lastComeFirstServed } from './server/disciplines/last-come-first-served.ts';
export { processorSharing } from './server/disciplines/processor-sharing.ts';
export {
  startTimeFair,
  type StartTimeFairOptions,
  type StartTimeFairState,
} from './server/disciplines/start-time-fair.ts';
export { relativeCapacity, type Scalability } from './server/scalability.ts';
export type { DownstreamCall, ServerOptions } from './server/server-options.ts';
export type { ServerState } from './server/server-state.ts';
export { server, serverNode } from './server/server.ts';
export type { ServiceProtocol, ServiceReply, ServiceRequest } from './server/service-protocol.ts';
export {
  serviceGraph,
  type Service,
  type ServiceCall,
  type ServiceGraph,
  type ServiceNodes,
} from './service-graph/service-graph.ts';
export * from './sharding/index.ts';
export * from './sorted-tables/index.ts';
export * from './split-brain/index.ts';
export {
  SESSION_PROMISES,
  sessionClient,
  type SessionClientOptions,
  type SessionClientState,
  type SessionPromise,
} from './session-guarantees/session-client.ts';
export type { AcceptedWrite, SessionServerProtocol } from './session-guarantees/session-protocol.ts';
export {
  sessionServer,
  type SessionServerOptions,
  type SessionServerState,
} from './session-guarantees/session-server.ts';
export type { KvFound, KvProtocol, KvValue } from './store/kv-protocol.ts';
export { kvStore, type KvStoreOptions, type KvStoreState } from './store/kv-store.ts';
export * from './versioning/index.ts';
export type { MessageProtocol, MessageRef, NumberedMessage } from './transport/message-protocol.ts';
export { messageReceiver, type MessageReceiverState } from './transport/message-receiver.ts';
export { messageSender, type MessageSenderOptions, type MessageSenderState } from './transport/message-sender.ts';
export { STREAM_TIMER, StreamHost, type HasStreams, type StreamEvent } from './transport/stream-host.ts';
export type { Segment, StreamOptions, StreamProtocol, StreamRef, StreamState } from './transport/stream-state.ts';
export { noCalls, RpcHost, type HasCalls, type RpcEvent } from './transport/streaming-rpc.ts';
export { visitor, type VisitorOptions, type VisitorState } from './web-tier/visitor.ts';
export { webServer, type WebProtocol, type WebServerOptions, type WebServerState } from './web-tier/web-server.ts';
