/**
 * The state machine that a replicated log makes: a key-value store, and the sessions of its clients (Raft dissertation §6.3).
 *
 * Each update carries its session and a number in it; an update that its session has been past is not applied again, so that a
 * client may repeat what it got no answer to. Sessions are part of the replicated state: they are opened by an entry of the log,
 * and the one used longest ago gives way when there are too many, at the same entry on every server. An update of a session
 * that is gone is refused: nobody knows any more whether it has been applied.
 */
import { canonicalJson, reject } from '../../sim/index.ts';
import { change } from './changed.ts';
import type { Command, StoredValue, UpdateReply } from './command.ts';

/** What an entry asks of the machine. */
export type MachineInput =
  /** Nothing: a new leader's first entry, or one that fills a gap. */
  | { readonly kind: 'none' }
  | { readonly kind: 'command'; readonly command: Command }
  /** Opens a session, named by the entry's index. */
  | { readonly kind: 'session' };

export interface Session {
  /** Number of the last update applied. */
  seq: number;
  /** Its answer. */
  applied: boolean;
  /** Index of the entry that used it last. */
  usedAt: number;
}

export interface SessionMachine {
  values: Record<string, StoredValue>;
  sessions: Record<string, Session>;
}

export const emptyMachine = (): SessionMachine => ({ values: {}, sessions: {} });

/** The machine as text, for a snapshot. */
export const textOf = (machine: SessionMachine): string => canonicalJson(machine);

/** The machine that a snapshot holds. */
export const restored = ({ text }: { readonly text: string }): SessionMachine => JSON.parse(text) as SessionMachine;

/** The name of the session that the entry at `index` opens. */
export const sessionName = (index: number): string => `#${index}`;

/** Applies the entry at `index`. `mostSessions` is the same on every server. */
export function apply(machine: SessionMachine, index: number, input: MachineInput, mostSessions: number): void {
  if (input.kind === 'session') openSession(machine, index, mostSessions);
  else if (input.kind === 'command') applyOnce(machine, index, input.command);
}

/** Whether the command has been applied already: its answer was lost on its way. */
export const isApplied = ({ sessions }: SessionMachine, { session, seq }: Command): boolean =>
  sessions[session]?.seq === seq;

/** What applying the command has answered. Refuses, indefinitely, when the session knows that no more. */
export function answerTo({ sessions }: SessionMachine, { session: name, seq }: Command): UpdateReply {
  const session = sessions[name];
  // An earlier attempt may have been applied while the session was there.
  if (session === undefined)
    throw reject('session-expired', `session ${name} is not there (any more)`, undefined, false);
  if (session.seq !== seq)
    throw reject('superseded', `session ${name} has gone on to ${session.seq}`, undefined, false);
  return { applied: session.applied };
}

function openSession({ sessions }: SessionMachine, index: number, mostSessions: number): void {
  sessions[sessionName(index)] = { seq: 0, applied: false, usedAt: index };
  const names = Object.keys(sessions);
  if (names.length <= mostSessions) return;
  let oldest = names[0] as string;
  // No two sessions are used by one entry.
  for (const name of names)
    if ((sessions[name] as Session).usedAt < (sessions[oldest] as Session).usedAt) oldest = name;
  delete sessions[oldest];
}

function applyOnce(machine: SessionMachine, index: number, command: Command): void {
  const session = machine.sessions[command.session];
  if (session === undefined) return;
  session.usedAt = index;
  if (session.seq >= command.seq) return;
  session.seq = command.seq;
  session.applied = change(machine, command);
}
