/**
 * The laws of state-based replicated data types (Shapiro, Preguiça, Baquero and Zawirski, "Conflict-free replicated data types",
 * SSS 2011): merge is commutative, associative and idempotent, and states only grow in the order that it defines.
 *
 * `brokenMergeLaw` says which law three states break, for property tests. `mergeInvariants` holds the states that a run comes to
 * against the laws: each new state against the one before it, itself, and the latest of two other replicas. An event that
 * changes a state costs seven merges. That replicas which know the same updates are equal is `stronglyConverges`.
 */
import { canonicalJson, copyOf } from '../../base/json.ts';
import type { Check, NodeView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

export interface MergeLaws<T> {
  /** The least upper bound of two states. It changes neither. */
  merge(a: T, b: T): T;
  /** Equal for states that are the same. Default: their canonical JSON. */
  textOf?(state: T): string;
}

export interface BrokenLaw {
  readonly law: 'commutative' | 'associative' | 'idempotent' | 'absorbing';
  readonly sentence: string;
}

const textBy = <T>({ textOf }: MergeLaws<T>, state: T): string => textOf?.(state) ?? canonicalJson(state);

/** The first law of a merge that three states break; undefined when they break none. */
export function brokenMergeLaw<T>(laws: MergeLaws<T>, a: T, b: T, c: T): BrokenLaw | undefined {
  const text = (state: T): string => textBy(laws, state);
  const broken = (law: BrokenLaw['law'], what: string, left: T, right: T): BrokenLaw | undefined => {
    const [one, other] = [text(left), text(right)];
    return one === other ? undefined : { law, sentence: `merge is not ${law}: ${what}: ${one} and ${other}` };
  };
  const ab = laws.merge(a, b);
  return (
    broken('idempotent', 'a with itself is not a', laws.merge(a, a), a) ??
    broken('commutative', 'a with b is not b with a', ab, laws.merge(b, a)) ??
    broken('absorbing', 'what a with b makes of a is not a with b', laws.merge(ab, a), ab) ??
    broken(
      'associative',
      '(a with b) with c is not a with (b with c)',
      laws.merge(ab, c),
      laws.merge(a, laws.merge(b, c)),
    )
  );
}

export interface MergeOptions<S, T> extends ReadingOptions, MergeLaws<T> {
  /** The replicated value in a node's state: plain data. */
  readonly view: (state: S) => T;
}

const GROWS = 'states only grow';
const LAWS = 'merge is commutative, associative and idempotent';

/** Two checks on the states that the replicas come to. */
export function mergeInvariants<S, T>(options: MergeOptions<S, T>): readonly Check[] {
  const states = ({ states: count }: MergeReading<S, T>): string => `${count} states`;
  return sharedChecks<MergeReading<S, T>>({
    ...options,
    begin: (_view, breaches) => new MergeReading(options, breaches),
    properties: [
      { name: GROWS, promise: 'what a replica once knew it still knows', held: states },
      { name: LAWS, promise: 'merging in any order, and twice, gives the same', held: states },
    ],
  });
}

class MergeReading<S, T> implements Reading {
  states = 0;
  private readonly options: MergeOptions<S, T>;
  private readonly breaches: Breaches;
  private readonly latest = new Map<string, { readonly life: number; readonly state: T; readonly text: string }>();

  constructor(options: MergeOptions<S, T>, breaches: Breaches) {
    this.options = options;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    const { id, life } = node;
    const live = this.options.view(node.state as S);
    const text = textBy(this.options, live);
    const before = this.latest.get(id);
    if (before?.text === text && before.life === life) return;
    this.states++;
    const state = copyOf(live);
    // A crash may take what was not durable with it.
    if (before !== undefined && before.life === life) this.judgeGrowth(id, before.state, before.text, state, text);
    this.latest.set(id, { life, state, text });
    const others = [...this.latest].filter(([other]) => other !== id).map(([, known]) => known.state);
    const [b = before?.state ?? state, c = b] = others;
    const broken = brokenMergeLaw(this.options, state, b, c);
    if (broken === undefined) return;
    const [first, second] = [...this.latest.keys()].filter((other) => other !== id);
    const facts = { law: broken.law, a: text, b: textBy(this.options, b), c: textBy(this.options, c) };
    this.breaches.report(LAWS, {
      sentence: `${broken.sentence}, for the states of ${id}, ${first ?? id} and ${second ?? first ?? id}`,
      nodes: [id, ...(first === undefined ? [] : [first]), ...(second === undefined ? [] : [second])],
      facts,
    });
  }

  private judgeGrowth(id: string, before: T, was: string, state: T, is: string): void {
    if (textBy(this.options, this.options.merge(before, state)) === is) return;
    this.breaches.report(GROWS, {
      sentence: `${id} went from ${was} to ${is}, which does not contain it`,
      nodes: [id],
      facts: { from: was, to: is },
    });
  }
}
