/**
 * How a call can fail. Not an Error subclass: a simulation may make millions, and a stack trace says nothing here.
 *
 * `definite` tells the caller what it knows: true, the request certainly took no effect; false, it may have (a timeout or a
 * reset says nothing about the server, nor does the refusal of a request that the network has doubled). A client must record an indefinite failure as `info`, never as `fail`.
 */
export type CallErrorKind = 'timeout' | 'reset' | 'rejected' | 'overloaded' | 'quorum' | 'disk';

export class CallError {
  readonly kind: CallErrorKind;
  /** A stable word for programs: `not-leader`, `queue-full`, `timeout`. */
  readonly code: string;
  readonly message: string;
  readonly definite: boolean;
  /** Plain data for the caller, such as where the leader is. */
  readonly detail: unknown;

  constructor(kind: CallErrorKind, code: string, message: string, definite: boolean, detail?: unknown) {
    this.kind = kind;
    this.code = code;
    this.message = message;
    this.definite = definite;
    this.detail = detail;
  }

  toString(): string {
    return `${this.code}: ${this.message}`;
  }
}

/**
 * What a handler throws to refuse a request: `throw reject('not-leader', 'n1 follows n2', { leader })`.
 * Definite unless said otherwise.
 */
export const reject = (code: string, message = code, detail?: unknown, definite = true): CallError =>
  new CallError('rejected', code, message, definite, detail);

/** The callee did not answer within the deadline. Nothing is known of the effect. */
export const timeout = (message: string): CallError => new CallError('timeout', 'timeout', message, false);

/** The connection broke while the call was open. Nothing is known of the effect. */
export const connectionReset = (message: string): CallError => new CallError('reset', 'reset', message, false);

/** The queue in front of a CPU was full: the request was not begun. */
export const overloaded = (message: string): CallError => new CallError('overloaded', 'queue-full', message, true);
