/** What a server of single-decree Paxos is made of, what the servers say to each other, and how a group is set up. */
import {
  ConfigError,
  ms,
  oneOf,
  parseDuration,
  parsePeriod,
  type Context,
  type Duration,
  type Micros,
  type NodeRef,
} from '../../../sim/index.ts';
import type { AcceptedValue, PaxosView } from '../../../sim/index.ts';
import { eachOnce } from '../../replication/each-once.ts';
import { NO_BALLOT } from './ballots.ts';
import { quorumSizes, type QuorumOptions, type QuorumSizes } from './quorum-sizes.ts';

export interface SingleDecreeProtocol {
  /** Asks the receiver to have a value chosen for the decree; answers with the one that was. */
  propose(request: DecreeProposal): { readonly value: string };
  /** Phase 1a and 1b. Refused with `promised` (detail: `{ promised: number }`). */
  prepare(request: { readonly decree: string; readonly ballot: number }): DecreePromise;
  /** Phase 2a and 2b. Refused with `promised` (detail: `{ promised: number }`). */
  accept(request: DecreeProposal & { readonly ballot: number }): { readonly accepted: true };
  /** The distinguished learner tells the others ("Paxos made simple", §2.3). */
  learn(decision: DecreeProposal): void;
}

export interface DecreeProposal {
  /** Which decree: each is decided for itself. */
  readonly decree: string;
  readonly value: string;
}

/** A vote that the acceptor has cast, if any. */
export interface DecreePromise {
  readonly vote: DecreeVote | null;
}

export interface DecreeVote {
  readonly ballot: number;
  readonly value: string;
}

export interface SingleDecreeOptions extends QuorumOptions {
  /** All servers, each once; each is proposer, acceptor and learner. */
  readonly nodes: readonly NodeRef<SingleDecreeProtocol>[];
  /** How long a phase may take, above 0. Default 200 ms. */
  readonly attempt?: Duration;
  /** How long a proposer goes on. Default 2 s. */
  readonly patience?: Duration;
  /**
   * A proposer that was refused waits for up to this long, and twice as long each time, before it takes a higher ballot; 0: not at all,
   * so that two proposers may refuse each other for ever ("Paxos made simple", §2.4). Default 20 ms.
   */
  readonly backoff?: Duration;
  /** `never`: acceptors answer before what they promise is on disk, which Paxos forbids. Default `before-answering`. */
  readonly sync?: 'before-answering' | 'never';
}

/** Options filled in and checked. */
export interface SingleDecreeSettings extends QuorumSizes {
  readonly nodes: readonly NodeRef<SingleDecreeProtocol>[];
  readonly attempt: Micros;
  readonly patience: Micros;
  readonly backoff: Micros;
  readonly syncs: boolean;
}

/** Throws ConfigError naming the option. */
export function singleDecreeSettings(options: SingleDecreeOptions): SingleDecreeSettings {
  const where = 'singleDecreePaxos';
  const { nodes, sync = 'before-answering' } = options;
  eachOnce(nodes, `${where}.nodes`);
  const backoff = parseDuration(options.backoff ?? ms(20), `${where}.backoff`);
  if (backoff < 0) throw new ConfigError(`${where}.backoff`, backoff, 'at least 0');
  return {
    ...quorumSizes(nodes.length, options, where),
    nodes,
    attempt: parsePeriod(options.attempt ?? ms(200), `${where}.attempt`),
    patience: parseDuration(options.patience ?? '2s', `${where}.patience`),
    backoff,
    syncs: oneOf(sync, ['before-answering', 'never'], `${where}.sync`) === 'before-answering',
  };
}

/** An acceptor's memory of one decree. */
export interface DecreeMemory {
  promised: number;
  vote: DecreeVote | null;
}

export interface DecreeState extends DecreeMemory {
  /** What is on its disk of that, so that others may know of it. */
  told: DecreeMemory;
  /** As learner: what is chosen; null: not known. */
  chosen: string | null;
  /** As proposer: the highest ballot that it has heard of, and the values that it was asked to propose. */
  seen: number;
}

export interface SingleDecreeState {
  decrees: Record<string, DecreeState>;
  /** Number of the record last written, and which of its two copies is written first. */
  serial: number;
  firstCopy: 0 | 1;
  /** It takes part in nothing; why. '' while it works. */
  broken: string;
  /** The disk does not tell any more what it has promised: a restart does not help. */
  amnesia: boolean;
}

export type DecreeContext = Context<SingleDecreeState>;

export const freshDecree = (): DecreeState => ({
  promised: NO_BALLOT,
  vote: null,
  told: { promised: NO_BALLOT, vote: null },
  chosen: null,
  seen: NO_BALLOT,
});

/** The decree, with a place made for it. */
export const decreeOf = (state: SingleDecreeState, decree: string): DecreeState =>
  (state.decrees[decree] ??= freshDecree());

/** What `paxosInvariants({ view: singleDecreeView('d') })` asks for: one decree, as slot 1. */
export const singleDecreeView =
  (decree: string) =>
  (state: SingleDecreeState): PaxosView => {
    if (state.amnesia) return { promised: Infinity, accepted: [], compactedTo: Infinity };
    const { told, chosen } = state.decrees[decree] ?? freshDecree();
    const accepted: readonly (readonly [number, AcceptedValue])[] = told.vote === null ? [] : [[1, told.vote]];
    const learned: readonly (readonly [number, string])[] = chosen === null ? [] : [[1, chosen]];
    return { promised: told.promised, accepted, learned };
  };
