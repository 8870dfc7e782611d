/**
 * Linearizability of a set that only grows: `add` adds its input, `read` returns all elements. O(total size of the reads +
 * n log n).
 *
 * Reads must contain one another, like a chain. Between two reads that follow each other in it lie the additions that made
 * the difference; of several additions of one element one must lie there, at best the one invoked first, and the others
 * may come at any time after the last read that lacks the element. Elements that nobody read were added after every read.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Decision } from './counterexample.ts';
import type { Call, ObjectConflict, ObjectModel } from './object-model.ts';
import { valueKey, withoutDeadlines, type Span } from './span.ts';

type Elements = readonly unknown[];

const keysOf = (elements: unknown): Set<unknown> => new Set([...(elements as Iterable<unknown>)].map(valueKey));

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof Set;

function verify(op: Operation): void {
  if (op.f === 'read' && op.outcome === 'ok' && op.output !== undefined && !isCollection(op.output))
    throw new ConfigError(`operation ${op.id}: output of read`, op.output, 'a list of elements');
}

/** The elements of a read, found out once however many trials it takes part in. */
type KeysOfRead = (read: Operation) => ReadonlySet<unknown>;

function rememberedKeys(): KeysOfRead {
  const known = new WeakMap<Operation, ReadonlySet<unknown>>();
  return (read) => {
    const keys = known.get(read) ?? keysOf(read.output);
    known.set(read, keys);
    return keys;
  };
}

/** `initial`: the elements before the first addition. */
export function growOnlySetModel(initial: Elements): ObjectModel<Elements> {
  const keysOfRead = rememberedKeys();
  const accepts = () => {
    const elements = keysOf(initial);
    return ({ f, input, output, outcome }: Call): boolean => {
      if (f === 'add') elements.add(valueKey(input));
      else if (outcome === 'ok' && output !== undefined) {
        const seen = keysOf(output);
        return seen.size === elements.size && [...seen].every((key) => elements.has(key));
      }
      return true;
    };
  };
  return {
    name: 'grow-only set',
    noun: 'set',
    operations: ['add', 'read'],
    verify,
    init: () => initial,
    step(state, { f, input, output, outcome }) {
      const elements = keysOf(state);
      if (f === 'add') return elements.has(valueKey(input)) ? state : [...state, input];
      const seen = outcome === 'ok' ? keysOf(output) : elements;
      return seen.size === elements.size && [...seen].every((key) => elements.has(key)) ? state : undefined;
    },
    observes: (f) => f === 'read',
    byClient: false,
    acceptor: accepts,
    decide: (spans) => decideChain(withoutDeadlines(spans), initial, keysOfRead),
    trimmed: (spans) => withoutUnread(spans, keysOfRead),
    outputs: (spans, culprit) => withOneMoreOrLess(spans, culprit),
  };
}

/** Without the optional additions of elements that no read shows. */
function withoutUnread(spans: readonly Span[], keysOfRead: KeysOfRead): readonly Span[] {
  if (spans.every(({ required }) => required)) return spans;
  const read = new Set<unknown>();
  for (const { source } of spans) if (source.f === 'read') for (const key of keysOfRead(source)) read.add(key);
  return spans.filter(({ required, source }) => required || source.f !== 'add' || read.has(valueKey(source.input)));
}

/** What was read, with one element added or taken away. */
function withOneMoreOrLess(spans: readonly Span[], { source }: Span): unknown[] {
  const elements = [...(source.output as Iterable<unknown>)];
  const seen = keysOf(elements);
  const added = new Map<unknown, unknown>();
  for (const span of [...spans].reverse())
    if (span.source.f === 'add') added.set(valueKey(span.source.input), span.source.input);
  const more = [...added].filter(([key]) => !seen.has(key)).map(([, value]) => [...elements, value]);
  const less = elements.slice(-12).map((gone) => elements.filter((element) => element !== gone));
  return [...more.slice(0, 12), ...less];
}

interface WholeRead {
  readonly span: Span;
  readonly keys: ReadonlySet<unknown>;
}

function decideChain(spans: readonly Span[], initial: Elements, keysOfRead: KeysOfRead): Decision<ObjectConflict> {
  const conflict = conflictIn(spans, initial, keysOfRead);
  return conflict === undefined ? { status: 'held', steps: 0 } : { status: 'violated', steps: 0, conflict };
}

