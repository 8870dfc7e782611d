/** What sessions and servers of a weakly consistent store say to each other. */
import type { VersionVector } from '../versioning/version-vector.ts';

/** A write, for ever the same once a server has accepted it. */
export interface AcceptedWrite {
  readonly key: string;
  readonly value: string | number;
  /** The server that accepted it, and which of its writes it is, from 1. */
  readonly server: string;
  readonly number: number;
  /** Lamport's clock at that server: above those of all writes that it had, and that the session had seen. */
  readonly counter: number;
}

export interface SessionReadReply {
  /** null: never written, as far as this server knows. */
  readonly value: string | number | null;
  /** All that the server had when it answered. */
  readonly vector: VersionVector;
  /** Its Lamport clock. */
  readonly clock: number;
}

/** A write's place among those of its server, and its counter. */
export type Accepted = Pick<AcceptedWrite, 'server' | 'number' | 'counter'>;

export interface SessionServerProtocol {
  /** Refused with `behind` by a server that lacks some of `needs`. */
  read(request: { readonly key: string; readonly needs: VersionVector }): SessionReadReply;
  /** Likewise. Answers with the write's place among its server's. `session` and `seq` name it: a copy is accepted once. */
  write(request: {
    readonly key: string;
    readonly value: string | number;
    readonly needs: VersionVector;
    /** The session's Lamport clock: the write comes after all that it has read and written. */
    readonly clock: number;
    readonly session: string;
    readonly seq: number;
  }): Accepted;
  /** Anti-entropy: tell me what I lack. */
  ask(message: { readonly from: string; readonly vector: VersionVector }): void;
  /** In the order in which the sender came to know them. */
  tell(message: { readonly writes: readonly AcceptedWrite[] }): void;
}
