/** Raft's messages in a line each, for interaction files. */
import type {
  AppendEntries,
  Appended,
  ChunkInstalled,
  SnapshotChunk,
  TimeoutNow,
  Vote,
  VoteRequest,
} from '../../../models/consensus/raft/raft-protocol.ts';

export type AnyMessage = VoteRequest | Vote | AppendEntries | Appended | SnapshotChunk | ChunkInstalled | TimeoutNow;

export const senderOf = (message: AnyMessage): string =>
  'candidate' in message ? message.candidate : 'leader' in message ? message.leader : message.from;

const place = ({ index, term }: { readonly index: number; readonly term: number }): string => `${index}/${term}`;

const texts: Readonly<Record<string, (message: never) => string>> = {
  requestVote: ({ term, last, trial, transfer }: VoteRequest) =>
    `${trial ? 'asks about' : 'stands for'} term ${term}, log ends ${place(last)}${transfer ? ', handed over' : ''}`,
  vote: ({ asked, term, granted, trial }: Vote) =>
    `${trial ? 'would vote' : 'votes'} ${granted ? 'yes' : 'no'} in term ${asked}${granted || term === asked ? '' : `, is in ${term}`}`,
  append: ({ term, previous, entries, commit }: AppendEntries) =>
    `append term ${term} after ${place(previous)}: ${entries.length === 0 ? 'nothing' : entries.map(place).join(' ')}, commit ${commit}`,
  appended: ({ asked, term, matched, conflict }: Appended) =>
    matched !== null
      ? `has ${matched}`
      : conflict === null
        ? `refuses term ${asked}, is in ${term}`
        : `lacks ${conflict.refused}, look at ${place(conflict.hint)}${conflict.lost ? ', has lost entries' : ''}`,
  install: ({ last, offset, text, done }: SnapshotChunk) =>
    `snapshot ${place(last)} from ${offset}: ${text.length} characters${done ? ', the last' : ''}`,
  installed: ({ index, offset, done }: ChunkInstalled) => `snapshot ${index}: ${done ? 'done' : `has ${offset}`}`,
  timeoutNow: ({ term }: TimeoutNow) => `stand now, after term ${term}`,
};

export const messageText = (name: string, message: AnyMessage): string => texts[name]?.(message as never) ?? name;
