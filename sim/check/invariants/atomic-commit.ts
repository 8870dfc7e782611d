/**
 * What atomic commitment promises (Gray, 1978; Skeen, "Nonblocking commit protocols", 1981): all that decide a transaction decide
 * the same; it is committed only if all its participants voted yes; decisions are final, and a vote for it too, restarts
 * included; who has voted yes does not abort by itself.
 *
 * Two-phase commit may block: a participant that has voted yes waits for its coordinator. That is no violation while the
 * coordinator is down, and is told with the verdict. Three-phase commit must not block, whatever the coordinator does.
 *
 * An event costs a look at the transactions that the view names as changed, by default at all that the node has.
 */
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** `prepared`: it has voted yes. `precommitted`: it knows that all have (three phases). */
export type ParticipantState = 'working' | 'prepared' | 'precommitted' | 'committed' | 'aborted';

/** A node's part in transactions: what it has told others, thus what is on its disk where it waits for that. */
export interface CommitView {
  /** As participant, by transaction. Finished ones may be left out. */
  readonly takesPart?: Iterable<readonly [transaction: string, state: ParticipantState]>;
  /** As coordinator, by transaction. */
  readonly coordinates?: Iterable<readonly [transaction: string, part: Coordinated]>;
}

export interface Coordinated {
  /** Names of the nodes that have to agree. */
  readonly participants: readonly string[];
  /** undefined: not decided yet. */
  readonly decision?: 'commit' | 'abort' | undefined;
}

export interface AtomicCommitOptions<S> extends ReadingOptions {
  readonly view: (state: S) => CommitView;
  /** How long a participant may wait while its coordinator is up, faults not counted. Default: for ever. */
  readonly waitsAtMost?: Duration;
  /** Whether a participant may also wait while its coordinator is down. Default true (two phases); three phases: false. */
  readonly mayBlock?: boolean;
  /** No record of a transaction means that it was aborted, so that an abort leaves no trace. Default false. */
  readonly presumedAbort?: boolean;
}

const SAME = 'all decide the same';
const UNANIMOUS = 'committed only if all voted yes';
const FINAL = 'decisions and votes are final';
const ALONE = 'who voted yes does not abort by itself';
const WAITS = 'nobody waits for ever';

/** Each a check of its own; they share one reading of the states. */
export function atomicCommitInvariants<S>(options: AtomicCommitOptions<S>): readonly Check[] {
  const { waitsAtMost, mayBlock = true } = options;
  const bound = waitsAtMost === undefined ? undefined : parseDuration(waitsAtMost, 'atomicCommit: waitsAtMost');
  const decided = ({ decided: count }: CommitReading<S>): string => `${count} transactions decided`;
  return sharedChecks<CommitReading<S>>({
    ...options,
    begin: (view, breaches) => new CommitReading(options, bound, mayBlock, view, breaches),
    properties: [
      { name: SAME, promise: 'no two nodes decide a transaction differently', held: decided },
      { name: UNANIMOUS, promise: 'a transaction is committed only if all its participants voted yes', held: decided },
      {
        name: FINAL,
        promise: 'no decision, and no vote for a transaction, is taken back, restarts included',
        held: decided,
      },
      { name: ALONE, promise: 'who has voted yes aborts only when somebody has decided to', held: decided },
      {
        name: WAITS,
        kind: 'eventually',
        promise:
          bound === undefined
            ? 'who has voted yes learns the decision; who waits at the end is named'
            : `who has voted yes learns the decision within ${durationText(bound)}${mayBlock ? ' while its coordinator is up' : ''}`,
        held: ({ waiting }) => waiting,
      },
    ],
  });
}

interface Decision {
  readonly what: 'commit' | 'abort';
  readonly node: string;
  readonly at: Micros;
}

interface Transaction {
  first: Decision | undefined;
  aborted: Decision | undefined;
  coordinator: string | undefined;
  participants: readonly string[];
  readonly voted: Set<string>;
  readonly states: Map<string, { state: ParticipantState; since: Micros }>;
}

class CommitReading<S> implements Reading {
  decided = 0;
  waiting = 'nobody waits at the end';
  private readonly options: AtomicCommitOptions<S>;
  private readonly bound: Micros | undefined;
  private readonly mayBlock: boolean;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly transactions = new Map<string, Transaction>();
  private readonly lives = new Map<string, number>();
  private readonly upSince = new Map<string, Micros>();

  constructor(
    options: AtomicCommitOptions<S>,
    bound: Micros | undefined,
    mayBlock: boolean,
    view: RunView,
    breaches: Breaches,
  ) {
    this.options = options;
    this.bound = bound;
    this.mayBlock = mayBlock;
    this.view = view;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const { id, life } = node;
    const isReborn = this.lives.has(id) && this.lives.get(id) !== life;
    if (!this.lives.has(id) || isReborn) this.upSince.set(id, this.view.now);
    this.lives.set(id, life);
    const { takesPart = [], coordinates = [] } = this.options.view(node.state as S);
    const own = new Set<string>();
    for (const [name, part] of coordinates) this.coordinate(id, name, part);
    for (const [name, state] of takesPart) {
      if (isReborn) own.add(name);
      this.takePart(id, name, state);
    }
    if (isReborn) this.judgeMemory(id, own);
  }

