/**
 * Raft without messages: servers whose states change by the rules of the paper, each change at one instant, in an order that
 * is drawn. Every rule can be switched off.
 */
import { raftInvariants, type Check, type RaftRole, type RaftView } from '../../sim/index.ts';
import { numbers } from './register-histories.ts';
import { Stage } from './stage.ts';

export interface ToyEntry {
  readonly term: number;
  readonly command: string;
}

export interface ToyServer {
  readonly term: number;
  readonly role: RaftRole;
  readonly votedFor: string | null;
  readonly log: readonly ToyEntry[];
  readonly commit: number;
  readonly applied: number;
  readonly snapshot: number;
  /** Term of the entry at `snapshot`. */
  readonly snapshotTerm?: number;
  readonly durable?: RaftView['durable'];
}

export const FRESH: ToyServer = {
  term: 0,
  role: 'follower',
  votedFor: null,
  log: [],
  commit: 0,
  applied: 0,
  snapshot: 0,
};

/** `log` is the whole log from index 1; what the snapshot covers is not shown. */
export const toyView = (server: ToyServer): RaftView => ({
  term: server.term,
  role: server.role,
  votedFor: server.votedFor,
  log: {
    firstIndex: server.snapshot + 1,
    lastIndex: server.log.length,
    termAt: (i) => (server.log[i - 1] as ToyEntry).term,
    commandAt: (i) => (server.log[i - 1] as ToyEntry).command,
  },
  commitIndex: server.commit,
  appliedIndex: server.applied,
  snapshotIndex: server.snapshot,
  snapshotTerm: server.snapshotTerm ?? server.log[server.snapshot - 1]?.term ?? 0,
  ...(server.durable === undefined ? {} : { durable: server.durable }),
});

export const toyChecks = (voters: readonly string[]): readonly Check[] =>
  raftInvariants<ToyServer>({ view: toyView, voters: () => [voters] });

/** Rules that can be left out. */
export type Rule =
  | 'vote once'
  | 'keep vote'
  | 'keep term'
  | 'up to date'
  | 'majority'
  | 'match before'
  | 'own term'
  | 'append only'
  | 'committed only';

const termOf = (log: readonly ToyEntry[], index: number): number => log[index - 1]?.term ?? 0;

export class ToyRaft {
  readonly stage: Stage;
  private readonly names: readonly string[];
  private readonly servers: ToyServer[];
  private readonly below: (bound: number) => number;
  private readonly without: Rule | undefined;
  private commands = 0;

  constructor(seed: number, size: number, without?: Rule) {
    this.names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
    this.servers = this.names.map(() => FRESH);
    this.below = numbers(seed);
    this.without = without;
    this.stage = new Stage(toyChecks(this.names), { nodes: this.names });
  }

  steps(count: number): this {
    for (let i = 0; i < count; i++) this.step();
    return this;
  }

  private obeys(rule: Rule): boolean {
    return this.without !== rule || this.below(3) > 0;
  }

  private server(i: number): ToyServer {
    return this.servers[i] as ToyServer;
  }

  private change(i: number, change: Partial<ToyServer>): void {
    this.servers[i] = { ...this.server(i), ...change };
    this.stage.set(this.names[i] as string, this.servers[i]);
  }

  private step(): void {
    const kind = this.below(20);
    const latest = Math.max(...this.servers.map(({ term }) => term));
    const leader = this.servers.findIndex(({ role, term }) => role === 'leader' && term === latest);
    const i = leader >= 0 && kind > 0 && this.below(4) > 0 ? leader : this.below(this.servers.length);
    if (kind < 1) this.elect(i);
    else if (kind < 5) this.append(i);
    else if (kind < 12) this.replicate(i, this.below(this.servers.length));
    else if (kind < 15) this.commit(i);
    else if (kind < 17) this.learn(i, this.below(this.servers.length));
    else if (kind < 18 || this.below(4) > 0) this.compact(i);
    else this.restart(this.below(this.servers.length));
  }

  private elect(i: number): void {
    const candidate = this.server(i);
    const term = candidate.term + 1;
    const name = this.names[i] as string;
    this.change(i, { term, role: 'candidate', votedFor: name });
    let votes = 1;
    for (let j = 0; j < this.servers.length; j++) {
      const voter = this.server(j);
      if (j === i || this.below(3) === 0 || voter.term > term) continue;
      const isFree = voter.term < term || voter.votedFor === null;
      if (!isFree && this.obeys('vote once')) continue;
      const [own, other] = [termOf(candidate.log, candidate.log.length), termOf(voter.log, voter.log.length)];
      const isRecent = own > other || (own === other && candidate.log.length >= voter.log.length);
      if (!isRecent && this.obeys('up to date')) continue;
      this.change(j, { term, role: 'follower', votedFor: name });
      votes++;
    }
    if (2 * votes > this.servers.length || !this.obeys('majority')) this.change(i, { role: 'leader' });
  }

  private append(i: number): void {
    const { role, log, term } = this.server(i);
    if (role !== 'leader') return;
    const kept = this.obeys('append only') ? log : log.slice(0, -1);
    this.change(i, { log: [...kept, { term, command: `c${++this.commands}` }] });
  }

  private replicate(i: number, j: number): void {
    const leader = this.server(i);
    const follower = this.server(j);
    if (i === j || leader.role !== 'leader' || follower.term > leader.term) return;
    let match = Math.min(leader.log.length, follower.log.length);
    while (match > 0 && termOf(leader.log, match) !== termOf(follower.log, match) && this.obeys('match before'))
      match--;
    const { term } = leader;
    const votedFor = follower.term === term ? follower.votedFor : null;
    const sent = leader.log.slice(match, match + 1 + this.below(3));
    const keeps = sent.every((entry, k) => termOf(follower.log, match + 1 + k) === entry.term);
    const log = keeps ? follower.log : [...follower.log.slice(0, match), ...sent];
    if (match < follower.snapshot) return;
    this.change(j, { term, role: 'follower', votedFor, log });
  }

  private commit(i: number): void {
    const { role, log, term, commit } = this.server(i);
    if (role !== 'leader') return;
    for (let index = log.length; index > commit; index--) {
      const holders = this.servers.filter(
        (other) => termOf(other.log, index) === termOf(log, index) && other.log.length >= index,
      );
      if (termOf(log, index) !== term && this.obeys('own term')) continue;
      if (2 * holders.length <= this.servers.length && this.obeys('majority')) continue;
      this.change(i, { commit: index, applied: index });
      return;
    }
  }

  private learn(i: number, j: number): void {
    const leader = this.server(i);
    const follower = this.server(j);
    if (leader.role !== 'leader' || follower.role !== 'follower' || follower.term !== leader.term) return;
    let match = 0;
    while (match < follower.log.length && termOf(follower.log, match + 1) === termOf(leader.log, match + 1)) match++;
    const commit = Math.min(match, leader.commit);
    if (commit > follower.commit) this.change(j, { commit, applied: commit });
  }

  private compact(i: number): void {
    const { applied, log } = this.server(i);
    const snapshot = this.obeys('committed only') ? applied : log.length;
    if (snapshot > this.server(i).snapshot) this.change(i, { snapshot });
  }

  private restart(i: number): void {
    const { term, votedFor, snapshot } = this.server(i);
    this.stage.crash(this.names[i] as string);
    this.change(i, {
      role: 'follower',
      term: this.obeys('keep term') ? term : Math.max(0, term - 1),
      votedFor: this.obeys('keep vote') ? votedFor : null,
      commit: snapshot,
      applied: snapshot,
    });
  }
}
