/**
 * What primary-backup replication promises (Alsberg and Day, 1976; with epochs as in viewstamped replication, Oki and Liskov, 1988):
 * one primary an epoch; epochs never go back; what was acknowledged is on every replica that the primary waits for, and in
 * every later primary. And what a chain promises (van Renesse and Schneider, 2004): nobody has what its predecessor has not.
 *
 * Logs are compared by identity (log-book.ts): an event costs a few comparisons and the entries that it has changed.
 */
import { instantText, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { FollowedLog, LogBook, type Entry, type LogView } from './log-book.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** A replica as the checks see it. */
export interface PrimaryBackupView {
  /** What it has told others, thus what is on its disk where it waits for that. */
  readonly epoch: number;
  readonly isPrimary: boolean;
  /** `termAt`: the epoch in which an entry was made. */
  readonly log: LogView;
  /** As primary: it has told clients that the entries up to here are done. */
  readonly acknowledged: number;
  /** As primary: the replicas, itself not counted, that must have an entry before it is acknowledged. */
  readonly inSync: readonly string[];
  /** Its log would outlive a crash up to here. Default: to its end. */
  readonly durableIndex?: number;
}

export interface PrimaryBackupOptions<S> extends ReadingOptions {
  /** Undefined: it takes no part for now, as after a restart that has not shown it its epoch yet. */
  readonly view: (state: S) => PrimaryBackupView | undefined;
}

const PRIMARY = 'one primary an epoch';
const EPOCHS = 'epochs never go back';
const COPIES = 'acknowledged entries are on every in-sync replica';
const INHERITS = 'a new primary has all that was acknowledged';
const AGREE = 'copies of an entry agree';

/** Each a check of its own; they share one reading of the states. */
export function primaryBackupInvariants<S>(options: PrimaryBackupOptions<S>): readonly Check[] {
  const primaries = ({ primaries: found }: PrimaryReading<S>): string => `${found} epochs with a primary`;
  const acknowledged = ({ acknowledged: count }: PrimaryReading<S>): string => `${count} entries acknowledged`;
  return sharedChecks<PrimaryReading<S>>({
    ...options,
    begin: (view, breaches) => new PrimaryReading(options, view, breaches),
    properties: [
      { name: PRIMARY, promise: 'in each epoch at most one replica is ever primary', held: primaries },
      { name: EPOCHS, promise: 'no replica goes back to an earlier epoch, restarts included', held: primaries },
      {
        name: COPIES,
        promise: 'what the primary acknowledges is durable on all that it waits for',
        held: acknowledged,
      },
      {
        name: INHERITS,
        promise: 'what an epoch acknowledged is in the logs of all later primaries',
        held: acknowledged,
      },
      {
        name: AGREE,
        promise: 'logs with an entry of the same index and epoch are the same up to it',
        held: acknowledged,
      },
    ],
  });
}

interface Member {
  life: number;
  epoch: number;
  acknowledged: number;
  durable: number;
  readonly log: FollowedLog;
}

class PrimaryReading<S> implements Reading {
  acknowledged = 0;
  private readonly options: PrimaryBackupOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly book = new LogBook();
  private readonly members = new Map<string, Member>();
  private readonly byEpoch = new Map<number, { readonly id: string; readonly since: Micros }>();
  /** By epoch: the last entry that its primary acknowledged. */
  private readonly last = new Map<number, { readonly entry: Entry; readonly id: string; readonly at: Micros }>();

  constructor(options: PrimaryBackupOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
  }

  get primaries(): number {
    return this.byEpoch.size;
  }

  handled(node: NodeView): void {
    if (isRunning(node)) this.read(node, false);
  }

  finish(): void {
    for (const node of this.view.nodes) if (this.members.has(node.id) && isRunning(node)) this.read(node, true);
  }

  private read(node: NodeView, last: boolean): void {
    const now = this.options.view(node.state as S);
    if (now === undefined) return;
    const { id } = node;
    let member = this.members.get(id);
    if (member === undefined) {
      member = { life: node.life, epoch: -Infinity, acknowledged: 0, durable: 0, log: new FollowedLog(this.book, id) };
      this.members.set(id, member);
    }
    const isReborn = member.life !== node.life;
    member.log.follow(now.log, 0, this.view.now, last || isReborn);
    member.durable = Math.min(now.durableIndex ?? now.log.lastIndex, now.log.lastIndex);
    this.judgeEpoch(id, member, now, isReborn);
    if (now.isPrimary) this.judgePrimary(id, member, now);
    if (now.isPrimary && now.acknowledged > (isReborn ? 0 : member.acknowledged)) this.judgeCopies(id, member, now);
    this.judgeClash();
    member.life = node.life;
    member.epoch = now.epoch;
    member.acknowledged = now.isPrimary ? now.acknowledged : 0;
  }

  private judgeEpoch(id: string, member: Member, now: PrimaryBackupView, isReborn: boolean): void {
    if (now.epoch >= member.epoch) return;
    this.breaches.report(EPOCHS, {
      sentence: `${id} goes back from epoch ${member.epoch} to epoch ${now.epoch}${isReborn ? ' after a restart' : ''}`,
      nodes: [id],
      facts: { from: member.epoch, to: now.epoch, restarted: isReborn },
    });
  }

  private judgePrimary(id: string, { log }: Member, { epoch }: PrimaryBackupView): void {
    const at = this.view.now;
    const known = this.byEpoch.get(epoch);
    if (known !== undefined) {
      if (known.id === id) return;
      this.breaches.report(PRIMARY, {
        sentence: `${known.id} was primary of epoch ${epoch} from ${instantText(known.since)}, and ${id} is at ${instantText(at)}`,
        nodes: [known.id, id],
        facts: { epoch, since: known.since },
      });
      return;
    }
    this.byEpoch.set(epoch, { id, since: at });
    for (const [earlier, { entry, id: other, at: when }] of this.last) {
      if (earlier >= epoch || log.holds(entry)) continue;
      this.breaches.report(INHERITS, {
        sentence: `${id} is primary of epoch ${epoch} without the entry at index ${entry.index}, which ${other} acknowledged in epoch ${earlier} at ${instantText(when)}`,
        nodes: [id, other],
        facts: { epoch, acknowledgedIn: earlier, index: entry.index, acknowledgedAt: when },
      });
    }
  }

  private judgeCopies(id: string, { log }: Member, now: PrimaryBackupView): void {
    const entry = log.at(now.acknowledged);
    if (entry === undefined) return;
    const { epoch, inSync } = now;
    this.acknowledged += Math.max(0, entry.index - (this.last.get(epoch)?.entry.index ?? 0));
    this.last.set(epoch, { entry, id, at: this.view.now });
    const lacking = inSync.filter((other) => {
      const member = this.members.get(other);
      return other !== id && (member === undefined || member.durable < entry.index || !member.log.holds(entry));
    });
    if (lacking.length === 0) return;
    this.breaches.report(COPIES, {
      sentence: `${id}, primary of epoch ${epoch}, acknowledges the entry at index ${entry.index}, which {${lacking.join(', ')}} of the in-sync {${inSync.join(', ')}} lack on disk`,
      nodes: [id, ...lacking],
      facts: { epoch, index: entry.index, lacking },
    });
  }

  private judgeClash(): void {
    const { clash } = this.book;
    if (clash === undefined) return;
    const { one, other } = clash;
    this.breaches.report(AGREE, {
      sentence: `${one.node} and ${other.node} both have an entry of epoch ${other.term} at index ${other.index}, but it, or something before it, differs`,
      nodes: [one.node, other.node],
      facts: { index: other.index, epoch: other.term },
    });
  }
}

export interface ChainOptions<S> extends ReadingOptions {
  /** What a replica has, oldest first. Entries need no epochs: `termAt` may always be 0. */
  readonly log: (state: S) => LogView;
  /** The chain at this moment, head first; replicas that are not in it are left out. */
  readonly chain: (view: RunView) => readonly string[];
}

const SHRINKS = 'nobody in the chain has what its predecessor has not';

/** Chain replication: each replica's history is a prefix of its predecessor's, so that the tail has only what all have. */
export function chainInvariants<S>(options: ChainOptions<S>): readonly Check[] {
  return sharedChecks<ChainReading<S>>({
    ...options,
    begin: (view, breaches) => new ChainReading(options, view, breaches),
    properties: [
      {
        name: SHRINKS,
        promise: 'each replica’s history is a prefix of its predecessor’s',
        held: ({ comparisons }) => `in ${comparisons} comparisons`,
      },
    ],
  });
}

class ChainReading<S> implements Reading {
  comparisons = 0;
  private readonly options: ChainOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly book = new LogBook();
  private readonly logs = new Map<string, { life: number; readonly log: FollowedLog }>();

  constructor(options: ChainOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    let known = this.logs.get(node.id);
    if (known === undefined) {
      known = { life: node.life, log: new FollowedLog(this.book, node.id) };
      this.logs.set(node.id, known);
    }
    known.log.follow(this.options.log(node.state as S), 0, this.view.now, known.life !== node.life);
    known.life = node.life;
    const chain = this.options.chain(this.view);
    const place = chain.indexOf(node.id);
    if (place > 0) this.compare(chain[place - 1] as string, node.id);
    if (place >= 0 && place + 1 < chain.length) this.compare(node.id, chain[place + 1] as string);
  }

  private compare(before: string, after: string): void {
    const [longer, shorter] = [this.logs.get(before)?.log, this.logs.get(after)?.log];
    const last = shorter?.last;
    if (longer === undefined || last === undefined || last.index === 0) return;
    this.comparisons++;
    if (longer.holds(last)) return;
    this.breaches.report(SHRINKS, {
      sentence: `${after} has ${last.command} at index ${last.index}, which ${before}, its predecessor in the chain, has not`,
      nodes: [before, after],
      facts: { index: last.index, predecessorEndsAt: longer.lastIndex },
    });
  }
}
