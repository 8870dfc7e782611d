/** Split brain and its resolvers: what other rooms and users see. */
export { splitArbiter, type ArbiterProtocol, type ArbiterState, type LeaseRequest } from './arbiter.ts';
export type { MemberOptions, Reconciliation } from './member-settings.ts';
export type { MemberProtocol, MemberState as ClusterMemberState } from './member-state.ts';
export { clusterMember } from './member.ts';
export type { Split, SplitBrainResolver } from './resolver.ts';
export { autoDown } from './resolvers/auto-down.ts';
export { keepMajority } from './resolvers/keep-majority.ts';
export { keepOldest, type KeepOldestOptions } from './resolvers/keep-oldest.ts';
export { keepReferee } from './resolvers/keep-referee.ts';
export { leaseMajority, type LeaseMajorityOptions } from './resolvers/lease-majority.ts';
export { staticQuorum, type StaticQuorumOptions } from './resolvers/static-quorum.ts';
