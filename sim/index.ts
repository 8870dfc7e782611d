/** The one public door of the engine. */

// Time and values
export {
  us,
  ms,
  s,
  minutes,
  hours,
  parseDuration,
  parsePeriod,
  durationText,
  instantText,
  NEVER,
  type Micros,
  type Duration,
} from './base/time.ts';
export { ConfigError, SimulationError } from './base/errors.ts';
export { assert, unreachable } from './base/assert.ts';
export { canonicalJson, copyOf, type Opaque } from './base/json.ts';
export * as maths from './base/maths.ts';

// Randomness
export type { RandomSource } from './random/random-source.ts';
export { RandomStream } from './random/stream.ts';
export { KeyedDraws } from './random/keyed-draws.ts';
export {
  constant,
  uniform,
  exponential,
  logNormal,
  pareto,
  empirical,
  mixture,
  erlang,
  normal,
  shifted,
} from './random/distribution.ts';
export type { Distribution, DistributionSpec } from './random/distribution-spec.ts';
export { toDistribution } from './random/parse-distribution.ts';
export { compile, type Sampler } from './random/sampler.ts';

// Actors
export {
  defineActor,
  type Actor,
  type Books,
  type Flow,
  type MessageOf,
  type NodeRef,
  type Payload,
  type ProtocolOf,
  type Reply,
} from './world/actor.ts';
export type { CallOptions, Context, SendOptions } from './world/context.ts';
export { Op } from './world/op.ts';
export type { Waitable } from './world/combine.ts';
export { CallError, reject, type CallErrorKind } from './world/call-error.ts';
export {
  decorrelatedJitter,
  equalJitter,
  exponentialBackoff,
  fixedBackoff,
  fullJitter,
  immediateRetry,
  type BackoffOptions,
  type RetryPolicy,
} from './world/retry.ts';
export type { CpuOptions } from './world/cpu.ts';
export type { CrashKeeps, DiskOptions, DiskView } from './world/disk.ts';
export type { ClockOptions } from './world/node-clock.ts';
export type { NtpOptions } from './world/ntp.ts';
export type { Lifecycle, NodeOptions } from './world/node.ts';
export type { LinkOptions, NetworkOptions } from './world/topology.ts';
export { World } from './world/world.ts';

// History, trace, metrics
export type { Operation, Outcome } from './history/operation.ts';
export { awaitedFrom } from './metrics/awaited-from.ts';
export type { Invocation } from './history/history.ts';
export { TRACE_KINDS, type StatePatch, type TraceData, type TraceKind, type TraceOptions } from './trace/trace.ts';
export { Digest, textDigest } from './trace/digest.ts';
export { Histogram, type Summary } from './metrics/histogram.ts';
export { Metrics, type MetricsJson } from './metrics/metrics.ts';

// Faults
export * from './faults/index.ts';

export { nearest } from './base/nearest.ts';
export { oneOf } from './base/one-of.ts';
export { withFunctions } from './base/with-functions.ts';

