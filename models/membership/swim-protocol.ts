/** The messages of SWIM. All are datagrams; each carries news of members. */
import type { NodeRef } from '../../sim/index.ts';
import type { Opinion } from './opinion.ts';

/** An opinion on its way. */
export interface MemberNews extends Opinion {
  readonly member: SwimRef;
}

interface Carrier {
  readonly from: SwimRef;
  readonly news: readonly MemberNews[];
}

export interface SwimProtocol {
  /** Are you there? Answered with `ack` of the same number. */
  ping(message: Carrier & { readonly number: number }): void;
  ack(message: Carrier & { readonly number: number }): void;
  /** Ping `target` for me; its ack is passed on. */
  pingRequest(message: Carrier & { readonly number: number; readonly target: SwimRef }): void;
  /** All that `from` knows; with `answer` the same is asked back. Who is new says this first. */
  sync(message: Carrier & { readonly answer: boolean }): void;
  /** From an operator: leave the group. */
  leave(message: Record<string, never>): void;
}

export type SwimRef = NodeRef<SwimProtocol>;

/** A reference that may leave the state: references in it are not for sending. */
export const copyRef = ({ id, index }: SwimRef): SwimRef => ({ id, index });
