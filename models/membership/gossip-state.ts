/** What a member of a gossiping group knows, and what it tells. */
import type { NodeRef } from '../../sim/index.ts';

/** One member as a message has it. */
export interface GossipEntry {
  readonly id: string;
  readonly index: number;
  readonly incarnation: number;
  readonly heartbeat: number;
  /** Who misses it since this very heartbeat. */
  readonly accusers: readonly string[];
}

export interface GossipProtocol {
  /** What the sender knows; with `answer` the receiver tells what it knows. */
  gossip(message: {
    readonly from: GossipRef;
    readonly entries: readonly GossipEntry[];
    readonly answer: boolean;
  }): void;
}

export type GossipRef = NodeRef<GossipProtocol>;

/** `D` is the state of the failure detector. */
export interface GossipMember<D> {
  readonly id: string;
  readonly index: number;
  /** `suspect`: missed by somebody; `dead`: by enough. */
  status: 'alive' | 'suspect' | 'dead';
  incarnation: number;
  heartbeat: number;
  /** Who misses it since this heartbeat: this member, or others who have said so. */
  accusers: string[];
  watch: D;
}

export interface GossipState<D> {
  /** How many rounds it has begun since it booted. */
  round: number;
  /** How often it has come back: learned from the others. */
  incarnation: number;
  /** Goes up by one a round; from 0 again in a new incarnation. */
  heartbeat: number;
  /** The others. */
  members: Map<string, GossipMember<D>>;
  /** Goes up with each change of a status. */
  revision: number;
}