function conflictIn(spans: readonly Span[], initial: Elements, keysOfRead: KeysOfRead): ObjectConflict | undefined {
  const additions = new Map<unknown, Span[]>();
  const reads: WholeRead[] = [];
  for (const span of spans) {
    if (span.source.f === 'read') {
      reads.push({ span, keys: keysOfRead(span.source) });
      continue;
    }
    const key = valueKey(span.source.input);
    const same = additions.get(key);
    if (same === undefined) additions.set(key, [span]);
    else same.push(span);
  }
  reads.sort((a, b) => a.keys.size - b.keys.size);
  const present = keysOf(initial);
  for (const key of present) additions.delete(key);
  // The last span by invocation of all that must come before what follows.
  let latest: Span | undefined;
  let previous: WholeRead | undefined;
  for (const read of reads) {
    const fresh = [...read.keys].filter((key) => !present.has(key));
    if (read.keys.size !== present.size + fresh.length) return lacks(read.span, previous, present, read.keys);
    const before = latest;
    for (const key of fresh) {
      present.add(key);
      const adders = additions.get(key);
      if (adders === undefined) return neverAdded(read.span, key);
      additions.delete(key);
      for (const adder of adders) if (before !== undefined && adder.ret < before.call) return tooLate(before, adder);
      // The first in order of invocation: the best to have made the difference.
      const [first] = adders as [Span, ...Span[]];
      if (latest === undefined || first.call > latest.call) latest = first;
    }
    if (latest !== undefined && read.span.ret < latest.call) return tooEarly(latest, read.span);
    if (latest === undefined || read.span.call > latest.call) latest = read.span;
    previous = read;
  }
  for (const adders of additions.values()) {
    for (const adder of adders) if (latest !== undefined && adder.ret < latest.call) return tooLate(latest, adder);
  }
  return undefined;
}

const lacks = (
  read: Span,
  previous: WholeRead | undefined,
  present: ReadonlySet<unknown>,
  keys: ReadonlySet<unknown>,
): ObjectConflict => ({
  kind: 'incompatible-reads',
  steps: previous === undefined ? [read] : [previous.span, read],
  sentence(words) {
    if (previous === undefined)
      return `${words.subject(read.source)}, without elements that were there from the beginning`;
    const missing = [...present].filter((key) => !keys.has(key)).length;
    const [first, last] = [previous.span, read].sort((a, b) => a.ret - b.ret) as [Span, Span];
    return `${words.subject(last.source)} although ${words.subject(first.source)}: neither contains the other (${missing} missing), and nothing is ever removed`;
  },
});

const neverAdded = (read: Span, key: unknown): ObjectConflict => ({
  kind: 'never-written',
  steps: [read],
  sentence(words, operations) {
    const adder = operations.find((op) => op.f === 'add' && valueKey(op.input) === key);
    const shown = [...(read.source.output as Iterable<unknown>)].find((element) => valueKey(element) === key);
    const why =
      adder === undefined
        ? `nobody had added ${words.value(shown)}`
        : adder.outcome === 'fail'
          ? `${words.named(adder)} failed and nobody else added it`
          : `${words.named(adder)} was invoked only after that`;
    return `${words.subject(read.source)}, but ${why}`;
  },
});

/** `read` shows something that began only after it had ended. */
const tooEarly = (latest: Span, read: Span): ObjectConflict => ({
  kind: latest.source.f === 'read' ? 'new-old-inversion' : 'read-before-write',
  steps: [latest, read],
  sentence: (words) =>
    latest.source.f === 'read'
      ? `${words.subject(latest.source)} although more had been read before: ${words.subject(read.source)}`
      : `${words.subject(read.source)}, but ${words.named(latest.source)} was invoked only after that`,
});

/** An addition ended before something began that shows a set without it. */
const tooLate = (latest: Span, adder: Span): ObjectConflict => ({
  kind: 'stale-read',
  steps: [latest, adder],
  sentence: (words) =>
    latest.source.f === 'read'
      ? `${words.subject(latest.source)}, without the element of ${words.named(adder.source)}; but ${words.ended(adder.source, latest.source)}`
      : `a read shows ${words.named(latest.source)} and not ${words.named(adder.source)}; but ${words.ended(adder.source, latest.source)}`,
});
