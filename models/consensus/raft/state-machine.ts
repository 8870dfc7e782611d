/**
 * The replicated state machine: a key-value store, and the sessions of its clients (dissertation §6.3).
 *
 * Each update carries its session and a number in it; an update that its session has been past is not applied again, so that a
 * client may repeat what it got no answer to. Sessions are part of the replicated state: they are opened by an entry of the log,
 * and the one used longest ago gives way when there are too many, at the same entry on every server. An update of a session
 * that is gone is refused: nobody knows any more whether it has been applied.
 */
import { copyOf } from '../../../sim/index.ts';
import type { Command, StoredValue } from '../../replication/command.ts';
import type { LogEntry } from './raft-log.ts';

export interface Session {
  /** Number of the last update applied. */
  seq: number;
  /** Its answer. */
  applied: boolean;
  /** Index of the entry that used it last. */
  usedAt: number;
}

export interface StateMachine {
  values: Record<string, StoredValue>;
  sessions: Record<string, Session>;
}

export const emptyMachine = (): StateMachine => ({ values: {}, sessions: {} });

/** The name of the session that the entry at `index` opens. */
export const sessionName = (index: number): string => `#${index}`;

/** Applies one entry. `mostSessions` is the same on every server. */
export function apply(machine: StateMachine, { index, content }: LogEntry, mostSessions: number): void {
  if (content.kind === 'session') openSession(machine, index, mostSessions);
  else if (content.kind === 'command') applyOnce(machine, index, content.command);
}

function openSession({ sessions }: StateMachine, index: number, mostSessions: number): void {
  sessions[sessionName(index)] = { seq: 0, applied: false, usedAt: index };
  const names = Object.keys(sessions);
  if (names.length <= mostSessions) return;
  let oldest = names[0] as string;
  // No two sessions are used by one entry.
  for (const name of names)
    if ((sessions[name] as Session).usedAt < (sessions[oldest] as Session).usedAt) oldest = name;
  delete sessions[oldest];
}

function applyOnce(machine: StateMachine, index: number, command: Command): void {
  const session = machine.sessions[command.session];
  if (session === undefined) return;
  session.usedAt = index;
  if (session.seq >= command.seq) return;
  session.seq = command.seq;
  session.applied = change(machine, command);
}

function change({ values }: StateMachine, command: Command): boolean {
  const { key } = command;
  if (command.f === 'cas') {
    if ((values[key] ?? null) !== command.from) return false;
    values[key] = command.to;
  } else if (command.f === 'add') {
    const before = values[key];
    values[key] = [...(Array.isArray(before) ? (copyOf(before) as readonly (string | number)[]) : []), command.value];
  } else values[key] = command.value;
  return true;
}
