/** Leaders and commits: what is committed stays so, for every server and every later leader (§5.4). */
import { instantText, type Micros } from '../../base/time.ts';
import { ancestor, type Entry } from './log-book.ts';
import { durableIndexOf, type RaftServer } from './raft-server.ts';
import type { RaftView } from './raft-view.ts';
import { COMPLETENESS, DURABLE, ELECTION_SAFETY, OWN_TERM, SNAPSHOTS, STATE_MACHINE } from './raft-properties.ts';
import type { Breaches } from './shared-reading.ts';

interface Committed {
  readonly entry: Entry;
  /** Who was the first to take it for committed, and when. */
  readonly node: string;
  readonly at: Micros;
  /** The lowest term in which a server took it for committed. */
  term: number;
}

interface Leader {
  readonly id: string;
  readonly since: Micros;
  /** The last entry of its log when it was elected. */
  readonly head: Entry | undefined;
}

interface Moment {
  readonly at: Micros;
  readonly isReborn: boolean;
  readonly voters: readonly (readonly string[])[] | undefined;
}

export class RaftCommits {
  private readonly breaches: Breaches;
  private readonly servers: ReadonlyMap<string, RaftServer>;
  /** By index. */
  private readonly chosen: (Committed | undefined)[] = [];
  private readonly byTerm = new Map<number, Leader>();
  private latestTerm = 0;
  committed = 0;

  constructor(breaches: Breaches, servers: ReadonlyMap<string, RaftServer>) {
    this.breaches = breaches;
    this.servers = servers;
  }

  get leaders(): number {
    return this.byTerm.size;
  }

  /** `voters`: of a leader that has committed something. */
  judge(
    server: RaftServer,
    now: RaftView,
    at: Micros,
    isReborn: boolean,
    voters: readonly (readonly string[])[] | undefined,
  ): void {
    const before = isReborn ? 0 : server.commitIndex;
    // Entries committed in this very event count before its election: an election is judged by what came earlier.
    if (now.role === 'leader') this.elected(server, now, at);
    if (now.commitIndex > before) this.advanced(server, now, before, { at, isReborn, voters });
    this.covered(server, now);
  }

  private elected(server: RaftServer, now: RaftView, at: Micros): void {
    const { term } = now;
    const known = this.byTerm.get(term);
    if (known !== undefined) {
      if (known.id !== server.id) this.reportTwoLeaders(known, server.id, term, at);
      return;
    }
    this.byTerm.set(term, { id: server.id, since: at, head: server.log.last });
    this.latestTerm = Math.max(this.latestTerm, term);
    let index = this.chosen.length - 1;
    while (index > 0 && (this.chosen[index]?.term ?? Infinity) >= term) index--;
    let missing: Committed | undefined;
    for (
      let found = this.chosen[index];
      found !== undefined && !server.log.holds(found.entry);
      found = this.chosen[--index]
    )
      if (found.term < term) missing = found;
    if (missing !== undefined) this.reportIncomplete(missing, { id: server.id, since: at, head: undefined }, term);
  }

  private advanced(server: RaftServer, now: RaftView, before: number, { at, isReborn, voters }: Moment): void {
    const leads = now.role === 'leader';
    const led = leads && server.isKnown && !isReborn && server.role === 'leader' && server.term === now.term;
    for (let index = before + 1; index <= now.commitIndex; index++) {
      const entry = server.log.at(index);
      // What a snapshot covers is judged by its last entry.
      if (entry === undefined) continue;
      const known = this.chosen[index];
      if (known === undefined) this.choose({ entry, node: server.id, at, term: now.term });
      else if (known.entry !== entry) this.reportTwoValues(known, entry, server.id);
      else known.term = Math.min(known.term, now.term);
    }
    if (!led) return;
    const top = server.log.at(now.commitIndex);
    if (top !== undefined && top.term !== now.term) this.reportOldTerm(server.id, top, now.term);
    if (top !== undefined && voters !== undefined) this.judgeDurable(server, now, top, voters);
  }

