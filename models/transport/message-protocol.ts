/** What numbered messages look like, and what receives them. */
import type { NodeRef } from '../../sim/index.ts';
import type { StreamProtocol } from './stream-state.ts';

/** Numbers count from 1 within a session: a connection, or all datagrams of one life of a sender. */
export interface NumberedMessage {
  readonly session: number;
  readonly number: number;
}

export interface MessageProtocol extends StreamProtocol {
  /** Without a connection: may be lost, come twice, or overtake others. */
  datagram(message: NumberedMessage & { readonly from: MessageRef }): void;
}

export type MessageRef = NodeRef<MessageProtocol>;

/** What it is called in the history, the same at both ends. */
export const messageName = (sender: string, { session, number }: NumberedMessage): string =>
  `${sender}/${session}/${number}`;