// Checks
export type { Answer, Check, CheckRun, NodeView, RunView } from './check/check.ts';
export type { Edge, Status, Verdict, Witness } from './check/verdict.ts';
export { always, eventually, sometimes, type EventuallyOptions, type StateCheckOptions } from './check/states.ts';
export { judgeLinearizable, linearizable, type LinearizableOptions } from './check/linearizable.ts';
export {
  appendStore,
  counter,
  elementSet,
  fencedLock,
  fifoQueue,
  growOnlySet,
  mutex,
  ownedLock,
  register,
  specification,
  timestampOracle,
  uniqueIds,
  type SearchBudget,
  type Specification,
  type SpecificationOptions,
} from './check/specification.ts';
export type { Call } from './check/linearizability/object-model.ts';
export type { LinearizabilityResult } from './check/linearizability/per-object.ts';
export type { RegisterOptions } from './check/linearizability/linearizable-register.ts';
export {
  boundedStaleness,
  causal,
  causalMemory,
  causalPlus,
  monotonicReads,
  monotonicWrites,
  pram,
  readYourWrites,
  sequential,
  writesFollowReads,
  type StalenessOptions,
} from './check/consistency/session-checks.ts';
export { checkCausal, checkSequential, type SequentialOptions } from './check/consistency/check-sessions.ts';
export type { CausalModel } from './check/consistency/causal.ts';
export { checkGuarantee } from './check/consistency/check-guarantee.ts';
export type { SessionGuarantee } from './check/consistency/session-guarantees.ts';
export type { ConsistencyResult } from './check/consistency/consistency-witness.ts';
export type { SessionOptions } from './check/consistency/session-steps.ts';
export type { VersionOptions } from './check/consistency/session-versions.ts';
export { checkStaleness, checkVersionsBehind } from './check/consistency/bounded-staleness.ts';
export {
  checkConvergence,
  checkStrongConvergence,
  type DeliveredState,
  type Elements,
  type ReplicaState,
} from './check/consistency/convergence.ts';
export {
  converges,
  stronglyConverges,
  type ConvergesOptions,
  type StronglyConvergesOptions,
} from './check/consistency/convergence-checks.ts';
export {
  isolation,
  readCommitted,
  serializable,
  snapshotIsolation,
  strictSerializable,
} from './check/transactions/isolation.ts';
export { checkTransactions, type Anomaly, type IsolationResult } from './check/transactions/check-transactions.ts';
export { implies, LEVELS, type Level } from './check/transactions/levels.ts';
export type { TransactionOptions } from './check/transactions/observations.ts';
export type { MicroOperation } from './check/transactions/transaction.ts';
export { ANSWERED_IN_TIME, answeredInTime, type AnsweredInTimeOptions } from './check/answered-in-time.ts';
export { goodputReturns, type GoodputOptions } from './check/goodput.ts';
export { takesEffectOnce, type EffectsOptions } from './check/takes-effect-once.ts';
export { messageQueueDelivery, type QueueContents, type QueueDeliveryOptions } from './check/message-queue-delivery.ts';
export { atMostOneActingHolder, type ActingHolderOptions, type TokenUse } from './check/one-acting-holder.ts';
export { NO_REQUEST_LOST, noRequestLost, type NoRequestLostOptions } from './check/no-request-lost.ts';
export { noAcknowledgedWriteLost, type AcknowledgedWritesOptions } from './check/no-acknowledged-write-lost.ts';
export { oneLeaderPerTerm, type OneLeaderOptions } from './check/one-leader-per-term.ts';
export {
  disjointQuorums,
  quorumIntersection,
  type QuorumIntersectionOptions,
  type QuorumUsed,
} from './check/quorum-intersection.ts';

// Protocol invariants
export type { ReadingOptions } from './check/invariants/shared-reading.ts';
export { ListedLog, type LogView } from './check/invariants/log-book.ts';
export { raftInvariants, type RaftOptions } from './check/invariants/raft.ts';
export type { RaftRole, RaftView } from './check/invariants/raft-view.ts';
export { paxosInvariants, type AcceptedValue, type PaxosOptions, type PaxosView } from './check/invariants/paxos.ts';
export {
  chainInvariants,
  primaryBackupInvariants,
  type ChainOptions,
  type PrimaryBackupOptions,
  type PrimaryBackupView,
} from './check/invariants/primary-backup.ts';
export { quorumReplicaInvariants, type QuorumReplicasOptions } from './check/invariants/quorum-replicas.ts';
export {
  swimInvariants,
  type AccuracyClaim,
  type AccuracyWatch,
  type MemberOpinion,
  type SwimOptions,
  type SwimView,
} from './check/invariants/swim.ts';
export type { OwnPeriods } from './check/invariants/swim-completeness.ts';
export {
  atomicCommitInvariants,
  type AtomicCommitOptions,
  type CommitView,
  type Coordinated,
  type ParticipantState,
} from './check/invariants/atomic-commit.ts';
export { sagaCompletion, type Saga, type SagaEffect, type SagaOptions } from './check/invariants/saga.ts';
export { leaseGrantInvariants, type Grant, type LeaseGrantOptions } from './check/invariants/lease-grants.ts';
export {
  consumerGroupInvariants,
  type ConsumerGroupOptions,
  type ConsumerView,
  type PartitionProgress,
} from './check/invariants/consumer-group.ts';
export { messageOrder, type MessageOrderOptions } from './check/invariants/message-order.ts';
export {
  rateLimitInvariants,
  type LimiterCounts,
  type RateBound,
  type RateLimitOptions,
} from './check/invariants/rate-limit.ts';
export { cacheInvariants, type CacheOptions, type CacheView } from './check/invariants/cache.ts';
export {
  brokenMergeLaw,
  mergeInvariants,
  type BrokenLaw,
  type MergeLaws,
  type MergeOptions,
} from './check/invariants/merge-laws.ts';
export { generatedIds, type GeneratedIdsOptions, type IdFields } from './check/invariants/generated-ids.ts';
export {
  ringInvariants,
  shardInvariants,
  type RingOptions,
  type RingView,
  type ShardOptions,
  type ShardView,
} from './check/invariants/placement.ts';
export { conservation, type ConservationOptions } from './check/invariants/conservation.ts';

