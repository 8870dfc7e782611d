/** What servers are asked. */
import type { Micros, NodeRef } from '../../sim/index.ts';

export interface ServiceRequest {
  /** What the request is about, for routing, hot keys and fair queueing. */
  readonly key?: string;
  /** Time that the caller still has. */
  readonly within?: Micros;
  /** 0, the default, is the most important. */
  readonly priority?: number;
  /** Its name, by which it can be cancelled. */
  readonly id?: string;
  /** Another server that has the same request (and its id): told to forget it when this one begins. */
  readonly tie?: NodeRef;
}

export interface ServiceReply {
  /** Who did it. */
  readonly by: string;
}

export interface ServiceProtocol {
  request(payload: ServiceRequest): ServiceReply;
  /** Answers at once, past the queue: that the process runs, not that it keeps up. */
  health(payload: Record<never, never>): { readonly ok: true };
  /** Nobody wants the request any more: it leaves the queue of a `cancellable` server. What has begun runs to its end. */
  cancel(payload: { readonly id: string }): void;
}
