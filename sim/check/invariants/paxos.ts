/**
 * What Paxos and Multi-Paxos promise about their acceptors and learners (Lamport, "The part-time parliament", 1998, and "Paxos made
 * simple", 2001; quorums of two sizes: Howard, Malkhi and Spiegelman, "Flexible Paxos", 2016).
 *
 * A value is chosen in a slot when a quorum of acceptors has accepted it in one ballot, whether anybody knows or not: the votes
 * are counted as they are cast, and stay counted. From that follow the rules that keep the choice: promises never go back, also
 * across restarts; nothing is accepted below a promise, nor forgotten; a ballot has one value; every later ballot proposes what
 * was chosen before (P2b), whoever looks when; only what was chosen is learned, and slots are applied without gaps.
 *
 * An event costs a look at the slots that the view names as changed, by default at all that it has.
 */
import { canonicalJson } from '../../base/json.ts';
import { instantText, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { disjointQuorums } from '../quorum-intersection.ts';
import {
  isRunning,
  readNodes,
  sharedChecks,
  type Breaches,
  type Reading,
  type ReadingOptions,
} from './shared-reading.ts';

/** What an acceptor has accepted in a slot. Ballots are compared as numbers: of two proposers in one round, one is higher. */
export interface AcceptedValue {
  readonly ballot: number;
  /** Plain data. */
  readonly value: unknown;
}

/** A node as the checks see it: what it has told others, thus what is on its disk where it waits for that. */
export interface PaxosView {
  /** The highest ballot that it has promised; −1 for none. */
  readonly promised: number;
  /** By slot; in single-decree Paxos all is slot 0. Of slots that may have changed since the last event, or of all. */
  readonly accepted: Iterable<readonly [slot: number, accepted: AcceptedValue]>;
  /** Values that it takes for chosen; the same slots. Default: it learns nothing. */
  readonly learned?: Iterable<readonly [slot: number, value: unknown]>;
  /** All slots from 1 up to here are applied. Default: nothing is applied. */
  readonly appliedTo?: number;
  /** What it accepted in the slots up to here is gone, since all of them are applied. Default 0. */
  readonly compactedTo?: number;
}

export interface PaxosOptions<S> extends ReadingOptions {
  readonly view: (state: S) => PaxosView;
  /** Acceptors that make a choice: the quorum of phase 2. Default: a majority of the nodes. */
  readonly quorum?: number;
  /** The quorum of phase 1, where it is another. Default: the same. */
  readonly prepareQuorum?: number;
}

const PROMISES = 'promises never go back';
const BELOW = 'nothing is accepted below a promise';
const ONE_VALUE = 'one value a ballot';
const CHOSEN = 'one value is chosen a slot';
const LATER = 'later ballots keep the chosen value';
const LEARNED = 'only chosen values are learned';
const GAPS = 'slots are applied without gaps';
const QUORUMS = 'quorums of both phases intersect';

/** Each a check of its own; they share one reading of the states. */
export function paxosInvariants<S>(options: PaxosOptions<S>): readonly Check[] {
  const inEvents = ({ events }: PaxosReading<S>): string => `in ${events} events`;
  const ofChosen = ({ chosen, slots }: PaxosReading<S>): string => `${chosen} chosen in ${slots} slots`;
  return sharedChecks<PaxosReading<S>>({
    ...options,
    begin: (view, breaches) => new PaxosReading(options, view, breaches),
    properties: [
      {
        name: PROMISES,
        promise: 'no acceptor promises less, or forgets what it accepted, restarts included',
        held: inEvents,
      },
      { name: BELOW, promise: 'no acceptor accepts a ballot below one that it has promised', held: inEvents },
      { name: ONE_VALUE, promise: 'in one slot, no ballot has two values', held: ofChosen },
      {
        name: CHOSEN,
        promise: 'in each slot at most one value is ever accepted by a quorum in one ballot',
        held: ofChosen,
      },
      {
        name: LATER,
        promise: 'every ballot above one in which a value was chosen proposes that value',
        held: ofChosen,
      },
      { name: LEARNED, promise: 'what a node takes for chosen, a quorum has accepted', held: ofChosen },
      { name: GAPS, promise: 'a node applies a slot only when all before it are chosen', held: inEvents },
      { name: QUORUMS, promise: 'every quorum of phase 1 meets every quorum of phase 2', held: ({ sizes }) => sizes },
    ],
  });
}

interface Proposal {
  readonly ballot: number;
  readonly value: string;
  readonly node: string;
  readonly at: Micros;
  readonly voters: Set<string>;
}

interface Slot {
  readonly proposals: Proposal[];
  chosen: Proposal | undefined;
}

interface Acceptor {
  life: number;
  promised: number;
  applied: number;
  readonly accepted: Map<number, AcceptedValue>;
}

class PaxosReading<S> implements Reading {
  events = 0;
  chosen = 0;
  readonly sizes: string;
  private readonly options: PaxosOptions<S>;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  private readonly quorum: number;
  private readonly acceptors = new Map<string, Acceptor>();
  private readonly ledger = new Map<number, Slot>();

  constructor(options: PaxosOptions<S>, view: RunView, breaches: Breaches) {
    this.options = options;
    this.view = view;
    this.breaches = breaches;
    const names = readNodes(options, view);
    this.quorum = options.quorum ?? Math.floor(names.length / 2) + 1;
    const prepare = options.prepareQuorum ?? this.quorum;
    this.sizes = `${prepare} and ${this.quorum} of ${names.length}`;
    const apart = disjointQuorums(names.length, prepare, this.quorum);
    if (apart === undefined) return;
    const [read, write] = [apart.read, apart.write].map((set) => set.map((i) => names[i - 1] as string)) as [
      string[],
      string[],
    ];
    breaches.report(QUORUMS, {
      sentence: `{${read.join(', ')}} can promise and {${write.join(', ')}} accept without knowing of each other`,
      nodes: names,
      facts: { nodes: names.length, prepareQuorum: prepare, quorum: this.quorum },
    });
  }

  get slots(): number {
    return this.ledger.size;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    this.events++;
    const now = this.options.view(node.state as S);
    let acceptor = this.acceptors.get(node.id);
    if (acceptor === undefined) {
      acceptor = { life: node.life, promised: -1, applied: 0, accepted: new Map() };
      this.acceptors.set(node.id, acceptor);
    }
    const isReborn = acceptor.life !== node.life;
    if (isReborn) this.judgeMemory(node.id, acceptor, now);
    this.judgePromise(node.id, acceptor, now, isReborn);
    for (const [slot, accepted] of now.accepted) this.judgeAccepted(node.id, acceptor, slot, accepted);
    for (const [slot, value] of now.learned ?? []) this.judgeLearned(node.id, slot, textOf(value));
    this.judgeApplied(node.id, acceptor, now.appliedTo ?? 0, isReborn);
    acceptor.life = node.life;
    acceptor.promised = isReborn ? now.promised : Math.max(acceptor.promised, now.promised);
  }

  private judgePromise(id: string, { promised }: Acceptor, now: PaxosView, isReborn: boolean): void {
    if (now.promised >= promised) return;
    this.breaches.report(PROMISES, {
      sentence: `${id} had promised ballot ${promised}, and now only ${now.promised}${isReborn ? ', after a restart' : ''}`,
      nodes: [id],
      facts: { from: promised, to: now.promised, restarted: isReborn },
    });
  }

  /** After a restart, all that was accepted has to be there: whoever counted it will not ask again. */
  private judgeMemory(id: string, { accepted }: Acceptor, now: PaxosView): void {
    const left = new Map(now.accepted);
    for (const [slot, { ballot }] of accepted) {
      const found = left.get(slot);
      if (slot <= (now.compactedTo ?? 0) || (found !== undefined && found.ballot >= ballot)) continue;
      const what = found === undefined ? 'nothing' : `only ballot ${found.ballot}`;
      this.breaches.report(PROMISES, {
        sentence: `${id} had accepted ballot ${ballot} in slot ${slot}, and knows ${what} of it after a restart`,
        nodes: [id],
        facts: { slot, ballot, restarted: true },
      });
    }
  }

  private judgeAccepted(id: string, acceptor: Acceptor, slot: number, accepted: AcceptedValue): void {
    const before = acceptor.accepted.get(slot);
    const { ballot } = accepted;
    if (before !== undefined && before.ballot === ballot && before.value === accepted.value) return;
    const value = textOf(accepted.value);
    const isVote = before === undefined || before.ballot !== ballot || textOf(before.value) !== value;
    acceptor.accepted.set(slot, accepted);
    if (!isVote) return;
    if (ballot < acceptor.promised) {
      this.breaches.report(BELOW, {
        sentence: `${id} accepts ${value} in ballot ${ballot} for slot ${slot}, although it has promised ballot ${acceptor.promised}`,
        nodes: [id],
        facts: { slot, ballot, promised: acceptor.promised },
      });
    }
    this.vote(id, slot, ballot, value);
  }

  private vote(id: string, slot: number, ballot: number, value: string): void {
    let there = this.ledger.get(slot);
    if (there === undefined) this.ledger.set(slot, (there = { proposals: [], chosen: undefined }));
    let proposal = there.proposals.find((known) => known.ballot === ballot && known.value === value);
    if (proposal === undefined) {
      const twin = there.proposals.find((known) => known.ballot === ballot);
      if (twin !== undefined) this.reportTwin(slot, twin, id, value);
      proposal = { ballot, value, node: id, at: this.view.now, voters: new Set() };
      there.proposals.push(proposal);
      if (there.chosen !== undefined) this.judgeLater(slot, there.chosen, proposal);
    }
    proposal.voters.add(id);
    this.count(slot, there, proposal);
  }

  private reportTwin(slot: number, { ballot, node, value, at }: Proposal, id: string, other: string): void {
    this.breaches.report(ONE_VALUE, {
      sentence: `in ballot ${ballot} of slot ${slot}, ${node} accepted ${value} at ${instantText(at)}, and ${id} accepts ${other}`,
      nodes: [node, id],
      facts: { slot, ballot, values: [value, other] },
    });
  }

  private count(slot: number, there: Slot, proposal: Proposal): void {
    if (proposal.voters.size < this.quorum) return;
    const { chosen } = there;
    if (chosen === undefined) {
      there.chosen = proposal;
      this.chosen++;
      for (const other of there.proposals) this.judgeLater(slot, proposal, other);
      return;
    }
    if (chosen.value === proposal.value) return;
    this.breaches.report(CHOSEN, {
      sentence: `in slot ${slot}, {${[...chosen.voters].join(', ')}} chose ${chosen.value} in ballot ${chosen.ballot}, and {${[...proposal.voters].join(', ')}} choose ${proposal.value} in ballot ${proposal.ballot}`,
      nodes: [...chosen.voters, ...proposal.voters],
      facts: { slot, ballots: [chosen.ballot, proposal.ballot], values: [chosen.value, proposal.value] },
    });
  }

  private judgeLater(slot: number, chosen: Proposal, other: Proposal): void {
    if (other.ballot <= chosen.ballot || other.value === chosen.value) return;
    this.breaches.report(LATER, {
      sentence: `${chosen.value} was chosen in ballot ${chosen.ballot} of slot ${slot}, but ballot ${other.ballot} proposes ${other.value}: ${other.node} accepted it at ${instantText(other.at)}`,
      nodes: [...chosen.voters, other.node],
      facts: { slot, ballots: [chosen.ballot, other.ballot], values: [chosen.value, other.value] },
    });
  }

  private judgeLearned(id: string, slot: number, value: string): void {
    const chosen = this.ledger.get(slot)?.chosen;
    if (chosen?.value === value) return;
    const instead = chosen === undefined ? 'nothing is chosen there' : `${chosen.value} was chosen there`;
    this.breaches.report(LEARNED, {
      sentence: `${id} takes ${value} for chosen in slot ${slot}, but ${instead}`,
      nodes: [id, ...(chosen?.voters ?? [])],
      facts: { slot, learned: value, chosen: chosen?.value ?? null },
    });
  }

  private judgeApplied(id: string, acceptor: Acceptor, applied: number, isReborn: boolean): void {
    for (let slot = (isReborn ? 0 : acceptor.applied) + 1; slot <= applied; slot++) {
      if (this.ledger.get(slot)?.chosen !== undefined) continue;
      this.breaches.report(GAPS, {
        sentence: `${id} has applied all slots up to ${applied}, but nothing is chosen in slot ${slot}`,
        nodes: [id],
        facts: { slot, appliedTo: applied },
      });
      break;
    }
    acceptor.applied = applied;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : canonicalJson(value));
