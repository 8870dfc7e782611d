import { ConfigError, parseDuration, type Duration, type Micros, type NodeRef } from '../../sim/index.ts';
import type { MemberProtocol } from './member-state.ts';
import type { SplitBrainResolver } from './resolver.ts';

/** What becomes of the elements of a member that comes back from another side: dropped; the later set of each key wins; united. */
export type Reconciliation = 'discard' | 'latest' | 'merge';

export interface MemberOptions {
  /** All nodes that may belong to the group; they are its first view, the oldest first. */
  readonly nodes: readonly NodeRef<MemberProtocol>[];
  readonly resolver: SplitBrainResolver;
  /** Default `discard`. */
  readonly reconcile?: Reconciliation;
  /** Between two heartbeats to everyone. Default 50 ms. */
  readonly heartbeat?: Duration;
  /** Who has not been heard for so long does not reach this node. Default 200 ms. */
  readonly timeout?: Duration;
  /** For how long the sides have to stay the same before anything is decided. Default 300 ms. */
  readonly stableAfter?: Duration;
  /** How long one request to another member may take. Default 150 ms. */
  readonly attempt?: Duration;
}

export interface MemberSettings {
  readonly nodes: readonly NodeRef<MemberProtocol>[];
  readonly resolver: SplitBrainResolver;
  readonly reconcile: Reconciliation;
  readonly heartbeat: Micros;
  readonly timeout: Micros;
  readonly stableAfter: Micros;
  readonly attempt: Micros;
}

const RECONCILIATIONS: readonly Reconciliation[] = ['discard', 'latest', 'merge'];

/** Throws ConfigError naming the option. */
export function memberSettings(options: MemberOptions): MemberSettings {
  const { nodes, resolver, reconcile = 'discard' } = options;
  if (nodes.length === 0) throw new ConfigError('clusterMember.nodes', nodes, 'at least one node');
  if (!RECONCILIATIONS.includes(reconcile)) {
    throw new ConfigError('clusterMember.reconcile', reconcile, RECONCILIATIONS.join(', '));
  }
  const heartbeat = parseDuration(options.heartbeat ?? '50ms', 'clusterMember.heartbeat');
  const timeout = parseDuration(options.timeout ?? '200ms', 'clusterMember.timeout');
  if (heartbeat === 0 || timeout < 2 * heartbeat) {
    throw new ConfigError('clusterMember.timeout', timeout, `at least two heartbeats (${heartbeat} µs each, above 0)`);
  }
  return {
    nodes,
    resolver,
    reconcile,
    heartbeat,
    timeout,
    stableAfter: parseDuration(options.stableAfter ?? '300ms', 'clusterMember.stableAfter'),
    attempt: parseDuration(options.attempt ?? '150ms', 'clusterMember.attempt'),
  };
}

/** The node of that name. */
export const nodeNamed = ({ nodes }: MemberSettings, name: string): NodeRef<MemberProtocol> =>
  nodes.find(({ id }) => id === name) as NodeRef<MemberProtocol>;
