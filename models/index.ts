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
export { limiter, type LimiterOptions, type LimiterState, type RateLimited } from './limiter/limiter.ts';
export type { Admission, LimiterPolicy } from './limiter/policy.ts';
export { tokenBucket, type TokenBucketOptions, type TokenBucketState } from './limiter/token-bucket.ts';
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