// Scenarios and runs
export {
  choice,
  count,
  flag,
  number,
  readParams,
  span,
  type Bounds,
  type Param,
  type ParamSpecs,
  type ParamsOf,
} from './params.ts';
export {
  defineScenario,
  holds,
  violates,
  type Expectation,
  type Scenario,
  type ScenarioSpec,
  type WorldBuilder,
} from './scenario.ts';
export { run, type RunOptions } from './run.ts';
export { nemesisOf, topologyOf, type NemesisOf } from './topology-of.ts';
export { RESULT_SCHEMA_VERSION, type FaultOutcome, type NetworkTotals, type RunResult } from './result.ts';
export {
  parseRepro,
  replay,
  reproOf,
  variationOf,
  type Replay,
  type ReplayOutcome,
  type Repro,
  type ReproSource,
} from './repro.ts';
export type { Sighting } from './faults/sightings.ts';
export type { OperationLimits } from './world/withholding.ts';

// Search
export { searchSchedules, SearchSpace, type SearchOptions, type SearchOutcome } from './search/search.ts';
export { explore, type ExploreOptions, type SearchEvent } from './search/explore.ts';
export { investigate, type InvestigateOptions, type Investigated } from './search/investigate.ts';
export { minimise, type Minimised, type MinimiseOptions } from './search/minimise.ts';
export { ENDS_WITHOUT_ERROR, type Trial } from './search/trial.ts';
export { necessity, type NecessityOptions, type NecessityRow } from './search/necessity.ts';
export {
  evenly,
  inevitability,
  type Inevitability,
  type InevitabilityOptions,
  type InevitabilityPoint,
} from './search/inevitability.ts';
export { wilson, type Proportion } from './search/wilson.ts';
export { checkDeterminism, firstDivergence, type Divergence, type EventText } from './search/determinism.ts';
export {
  coverageOf,
  mergeCoverage,
  neverFired,
  NO_COVERAGE,
  unexercised,
  type Coverage,
  type Reach,
  type UnexercisedCell,
} from './search/coverage.ts';
export { mergeSummaries, SEARCH_SCHEMA_VERSION, type Finding, type SearchSummary } from './search/summary.ts';

// Exploring orders
export {
  following,
  orderRules,
  type Alternative,
  type ChosenOrder,
  type Director,
  type OrderOptions,
  type OrderRules,
  type Position,
} from './world/director.ts';
export {
  exploreOrders,
  searchOrders,
  type ExploreOrdersOptions,
  type OrderOutcome,
  type OrderSummary,
} from './search/orders/explore-orders.ts';
export type { OrderFinding } from './search/orders/order-finding.ts';
export { exhaustive, type ExhaustiveOptions } from './search/orders/exhaustive.ts';
export { pct, pctBound, type PctOptions } from './search/orders/pct.ts';
export { randomOrder, type RandomOrderOptions } from './search/orders/random-order.ts';
export type { Chooser, Course, Explored, Strategy } from './search/orders/strategy.ts';
export { DEFAULT_LIMITS, type Limits } from './kernel/limits.ts';
export { runUntil, type EngineStatistics } from './kernel/engine.ts';
export { VERSION } from './version.ts';
export { capacity, type Capacity, type CapacityOptions, type Probe } from './experiment/capacity.ts';
export { compareDesigns, type ComparedFigure, type Comparison, type Design } from './experiment/compare.ts';
export type { Estimate } from './experiment/estimate.ts';
export { figuresOf, type FigureOptions, type Figures } from './experiment/figures.ts';
export { objectiveText, parseObjective, type Objective } from './experiment/objective.ts';
export type { Answers, Replicated, ReplicationOptions } from './experiment/replications.ts';
export { placesOf, sweep, type SweepOptions, type SweepPlace } from './experiment/sweep.ts';
