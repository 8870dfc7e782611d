import type { Micros } from '../base/time.ts';

/** What a client knows of an operation: ok (it happened), fail (it certainly did not), info (unknown: for ever concurrent with what follows). */
export type Outcome = 'ok' | 'fail' | 'info' | 'pending';

/** One operation of one client against one object: its interval, in events and in virtual time, and what came back. */
export interface Operation {
  /** Index in the history, in order of invocation. */
  readonly id: number;
  /** One sequential session: its operations never overlap, except that one left `info` stays open for ever. */
  readonly client: string;
  /** The operation's name: 'read', 'write', 'cas', 'add', 'acquire' and so on. */
  readonly f: string;
  /** The object; '' where there is only one. */
  readonly key: string;
  /** write: the value; cas: `[from, to]`; read: undefined. */
  readonly input: unknown;
  /** read: the value read; undefined when unknown; for a failed operation the error code. */
  readonly output: unknown;
  readonly outcome: Outcome;
  /** Sequence number of the invocation, in the total order of all events of the history. */
  readonly invoked: number;
  /** Sequence number of the completion; Number.MAX_SAFE_INTEGER when info or pending. */
  readonly completed: number;
  /** Virtual time of the invocation. */
  readonly invokedAt: Micros;
  /** When the client meant to invoke it, if that is before `invokedAt`: it had no connection free, or its last answer was late. */
  readonly intendedAt?: Micros;
  /** Virtual time of the completion: NEVER when pending; the time the client gave up when info. */
  readonly completedAt: Micros;
  /** Who answered, when known. */
  readonly node?: string;
  readonly error?: string;
}
