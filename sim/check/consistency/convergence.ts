/**
 * Convergence of replicas.
 *
 * Eventual (Vogels, 2009): once no updates are in flight and nothing is broken, all replicas end in the same state, and, where
 * the state is a collection of what was added, it holds what it must: everything acknowledged and not removed since, nothing
 * that certainly failed, nothing from nowhere, nothing removed and not added since. Operations of unknown outcome may show or not.
 *
 * Strong eventual (Shapiro, Preguiça, Baquero and Zawirski, "Conflict-free replicated data types", SSS 2011): two replicas that
 * have been delivered the same set of updates are in the same state, at any time.
 */
import { canonicalJson } from '../../base/json.ts';
import { instantText, type Micros } from '../../base/time.ts';
import type { Operation } from '../../history/operation.ts';
import type { Witness } from '../verdict.ts';
import type { ConsistencyResult } from './consistency-witness.ts';
import { grouped } from './grouped.ts';
import { placedText, valueText } from './operation-words.ts';

export interface ReplicaState {
  readonly replica: string;
  /** Plain data; replicas agree when their canonical JSON is equal. */
  readonly state: unknown;
}

export interface Elements {
  /** The elements that the replicas hold, for the accounting. */
  readonly of: (state: unknown) => Iterable<unknown>;
  /** The operation whose input is added. Default `add`. */
  readonly add?: string;
  /** The operation whose input is removed. Default `remove`. */
  readonly remove?: string;
}