  private choose(committed: Committed): void {
    const { entry, term } = committed;
    this.chosen[entry.index] = committed;
    this.committed++;
    if (term >= this.latestTerm) return;
    // An old leader may count late answers after another has been elected; that one must have the entry then.
    for (const [later, leader] of this.byTerm) {
      if (later <= term || leader.head === undefined) continue;
      const there = leader.head.index < entry.index ? undefined : ancestor(leader.head, entry.index);
      const isHidden = there === undefined && leader.head.index >= entry.index;
      if (there !== entry && !isHidden) this.reportIncomplete(committed, leader, later);
    }
  }

  private judgeDurable(server: RaftServer, now: RaftView, top: Entry, voters: readonly (readonly string[])[]): void {
    const holds = (id: string): boolean => {
      if (id === server.id) return durableIndexOf(now) >= top.index;
      const other = this.servers.get(id);
      return other !== undefined && other.durableIndex >= top.index && other.log.holds(top);
    };
    for (const names of voters) {
      const holders = names.filter(holds);
      if (2 * holders.length > names.length) continue;
      this.breaches.report(DURABLE, {
        sentence: `${server.id}, leader of term ${now.term}, takes index ${top.index} for committed, but it is on the disks of {${holders.join(', ')}} only, of {${names.join(', ')}}`,
        nodes: [server.id, ...holders],
        facts: { index: top.index, term: now.term, holders, voters: names },
      });
    }
  }

  private covered(server: RaftServer, { snapshotIndex, snapshotTerm }: RaftView): void {
    if (snapshotIndex === 0) return;
    const known = this.chosen[snapshotIndex];
    const id = server.id;
    if (known === undefined && snapshotIndex >= this.chosen.length) {
      this.breaches.report(SNAPSHOTS, {
        sentence: `${id} has a snapshot up to index ${snapshotIndex}, but nobody has taken that index for committed`,
        nodes: [id],
        facts: { snapshotIndex, snapshotTerm },
      });
    } else if (known !== undefined && known.entry.term !== snapshotTerm) {
      this.breaches.report(SNAPSHOTS, {
        sentence: `${id} has a snapshot that ends with term ${snapshotTerm} at index ${snapshotIndex}, where ${known.node} committed an entry of term ${known.entry.term}`,
        nodes: [id, known.node],
        facts: { snapshotIndex, snapshotTerm, committedTerm: known.entry.term },
      });
    }
  }

  private reportTwoLeaders(known: Leader, id: string, term: number, at: Micros): void {
    this.breaches.report(ELECTION_SAFETY, {
      sentence: `${known.id} led in term ${term} from ${instantText(known.since)}, and ${id} leads in the same term at ${instantText(at)}`,
      nodes: [known.id, id],
      facts: { term, since: known.since },
    });
  }

  private reportIncomplete({ entry, node, at, term }: Committed, leader: Leader, ledTerm: number): void {
    this.breaches.report(COMPLETENESS, {
      sentence: `${leader.id}, leader of term ${ledTerm} since ${instantText(leader.since)}, lacks the entry of term ${entry.term} at index ${entry.index}, which ${node} took for committed in term ${term} at ${instantText(at)}`,
      nodes: [leader.id, node],
      facts: { index: entry.index, entryTerm: entry.term, committedTerm: term, leaderTerm: ledTerm, committedAt: at },
    });
  }

  private reportTwoValues(known: Committed, entry: Entry, id: string): void {
    const { index } = entry;
    const [one, other] = [known.entry, entry].map(({ term, command }) => `${command} of term ${term}`);
    this.breaches.report(STATE_MACHINE, {
      sentence: `${known.node} took ${one} for committed at index ${index} at ${instantText(known.at)}, and ${id} takes ${other}`,
      nodes: [known.node, id],
      facts: { index, terms: [known.entry.term, entry.term], since: known.at },
    });
  }

  private reportOldTerm(id: string, { index, term }: Entry, ledTerm: number): void {
    this.breaches.report(OWN_TERM, {
      sentence: `${id}, leader of term ${ledTerm}, takes its log for committed up to index ${index}, where the entry is of term ${term}`,
      nodes: [id],
      facts: { index, entryTerm: term, leaderTerm: ledTerm },
    });
  }
}