  private of(name: string): Transaction {
    let found = this.transactions.get(name);
    if (found === undefined) {
      const fresh = { first: undefined, aborted: undefined, coordinator: undefined, participants: [] };
      this.transactions.set(name, (found = { ...fresh, voted: new Set(), states: new Map() }));
    }
    return found;
  }

  private coordinate(id: string, name: string, { participants, decision }: Coordinated): void {
    const transaction = this.of(name);
    transaction.coordinator ??= id;
    transaction.participants = participants;
    if (decision !== undefined) this.decide(transaction, name, { what: decision, node: id, at: this.view.now });
  }

  private takePart(id: string, name: string, state: ParticipantState): void {
    const transaction = this.of(name);
    const before = transaction.states.get(id);
    if (before?.state === state) return;
    if (before !== undefined) this.judgeChange(transaction, id, name, before.state, state);
    transaction.states.set(id, { state, since: this.view.now });
    if (state !== 'working' && state !== 'aborted') transaction.voted.add(id);
    if (state === 'committed' || state === 'aborted') {
      const what = state === 'committed' ? 'commit' : 'abort';
      this.decide(transaction, name, { what, node: id, at: this.view.now });
    }
  }

  private judgeChange(
    { aborted }: Transaction,
    id: string,
    name: string,
    before: ParticipantState,
    state: ParticipantState,
  ): void {
    const isBack =
      before === 'committed' || before === 'aborted' || (RANK[state] < RANK[before] && state !== 'aborted');
    if (isBack) {
      this.breaches.report(FINAL, {
        sentence: `${id} goes back from ${before} to ${state} in transaction ${name}`,
        nodes: [id],
        facts: { transaction: name, from: before, to: state },
      });
    } else if (state === 'aborted' && before !== 'working' && aborted === undefined && !this.options.presumedAbort) {
      this.breaches.report(ALONE, {
        sentence: `${id} has voted yes on transaction ${name}, and aborts it before anybody has decided to`,
        nodes: [id],
        facts: { transaction: name, from: before },
      });
    }
  }

  private decide(transaction: Transaction, name: string, decision: Decision): void {
    const { first } = transaction;
    if (decision.what === 'abort') transaction.aborted ??= decision;
    if (first === undefined) {
      transaction.first = decision;
      this.decided++;
    } else if (first.what !== decision.what) {
      this.breaches.report(first.node === decision.node ? FINAL : SAME, {
        sentence: `${first.node} decided to ${first.what} transaction ${name} at ${instantText(first.at)}, and ${decision.node} to ${decision.what} it`,
        nodes: [first.node, decision.node],
        facts: { transaction: name, decisions: [first.what, decision.what], since: first.at },
      });
    }
    if (decision.what !== 'commit') return;
    const missing = transaction.participants.filter((id) => !transaction.voted.has(id));
    if (missing.length === 0) return;
    this.breaches.report(UNANIMOUS, {
      sentence: `${decision.node} commits transaction ${name}, although {${missing.join(', ')}} never voted yes`,
      nodes: [decision.node, ...missing],
      facts: { transaction: name, missing, participants: transaction.participants },
    });
  }

  /** Who has voted yes and does not know the outcome must still know of its vote after a restart. */
  private judgeMemory(id: string, known: ReadonlySet<string>): void {
    for (const [name, { states }] of this.transactions) {
      const state = states.get(id)?.state;
      if ((state !== 'prepared' && state !== 'precommitted') || known.has(name)) continue;
      this.breaches.report(FINAL, {
        sentence: `${id} had voted yes on transaction ${name}, and knows nothing of it after a restart`,
        nodes: [id],
        facts: { transaction: name, from: state, restarted: true },
      });
    }
  }

  finish(): void {
    const blocked: string[] = [];
    for (const [name, transaction] of this.transactions) {
      for (const [id, { state, since }] of transaction.states) {
        if (state !== 'prepared' && state !== 'precommitted') continue;
        const node = this.view.node(id);
        if (!isRunning(node)) continue;
        blocked.push(`${id} in ${name}`);
        this.judgeWait(transaction, name, id, since);
      }
    }
    if (blocked.length > 0)
      this.waiting = `waiting at the end: ${blocked.slice(0, 5).join(', ')}${more(blocked.length)}`;
  }

  private judgeWait({ coordinator }: Transaction, name: string, id: string, since: Micros): void {
    const { bound, view } = this;
    if (bound === undefined || coordinator === undefined || view.healedAt === undefined) return;
    const isUp = isRunning(view.node(coordinator));
    if (!isUp && this.mayBlock) return;
    // The bound counts from when all that the decision needs was there.
    const from = Math.max(
      since,
      view.healedAt,
      this.upSince.get(id) ?? 0,
      isUp ? (this.upSince.get(coordinator) ?? 0) : 0,
    );
    if (view.end - from <= bound) return;
    this.breaches.report(WAITS, {
      sentence: `${id} has voted yes on transaction ${name} and waits for the decision since ${instantText(since)}, although its coordinator ${coordinator} is ${isUp ? 'up' : 'down and it should not need it'}`,
      nodes: [id, coordinator],
      facts: { transaction: name, since, coordinatorUp: isUp },
    });
  }
}

const RANK: Readonly<Record<ParticipantState, number>> = {
  working: 0,
  prepared: 1,
  precommitted: 2,
  committed: 3,
  aborted: 3,
};
const more = (count: number): string => (count > 5 ? ` and ${count - 5} more` : '');
