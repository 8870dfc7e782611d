/**
 * The contract of queue disciplines: who is served next, and who is not served at all.
 *
 * A discipline is plain functions over a plain state that the server keeps for it. Every discipline: gives back each request that
 * entered exactly once, by `next` (to serve or to drop) or by `leave`; serves nothing that has left; reads no clock but `now`.
 */
import type { Micros } from '../../sim/index.ts';

/** A request in the queue. */
export interface Waiting {
  /** Ascending in order of arrival. */
  readonly ticket: number;
  /** On the server's monotonic clock. */
  readonly arrived: Micros;
  /** Work that is left of it. */
  readonly work: Micros;
  /** 0 is the most important. */
  readonly priority: number;
  /** Whose it is, for fair queueing: the request's key. */
  readonly flow: string;
  /** When its caller gives up; NEVER if it does not say. */
  readonly expires: Micros;
}

export interface Next {
  /** Undefined: nobody is left. */
  readonly serve: Waiting | undefined;
  /** Dropped on the way. */
  readonly drop: readonly Waiting[];
}

export interface QueueDiscipline<S = unknown> {
  readonly name: string;
  init(): S;
  enter(queue: S, item: Waiting, now: Micros): void;
  /** Takes out the one to serve now. */
  next(queue: S, now: Micros): Next;
  /** Takes out one that does not wait any longer; false if it is not there. */
  leave(queue: S, ticket: number): boolean;
  length(queue: S): number;
  /** How long one that comes now may wait, before it enters. Default: for ever. */
  patience?(queue: S, now: Micros): Micros;
  /** Whether one that comes takes the worker of one that is being served, which goes on later from where it stood. */
  preempts?(arriving: Waiting, running: Waiting): boolean;
  /** All in the queue share the workers; nobody waits. */
  readonly shares?: true;
}

export const NOBODY: Next = { serve: undefined, drop: [] };

/** Takes one out of a list, by its ticket. */
export function removeTicket(list: { readonly ticket: number }[], ticket: number): boolean {
  const at = list.findIndex((item) => item.ticket === ticket);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** What a list gives out at its front. */
export function shifted(list: Waiting[]): Next {
  const serve = list.shift();
  return serve === undefined ? NOBODY : { serve: copied(serve), drop: [] };
}

/** Apart from the state, so that it may be sent on. */
export const copied = ({ ticket, arrived, work, priority, flow, expires }: Waiting): Waiting => ({
  ticket,
  arrived,
  work,
  priority,
  flow,
  expires,
});
