/** What a work queue is made of: its messages, and what of them is on the disk. */
import type { Context, DiskView } from '../../sim/index.ts';

export interface QueuedMessage {
  /** Given by the producer; unique. */
  readonly id: string;
  readonly body: unknown;
  /** Higher goes first; 0 in a group. */
  readonly priority: number;
  /** Messages of one group are delivered one after the other; '' for none. */
  readonly group: string;
  /** Order of arrival. */
  readonly sequence: number;
  /** Deliveries so far. */
  attempts: number;
}

/** A message that a consumer has and has not acknowledged. */
export interface Delivery {
  readonly message: QueuedMessage;
  readonly consumer: string;
  /** Names this delivery: an acknowledgement with an older receipt is refused. */
  readonly receipt: number;
  /** When it is given to somebody else, on the broker's monotonic clock. */
  readonly visibleAt: number;
}

/** What a consumer is given. */
export interface Delivered {
  readonly id: string;
  readonly body: unknown;
  readonly receipt: number;
  /** 1 for the first delivery, as far as the broker remembers. */
  readonly attempt: number;
}

/** The last request of a session, and what it has been answered. */
export interface LastReceive {
  readonly seq: number;
  readonly answer: Delivered | 'none' | 'waits';
}

export interface QueueState {
  /** Waiting, in the order in which they will be delivered. */
  ready: QueuedMessage[];
  /** By message id. */
  inFlight: Record<string, Delivery>;
  /** By session: one for each worker of a consumer, until that crashes. */
  sessions: Record<string, LastReceive>;
  /** Given up after too many deliveries. */
  dead: QueuedMessage[];
  /** Ids of all messages that are ready, in flight or dead. */
  known: Set<string>;
  /** Ids of messages acknowledged lately, oldest first: published again they are not queued again. */
  finished: Set<string>;
  /** Messages that have ever been queued, for the order of arrival. */
  arrivals: number;
  receipts: number;
  /** Journal records written in this life, and how many of them are on disk. */
  written: number;
  synced: number;
  /** Its disk has failed to sync: it accepts nothing until it is restarted. */
  broken: boolean;
}

export type QueueContext = Context<QueueState>;

/** One record of the broker's journal. */
export type JournalRecord =
  | { readonly event: 'published'; readonly message: QueuedMessage }
  | { readonly event: 'delivered' | 'finished' | 'dead'; readonly id: string };

export const JOURNAL = 'journal';

export const emptyQueue = (): QueueState => ({
  ready: [],
  inFlight: {},
  sessions: {},
  dead: [],
  known: new Set(),
  finished: new Set(),
  arrivals: 0,
  receipts: 0,
  written: 0,
  synced: 0,
  broken: false,
});

/** Puts a message in its place: by priority, then by arrival. */
export function enqueue(ready: QueuedMessage[], message: QueuedMessage): void {
  let at = ready.length;
  while (at > 0) {
    const before = ready[at - 1] as QueuedMessage;
    if (
      before.priority > message.priority ||
      (before.priority === message.priority && before.sequence < message.sequence)
    )
      break;
    at--;
  }
  ready.splice(at, 0, message);
}

/** Remembers a finished message, and forgets the oldest beyond `window`. */
export function finishedWith(state: QueueState, id: string, window: number): void {
  state.known.delete(id);
  state.finished.add(id);
  for (const oldest of state.finished) {
    if (state.finished.size <= window) break;
    state.finished.delete(oldest);
  }
}

/** The queue that the journal tells of. Deliveries that were under way are ready again: nobody knows what became of them. */
export function recoveredQueue(disk: DiskView, window: number, ctx: QueueContext): QueueState {
  const state = emptyQueue();
  const journal = disk.log<JournalRecord>(JOURNAL);
  ctx.disk.truncate(JOURNAL, journal.length);
  const open = new Map<string, QueuedMessage>();
  for (const record of journal) {
    if (record.event === 'published') {
      open.set(record.message.id, record.message);
      state.arrivals = Math.max(state.arrivals, record.message.sequence);
      continue;
    }
    const message = open.get(record.id);
    // A crash can keep a later record and lose an earlier one; a message that is not there cannot be finished.
    if (record.event === 'finished') finishedWith(state, record.id, window);
    if (message === undefined) continue;
    if (record.event === 'delivered') message.attempts++;
    else {
      open.delete(record.id);
      if (record.event === 'dead') state.dead.push(message);
    }
  }
  for (const message of open.values()) enqueue(state.ready, message);
  for (const { id } of [...state.ready, ...state.dead]) state.known.add(id);
  return state;
}
