/**
 * Linearizability of locks: `acquire` and `release`.
 *
 * A mutex knows no owner: anybody may release it (a binary semaphore, as Knossos' mutex). The search decides; there are two
 * states. An owned lock is released by who holds it: the operation's input where there is one, else the client. There each
 * acquisition and its release are a block (blocks.ts) that runs from the end of the acquisition, at the latest, to the
 * beginning of the release, at the earliest, and no two blocks may overlap: O(n log n). An owner's operation of unknown
 * outcome that is not its last leaves open what it held when; then the search decides.
 */
import { contradictingBlocks, type Block } from './blocks.ts';
import type { Decision } from './counterexample.ts';
import type { Call, ObjectConflict, ObjectModel } from './object-model.ts';
import type { ObjectWords } from './object-words.ts';
import { decideBySearch } from './sequential-search.ts';
import { FOREVER, valueKey, type Span } from './span.ts';

const OPERATIONS = ['acquire', 'release'];

export const mutexModel: ObjectModel<boolean> = {
  name: 'mutex',
  noun: 'lock',
  operations: OPERATIONS,
  init: () => false,
  step: (held, { f }) => (held === (f === 'release') ? !held : undefined),
  observes: () => false,
  byClient: false,
};

const ownerOf = ({ input, client }: Pick<Call, 'input' | 'client'>): unknown => valueKey(input ?? client);

export const ownedLockModel: ObjectModel<unknown> = {
  name: 'owned lock',
  noun: 'lock',
  operations: OPERATIONS,
  init: () => null,
  step(holder, call) {
    if (call.f === 'acquire') return holder === null ? ownerOf(call) : undefined;
    return holder === ownerOf(call) ? null : undefined;
  },
  observes: () => false,
  byClient: true,
  decide: (spans, budget) => decideByBlocks(spans) ?? decideBySearch(spans, ownedLockModel, budget),
  /** Without owners of whom nothing is certain: they need not have held it. */
  trimmed(spans) {
    const certain = new Set(spans.filter(({ required }) => required).map(({ source }) => ownerOf(source)));
    return spans.filter(({ source }) => certain.has(ownerOf(source)));
  },
};

interface Holding extends Block {
  readonly acquire: Span;
  readonly release: Span | undefined;
}

/** Undefined when it is not known which release ended which acquisition. */
function decideByBlocks(spans: readonly Span[]): Decision<ObjectConflict> | undefined {
  const owners = new Map<unknown, Span[]>();
  for (const span of spans) {
    const owner = ownerOf(span.source);
    const own = owners.get(owner);
    if (own === undefined) owners.set(owner, [span]);
    else own.push(span);
  }
  const blocks: Holding[] = [];
  for (const own of owners.values()) {
    const found = holdingsOf(own);
    if (found === undefined) return undefined;
    if ('kind' in found) return { status: 'violated', steps: 0, conflict: found };
    blocks.push(...found);
  }
  const pair = contradictingBlocks(blocks);
  return pair === undefined
    ? { status: 'held', steps: 0 }
    : { status: 'violated', steps: 0, conflict: heldAtOnce(...pair) };
}

/** One owner's blocks; undefined when its operations overlap, or one of unknown outcome is not the last. */
function holdingsOf(own: readonly Span[]): Holding[] | ObjectConflict | undefined {
  for (let i = 1; i < own.length; i++) {
    const before = own[i - 1] as Span;
    if (!before.required || before.ret > (own[i] as Span).call) return undefined;
  }
  const blocks: Holding[] = [];
  let held: Span | undefined;
  for (const [i, span] of own.entries()) {
    if (span.source.f === 'acquire') {
      // What an open acquisition did, nobody needs to know.
      if (!span.required) break;
      if (held !== undefined) return acquiredAgain(held, span);
      held = span;
    } else if (held !== undefined) {
      blocks.push({ acquire: held, release: span, l: held.ret, r: span.call });
      held = undefined;
    } else if (span.required) {
      return notHeld(span, own[i - 1]);
    }
  }
  if (held !== undefined) blocks.push({ acquire: held, release: undefined, l: held.ret, r: FOREVER });
  return blocks;
}

const acquiredAgain = (first: Span, second: Span): ObjectConflict => ({
  kind: 'acquired-twice',
  steps: [first, second],
  sentence: (words) =>
    `${words.subject(second.source)} although ${words.subject(first.source)}, without a release in between`,
});

const notHeld = (release: Span, before: Span | undefined): ObjectConflict => ({
  kind: 'not-held',
  steps: before === undefined ? [release] : [before, release],
  sentence: (words) =>
    `${words.subject(release.source)}, but ${release.source.client} ${before === undefined ? 'had never acquired it' : 'had released it already'}`,
});

const heldAtOnce = (a: Holding, b: Holding): ObjectConflict => ({
  kind: 'held-at-once',
  steps: [a.acquire, b.acquire, ...[a.release, b.release].filter((span) => span !== undefined)],
  sentence(words) {
    const [first, second] = a.l < b.l ? [a, b] : [b, a];
    return `${words.object} was held twice at once: by ${stay(first, words)}, and by ${stay(second, words)}`;
  },
});

/** `c1 from 0.0100 s at the latest to 0.0500 s at least`. */
function stay({ acquire, release, l, r }: Holding, words: ObjectWords): string {
  const { client, completedAt, invokedAt } = acquire.source;
  if (r <= l) {
    const end = release?.source.completedAt ?? completedAt;
    return `${client} at some time between ${words.instant(invokedAt)} and ${words.instant(end)}`;
  }
  const from = `${client} from ${words.instant(completedAt)} at the latest`;
  return release === undefined
    ? `${from}, not released by then`
    : `${from} to ${words.instant(release.source.invokedAt)} at least`;
}