/** `at`: when the states were read, after the system had come to rest. */
export function checkConvergence(
  states: readonly ReplicaState[],
  operations: readonly Operation[],
  at: Micros,
  elements?: Elements,
): ConsistencyResult {
  if (states.length === 0)
    return { status: 'undecided', message: 'no replica was left at the end to be compared', steps: 0 };
  const groups = [...grouped(states, ({ state }) => canonicalJson(state))];
  if (groups.length > 1) {
    const texts = groups.map(
      ([text, replicas]) => `${replicas.map(({ replica }) => replica).join(', ')}: ${cut(text)}`,
    );
    const sentence = `at ${instantText(at)}, after everything had come to rest, ${groups.length} different states remained: ${texts.join(' · ')}`;
    const nodes = groups.map(([, replicas]) => (replicas[0] as ReplicaState).replica);
    const witness = {
      sentence,
      at,
      operations: [],
      nodes,
      facts: {
        kind: 'diverged',
        states: Object.fromEntries(states.map(({ replica, state }) => [replica, cut(canonicalJson(state))])),
      },
    };
    return { status: 'violated', message: sentence, steps: 0, witness };
  }
  const agreed = `${states.length} replicas agree`;
  if (elements === undefined) return { status: 'held', message: agreed, steps: 0 };
  const books = account(elements.of((states[0] as ReplicaState).state), operations, elements);
  const message = `${agreed}; ${books.acknowledged} acknowledged, ${books.indeterminate} indeterminate (${books.indeterminatePresent} there), ${books.failed} failed, ${books.present} there`;
  if (books.wrong === undefined) return { status: 'held', message, steps: 0 };
  const { sentence, operations: ids } = books.wrong;
  const witness: Witness = {
    sentence,
    at,
    operations: ids,
    mandatory: ids,
    nodes: states.map(({ replica }) => replica),
    facts: { ...books, wrong: books.wrong.kind },
  };
  return { status: 'violated', message: `${sentence}; ${message}`, steps: 0, witness };
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

interface Books {
  readonly acknowledged: number;
  readonly indeterminate: number;
  readonly indeterminatePresent: number;
  readonly failed: number;
  readonly present: number;
  readonly wrong?: {
    readonly kind: 'lost' | 'resurrected' | 'failed' | 'from-nowhere';
    readonly sentence: string;
    readonly operations: readonly number[];
  };
}

function account(
  held: Iterable<unknown>,
  operations: readonly Operation[],
  { add = 'add', remove = 'remove' }: Elements,
): Books {
  const present = new Map<string, unknown>();
  for (const element of held) present.set(canonicalJson(element), element);
  const adds = grouped(
    operations.filter((op) => op.f === add),
    (op) => canonicalJson(op.input),
  );
  const removes = grouped(
    operations.filter((op) => op.f === remove && op.outcome !== 'fail'),
    (op) => canonicalJson(op.input),
  );
  let wrong: Books['wrong'];
  const counts = { acknowledged: 0, indeterminate: 0, indeterminatePresent: 0, failed: 0, present: present.size };
  for (const [name, added] of adds) {
    const isPresent = present.has(name);
    const may = added.filter((op) => op.outcome !== 'fail');
    const removed = removes.get(name) ?? [];
    const kept = may.find((op) => op.outcome === 'ok' && removed.every((r) => r.completed < op.invoked));
    const gone = removed.find((op) => op.outcome === 'ok' && may.every((a) => a.completed < op.invoked));
    if (may.some((op) => op.outcome === 'ok')) counts.acknowledged++;
    else if (may.length === 0) counts.failed++;
    else {
      counts.indeterminate++;
      if (isPresent) counts.indeterminatePresent++;
    }
    if (!isPresent && kept !== undefined)
      wrong ??= { kind: 'lost', sentence: `${placedText(kept)} was acknowledged, and is gone`, operations: [kept.id] };
    if (!isPresent) continue;
    const failed = added[0] as Operation;
    if (may.length === 0)
      wrong ??= { kind: 'failed', sentence: `${placedText(failed)} failed, and is there`, operations: [failed.id] };
    else if (gone !== undefined)
      wrong ??= {
        kind: 'resurrected',
        sentence: `${valueText(gone.input)} is there although ${placedText(gone)} was acknowledged, after every ${add} of it had completed`,
        operations: [(may[0] as Operation).id, gone.id],
      };
  }
  for (const [name, element] of present)
    if (!adds.has(name))
      wrong ??= {
        kind: 'from-nowhere',
        sentence: `${valueText(element)} is there, and nobody added it`,
        operations: [],
      };
  return wrong === undefined ? counts : { ...counts, wrong };
}

/** A replica at one instant. */
export interface DeliveredState {
  readonly replica: string;
  readonly at: Micros;
  /** The set of updates delivered, in a text that is equal for equal sets: sorted ids, or a digest of them. */
  readonly delivered: string;
  /** The state, likewise. */
  readonly state: string;
}

/** Watches replicas for two of them that were delivered the same and differ. */
export class StrongConvergence {
  private readonly seen = new Map<string, DeliveredState>();
  private samples = 0;
  private witness: Witness | undefined;

  note(sample: DeliveredState): void {
    this.samples++;
    const first = this.seen.get(sample.delivered);
    if (first === undefined) this.seen.set(sample.delivered, sample);
    else if (first.state !== sample.state) this.witness ??= differing(first, sample);
  }

  result(): ConsistencyResult {
    if (this.witness !== undefined)
      return { status: 'violated', message: this.witness.sentence, steps: 0, witness: this.witness };
    return {
      status: 'held',
      message: `same deliveries, same state: ${this.seen.size} sets of updates in ${this.samples} samples`,
      steps: 0,
    };
  }
}

/** The same for samples at hand. */
export function checkStrongConvergence(samples: Iterable<DeliveredState>): ConsistencyResult {
  const watch = new StrongConvergence();
  for (const sample of samples) watch.note(sample);
  return watch.result();
}

function differing(first: DeliveredState, second: DeliveredState): Witness {
  const who =
    first.replica === second.replica
      ? `${second.replica} changed its state without a delivery`
      : `${first.replica} and ${second.replica} had been delivered the same updates and differed`;
  const sentence = `${who}: ${cut(first.state)} at ${instantText(first.at)}, ${cut(second.state)} at ${instantText(second.at)}, both after ${cut(first.delivered)}`;
  return {
    sentence,
    at: second.at,
    operations: [],
    nodes: [...new Set([first.replica, second.replica])],
    facts: { kind: 'same-deliveries-different-state', delivered: cut(first.delivered) },
  };
}
