/** What a member of a SWIM group knows. */
import type { ProbeOrder } from './probe-order.ts';
import type { MemberStatus } from './opinion.ts';
import type { SwimRef } from './swim-protocol.ts';

export interface SwimMember {
  readonly member: SwimRef;
  status: MemberStatus;
  incarnation: number;
  /** The own protocol period in which it became suspect. */
  suspectedIn: number;
}

/** A ping that waits for its ack. */
export interface Probe {
  readonly target: string;
  readonly number: number;
  answered: boolean;
}

export interface SwimState {
  status: 'joining' | 'member' | 'left';
  /** Its own. */
  incarnation: number;
  /** How many protocol periods it has begun. */
  period: number;
  /** Lifeguard's local health: 0 is well; periods are `health + 1` times as long. */
  health: number;
  probe: Probe | undefined;
  /** Number of the latest ping. */
  number: number;
  probes: ProbeOrder;
  /** What it thinks of the others. */
  members: Map<string, SwimMember>;
  /** News to pass on, about these members (itself too): how often it has been sent. */
  news: Map<string, number>;
  /** Pings on behalf of others, by number. */
  relayed: Map<number, { readonly asker: SwimRef; readonly number: number; readonly period: number }>;
  /** How many probes of each have had no answer within the ping timeout, so that others were asked. */
  late: Map<string, number>;
  /** How many probes of each have had no answer at all. */
  unanswered: Map<string, number>;
  /** Goes up with each change of opinion, and with each probe that was late or had no answer. */
  revision: number;
}
