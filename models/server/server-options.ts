/** What a server can be told, checked. */
import { ConfigError, NEVER, compile, parseDuration, withFunctions } from '../../sim/index.ts';
import type { Distribution, Duration, Micros, NodeRef, RetryPolicy, Sampler } from '../../sim/index.ts';
import type { Policy } from '../resilience/policy.ts';
import type { QueueDiscipline } from './discipline.ts';
import { slowdownOf, type Scalability } from './scalability.ts';

export const PROPAGATIONS = ['always', 'when-known', 'never'] as const;

/** A call that each request makes further down, when its own work is done. */
export interface DownstreamCall {
  /** One, or several that are asked in turn, each attempt more the next. */
  readonly target: NodeRef | readonly NodeRef[];
  /** Default `request`. */
  readonly message?: string;
  /** Default: the request's own payload. */
  readonly payload?: unknown;
  /** For each attempt. Default 1 s; never more than the request's caller still has. */
  readonly deadline?: Duration;
  readonly retry?: RetryPolicy;
  /** True: the request succeeds without its answer. Default false. */
  readonly optional?: boolean;
  /** Around the call, the first outermost; each needs a name of its own in the chain. Default none. */
  readonly policies?: readonly Policy[];
  /** Tells the callee how much time is left: `always`, or only when the request itself says it. Default `when-known`. */
  readonly propagates?: (typeof PROPAGATIONS)[number];
  /** Tells the server of a call that was given up (a hedge that lost) to forget it. Default false. */
  readonly cancels?: boolean;
  /** True: the request does not wait for it; what becomes of it is nobody's business but the policies'. Default false. */
  readonly async?: boolean;
  /** Share of the requests that make it, 0…1. Default 1. */
  readonly share?: number;
}

export interface ServerOptions {
  /**
   * Workers, at least 1. Default 1. Without `discipline`, `threads`, `patience`, `maxQueueTime` and `cancellable` they are the node's CPU:
   * `serverNode` sizes it, and the actor `server` by itself takes the CPU that its node has, whatever is said here.
   */
  readonly servers?: number;
  /** Places in the queue, not counting the requests in service. Default: no limit. The CPU's, as the workers. */
  readonly queue?: number;
  /** Who is served next. Default: first come, first served. */
  readonly discipline?: QueueDiscipline;
  /** Work of one request. Default 1 ms. */
  readonly service?: Distribution;
  /** How workers hinder one another: the work of a request grows with those that are at work when it comes. Default: not at all. */
  readonly scalability?: Scalability;
  /**
   * Requests that may be in progress at the same time, each holding its thread until the last answer from further down is there; the
   * workers are the cores that they run on. At least 1. Default: no threads, a request holds a worker while it works and nothing
   * while it waits for answers.
   */
  readonly threads?: number;
  /** Calls further down, one after the other unless `parallel`. Default none. */
  readonly calls?: readonly DownstreamCall[];
  readonly parallel?: boolean;
  /** Share of the requests that fail when their work is done, 0…1. Default 0. */
  readonly errorRate?: number;
  /** Refuse at the door while this many requests are in progress, queue and calls further down included. Default: no limit. */
  readonly maxInFlight?: number;
  /** Refuse a request that has queued for this long. Default: never. */
  readonly maxQueueTime?: Duration;
  /** How long each request's caller is willing to queue (reneging). Default: without end. */
  readonly patience?: Distribution;
  /** Requests with an id can be taken back while they queue. Default false. */
  readonly cancellable?: boolean;
  /** Around the serving of each request: bulkheads, shedders. Default none. */
  readonly admission?: readonly Policy[];
  /** Default `server`. */
  readonly role?: string;
}

/** Checked options. */
export interface ServerSettings {
  readonly servers: number;
  /** Requests that are served at the same time: threads, or workers. */
  readonly capacity: number;
  readonly holdsThread: boolean;
  readonly places: number;
  readonly discipline: QueueDiscipline | undefined;
  readonly service: Sampler;
  /** By how many are at work. */
  readonly slowdown: ((n: number) => number) | undefined;
  readonly errorRate: number;
  readonly maxInFlight: number;
  readonly maxQueueTime: Micros;
  readonly patience: Sampler | undefined;
  readonly cancellable: boolean;
  /** The queue is in the actor's state, since a CPU's cannot do what is asked. */
  readonly queuesInState: boolean;
}

const atLeast = (min: number, value: number, field: string): number => {
  if (value === Infinity || (Number.isInteger(value) && value >= min)) return value;
  throw new ConfigError(field, value, `a whole number of at least ${min}`);
};

export const shareOf = (value: number, field: string): number => {
  if (value >= 0 && value <= 1) return value;
  throw new ConfigError(field, value, 'a probability from 0 to 1');
};

/** Throws ConfigError. */
export function settingsOf(options: ServerOptions): ServerSettings {
  const { threads, discipline, patience, cancellable = false, maxQueueTime } = options;
  const servers = atLeast(1, options.servers ?? 1, 'server.servers');
  if (discipline !== undefined)
    withFunctions(discipline, ['init', 'next'], 'server.discipline', 'one such as lastComeFirstServed()');
  const holdsThread = threads !== undefined;
  if (holdsThread && (discipline?.shares === true || discipline?.preempts !== undefined)) {
    throw new ConfigError('server.discipline', discipline.name, 'one that does not share or pre-empt, with threads');
  }
  return {
    servers,
    capacity: holdsThread ? atLeast(1, threads, 'server.threads') : servers,
    holdsThread,
    places: atLeast(0, options.queue ?? Infinity, 'server.queue'),
    discipline,
    service: compile(options.service ?? '1ms', 'server.service'),
    slowdown: options.scalability && slowdownOf(options.scalability),
    errorRate: shareOf(options.errorRate ?? 0, 'server.errorRate'),
    maxInFlight: atLeast(1, options.maxInFlight ?? Infinity, 'server.maxInFlight'),
    maxQueueTime: maxQueueTime === undefined ? NEVER : parseDuration(maxQueueTime, 'server.maxQueueTime'),
    patience: patience === undefined ? undefined : compile(patience, 'server.patience'),
    cancellable,
    queuesInState:
      maxQueueTime !== undefined || holdsThread || discipline !== undefined || patience !== undefined || cancellable,
  };
}
