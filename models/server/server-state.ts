/** What a server remembers; gone with a crash. */
import type { Micros } from '../../sim/index.ts';
import type { PolicyStates } from '../resilience/chain.ts';
import type { Waiting } from './discipline.ts';

export interface ServerState {
  /** Requests in progress: queued, in service, waiting for an answer from further down. */
  inFlight: number;
  /** Of the workers (or threads), those that are taken, if the queue is kept here. */
  busy: number;
  /** The queue, as its discipline keeps it: a list if it is first come, first served. */
  queue: unknown;
  nextTicket: number;
  /** With a pre-emptive discipline: those being served. */
  running?: Waiting[];
  /** With a discipline that shares. */
  shared?: Shared;
  /** Of a cancellable server. */
  names?: RequestNames;
  /** With policies. */
  guard?: Guard;
}

/** Requests that share a processor. */
export interface Shared {
  /** Those that share, with the work that is left of each, µs. */
  sharing: Share[];
  /** Those that will, as soon as what has been done until now is counted. */
  joining: Share[];
  /** Whether the processor runs. */
  runs: boolean;
}

export interface Share {
  ticket: number;
  left: number;
}

/** Requests that can be taken back. */
export interface RequestNames {
  /** Tickets of those in the queue. */
  tickets: Map<string, number>;
  /** Names of those that were cancelled before they came, the oldest first. */
  cancelled: string[];
}

/** What policies remember. */
export interface Guard {
  /** When the server booted, so that names of calls are not given twice. */
  booted: Micros;
  /** Number of the next call further down. */
  nextCall: number;
  /** Of admission, then of each call. */
  states: PolicyStates[];
}
