/** The door of the models: one line per file, sorted by path. */
export { leastConnections } from './balancer/least-connections.ts';
export {
  loadBalancer,
  type ActiveHealth,
  type LoadBalancerOptions,
  type LoadBalancerState,
  type PassiveHealth,
} from './balancer/load-balancer.ts';
export type { BackendView, BalancerPolicy, Ending, Placing } from './balancer/policy.ts';
export { roundRobin, type RoundRobinState } from './balancer/round-robin.ts';
export { CacheShape, type CacheEntry, type CacheTable } from './cache/cache-table.ts';
export { cache, type CacheOptions, type CacheProtocol, type CacheState } from './cache/cache.ts';
export { fifo } from './cache/fifo.ts';
export type { KeyOrder } from './cache/key-order.ts';
export { lru } from './cache/lru.ts';
export type { EvictionPolicy } from './cache/policy.ts';
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
export { syncOrStop } from './durability/sync-or-stop.ts';
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
export { queueConsumer, type ConsumerOptions, type ConsumerState } from './queue/queue-consumer.ts';
export { queueProducer, type ProducerOptions, type ProducerState } from './queue/queue-producer.ts';
export type { Delivery, QueuedMessage, QueueState } from './queue/queue-state.ts';
export { workQueue, type Delivered, type QueueProtocol, type WorkQueueOptions } from './queue/work-queue.ts';
export type { Change, Command, ReplicatedKvProtocol, StoredValue } from './replication/command.ts';
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
export type { FailoverPolicy, PrimaryReplicaOptions, ReplicaProtocol } from './replication/replica-protocol.ts';
export type { LogEntry, Progress, ReplicaState } from './replication/replica-state.ts';
export {
  server,
  serverNode,
  type DownstreamCall,
  type ServerOptions,
  type ServerState,
  type ServiceProtocol,
  type ServiceReply,
  type ServiceRequest,
} from './server/server.ts';
export type { KvFound, KvProtocol, KvValue } from './store/kv-protocol.ts';
export { kvStore, type KvStoreOptions, type KvStoreState } from './store/kv-store.ts';
