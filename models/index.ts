/** The door of the models: one line per file, sorted by path. */
export type { BackendView, BalancerPolicy, Ending, Placing } from './balancer/policy.ts';
export { leastConnections } from './balancer/least-connections.ts';
export { loadBalancer, type ActiveHealth, type LoadBalancerOptions, type LoadBalancerState, type PassiveHealth } from './balancer/load-balancer.ts';
export { roundRobin, type RoundRobinState } from './balancer/round-robin.ts';
export type { ClientState, Intended } from './client/client-state.ts';
export { client, type ClientOptions, type Judgement, type NoMessages, type OperationSource, type RequestOf } from './client/client.ts';
export { kvOperations, type KvOperations, type KvOperationsOptions } from './client/kv-operations.ts';
export { retryBudget, type RetryBudget, type RetryBudgetOptions } from './client/retry-budget.ts';
export type { Routing } from './client/routing.ts';
export { closedLoop, openLoop, type ClosedLoopOptions, type OpenLoopOptions, type Workload } from './client/workload.ts';
export { zipf, type Zipf } from './client/zipf.ts';
export { server, serverNode, type DownstreamCall, type ServerOptions, type ServerState, type ServiceProtocol, type ServiceReply, type ServiceRequest } from './server/server.ts';
export type { KvFound, KvProtocol, KvValue } from './store/kv-protocol.ts';
