/**
 * What Raft promises about the states of its servers (Ongaro and Ousterhout, "In search of an understandable consensus
 * algorithm", 2014, figure 3 and §5), whatever happens to clocks, messages and processes:
 *
 * election safety; leader append-only; log matching; leader completeness; state-machine safety; and what they rest on: terms that
 * never go back and one vote a term, also across restarts; leaders that count copies only for entries of their own term (§5.4.2);
 * entries that are durable on a majority before they count as committed; snapshots of nothing but committed entries.
 *
 * A model shows each server as a RaftView. An event costs a few comparisons, and the entries that it has changed; an election
 * one comparison, whatever the length of the log (log-book.ts); a boot, and the end of the run, one look at the whole log.
 */
import type { Check, NodeView, RunView } from '../check.ts';
import { LogBook } from './log-book.ts';
import { judgeBallots } from './raft-ballots.ts';
import { RaftCommits } from './raft-commits.ts';
import { judgeLog } from './raft-log.ts';
import { RaftServer } from './raft-server.ts';
import { RAFT } from './raft-properties.ts';
import type { RaftView } from './raft-view.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

export interface RaftOptions<S> extends ReadingOptions {
  readonly view: (state: S) => RaftView;
  /**
   * The voters that a leader with this state needs a majority of, one list for each configuration that must agree (two in joint
   * consensus, §6). Default: nobody is asked, and durability on a majority is not judged.
   */
  readonly voters?: (state: S) => readonly (readonly string[])[];
}

/** The five properties of figure 3 and what they rest on, each a check of its own. They share one reading of the states. */
export function raftInvariants<S>(options: RaftOptions<S>): readonly Check[] {
  const { voters } = options;
  return sharedChecks<RaftReading<S>>({
    ...options,
    begin: (view, breaches) => new RaftReading(options, view, breaches),
    properties: RAFT.filter(({ needsVoters }) => needsVoters !== true || voters !== undefined).map((property) => ({
      name: property.name,
      promise: property.promise,
      held: (reading) => property.held(reading.counts),
    })),
  });
}

class RaftReading<S> implements Reading {
  readonly counts = { leaders: 0, entries: 0, committed: 0, events: 0 };
  private readonly options: RaftOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly book = new LogBook();
  private readonly servers = new Map<string, RaftServer>();
  private readonly commits: RaftCommits;

  constructor(options: RaftOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
    this.commits = new RaftCommits(breaches, this.servers);
  }

  handled(node: NodeView): void {
    if (isRunning(node)) this.read(node, false);
  }

  finish(): void {
    for (const node of this.view.nodes) if (this.servers.has(node.id) && isRunning(node)) this.read(node, true);
    this.counts.entries = this.book.size;
    this.counts.committed = this.commits.committed;
    this.counts.leaders = this.commits.leaders;
  }

  private read(node: NodeView, last: boolean): void {
    this.counts.events++;
    const now = this.options.view(node.state as S);
    let server = this.servers.get(node.id);
    if (server === undefined) this.servers.set(node.id, (server = new RaftServer(node.id, node.life, this.book)));
    const isReborn = server.life !== node.life;
    const at = this.view.now;
    const lost = server.log.follow(now.log, now.snapshotTerm, at, last || isReborn);
    judgeBallots(server, now, isReborn, this.breaches);
    judgeLog(server, now, isReborn ? undefined : lost, isReborn, this.book, this.breaches);
    const commits = now.role === 'leader' && now.commitIndex > server.commitIndex;
    this.commits.judge(server, now, at, isReborn, commits ? this.options.voters?.(node.state as S) : undefined);
    server.remember(now, node.life);
  }
}
