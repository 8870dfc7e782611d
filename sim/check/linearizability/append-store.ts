/**
 * Linearizability of a store whose values grow: `append` adds to the end of a text or a list, `write` (or `put`) replaces
 * it, `read` (or `get`) returns the whole.
 *
 * A read tells in which order everything in it was appended, and after what. The values read are one tree of tokens
 * (append-tokens.ts). Where something was read right after a value, it was appended exactly to that value: if a token was
 * appended as often as there are such values, it was appended to no other. That leaves the search hardly a choice. When
 * each token was appended once and nothing was replaced, it leaves none: the longest read is the order of all, and one walk
 * along it decides (O(n log n), as Elle's traceability: Kingsbury and Alvaro, VLDB 2020). A value that begins like no
 * value read is one state, "unread", whatever it is.
 */
import { ConfigError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';
import { listTokens, textTokens, TokenTree, type Tokens } from './append-tokens.ts';
import type { Decision } from './counterexample.ts';
import type { Automaton, Call, ObjectConflict, ObjectModel } from './object-model.ts';
import { outOfOrder } from './precedence.ts';
import { decideBySearch } from './sequential-search.ts';
import type { Span } from './span.ts';

type Sequence = string | readonly unknown[];

const READS = ['read', 'get'];
const WRITES = ['write', 'put'];
/** The state of a value that no read begins with. */
const UNREAD = -1;

/** `initial`: '' or another text, or a list; it decides which of the two the store holds. */
export function appendStoreModel(initial: Sequence): ObjectModel<Sequence> {
  const isText = typeof initial === 'string';
  const kind = isText ? 'a text' : 'a list';
  const fits = (value: unknown): boolean => (isText ? typeof value === 'string' : Array.isArray(value));
  const step = (state: Sequence, { f, input, output, outcome }: Call): Sequence | undefined => {
    if (WRITES.includes(f)) return input as Sequence;
    if (f === 'append') return isText ? `${state as string}${String(input)}` : [...(state as unknown[]), input];
    if (outcome !== 'ok' || state === output) return state;
    return !isText && canonicalJson(state) === canonicalJson(output) ? state : undefined;
  };
  const automaton: Automaton<Sequence> = {
    init: () => initial,
    step,
    observes: (f) => READS.includes(f),
    byClient: false,
  };
  return {
    ...automaton,
    name: 'append store',
    noun: 'value',
    operations: ['read', 'get', 'append', 'write', 'put'],
    verify(op: Operation) {
      const [field, value] = READS.includes(op.f) ? ['output', op.output] : ['input', op.input];
      if (op.f === 'append' ? isText && typeof value !== 'string' : value !== undefined && !fits(value))
        throw new ConfigError(`operation ${op.id}: ${field} of ${op.f}`, value, `${kind}, as the initial value is`);
      if (WRITES.includes(op.f) && value === undefined)
        throw new ConfigError(`operation ${op.id}: input of ${op.f}`, value, kind);
    },
    decide: (spans, budget) => decideAppends(spans, initial, automaton, budget),
    trimmed: (spans) => withoutUnread(spans, initial),
  };
}

/** The reads as a tree, and what each append and each whole value is in it. */
interface Traced {
  readonly tokens: Tokens;
  readonly tree: TokenTree;
  readonly reads: readonly { readonly span: Span; readonly node: number }[];
}

function tokensOf(spans: readonly Span[], initial: Sequence): Tokens | undefined {
  const inputs = (names: readonly string[]): unknown[] =>
    spans.filter(({ source }) => names.includes(source.f)).map(({ source }) => source.input);
  const whole = [initial, ...inputs(WRITES)];
  return typeof initial === 'string' ? textTokens(inputs(['append']), whole) : listTokens(inputs(['append']), whole);
}

function traced(spans: readonly Span[], tokens: Tokens): Traced | ObjectConflict {
  const tree = new TokenTree();
  const reads: { span: Span; node: number }[] = [];
  for (const span of spans) {
    if (!READS.includes(span.source.f)) continue;
    const path = tokens.ofValue(span.source.output);
    if (path === undefined) return neverAppended(span);
    reads.push({ span, node: tree.grow(path) });
  }
  return { tokens, tree, reads };
}

function decideAppends(
  spans: readonly Span[],
  initial: Sequence,
  automaton: Automaton<Sequence>,
  budget: number,
): Decision<ObjectConflict> {
  const tokens = tokensOf(spans, initial);
  if (tokens === undefined) return decideBySearch(spans, automaton, budget);
  const trace = traced(spans, tokens);
  if ('kind' in trace) return { status: 'violated', steps: 0, conflict: trace };
  const given = givenNodes(spans, initial, trace);
  const places = placesOf(trace, given);
  const appends = countAppends(spans, tokens);
  for (const [token, nodes] of places) {
    if (nodes.length > (appends.get(token) ?? 0))
      return { status: 'violated', steps: 0, conflict: appendedTooOften(trace, nodes) };
  }
  const onlyAppends = !spans.some(({ source }) => WRITES.includes(source.f));
  const start = trace.tree.find(tokens.ofValue(initial) ?? []);
  const astray = trace.reads.find(({ node }) => start === undefined || !trace.tree.isBelow(node, start));
  if (onlyAppends && astray !== undefined)
    return { status: 'violated', steps: 0, conflict: withoutInitial(astray.span) };
  if (onlyAppends && !trace.tree.isPath()) return { status: 'violated', steps: 0, conflict: differing(trace) };
  if (onlyAppends && [...places.keys()].every((token) => appends.get(token) === 1)) {
    const pair = outOfOrder(chainOf(spans, trace));
    if (pair === undefined) return { status: 'held', steps: 0 };
    return { status: 'violated', steps: 0, conflict: outOfChain(...pair) };
  }
  return decideBySearch(spans, treeAutomaton(initial, trace, places, appends), budget);
}

/** Nodes that a write, or the initial value, may have made in one go. */
function givenNodes(spans: readonly Span[], initial: Sequence, { tokens, tree }: Traced): ReadonlySet<number> {
  const given = new Set([0]);
  const mark = (value: unknown): void => {
    let node: number | undefined = 0;
    for (const token of tokens.ofValue(value) ?? []) {
      node = tree.child(node, token);
      if (node === undefined) return;
      given.add(node);
    }
  };
  mark(initial);
  for (const { source } of spans) if (WRITES.includes(source.f)) mark(source.input);
  return given;
}

/** Per token: the nodes that an append of it certainly made. */
function placesOf({ tree }: Traced, given: ReadonlySet<number>): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let node = 1; node < tree.size; node++) {
    const token = tree.token(node);
    if (given.has(node)) continue;
    const nodes = places.get(token);
    if (nodes === undefined) places.set(token, [node]);
    else nodes.push(node);
  }
  return places;
}

function countAppends(spans: readonly Span[], tokens: Tokens): Map<number, number> {
  const appends = new Map<number, number>();
  for (const { source } of spans) {
    if (source.f !== 'append') continue;
    const token = tokens.ofInput(source.input);
    appends.set(token, (appends.get(token) ?? 0) + 1);
  }
  return appends;
}

/** The order of all when each token was appended once: reads of the initial value, the first append, its readers, … */
function chainOf(spans: readonly Span[], { tokens, tree, reads }: Traced): readonly (readonly Span[] | undefined)[] {
  const deepest = reads.reduce((depth, { node }) => Math.max(depth, tree.depth(node)), 0);
  const groups = new Array<Span[] | undefined>(2 * deepest + 2).fill(undefined);
  const put = (group: number, span: Span): void => {
    const there = groups[group];
    if (there === undefined) groups[group] = [span];
    else there.push(span);
  };
  const depthOf = new Map<number, number>();
  for (let node = 1; node < tree.size; node++) depthOf.set(tree.token(node), tree.depth(node));
  for (const { span, node } of reads) put(2 * tree.depth(node), span);
  for (const span of spans) {
    if (span.source.f !== 'append') continue;
    const depth = depthOf.get(tokens.ofInput(span.source.input));
    // What nobody read came after every read, or not at all.
    if (depth !== undefined) put(2 * depth - 1, span);
    else if (span.required) put(2 * deepest + 1, span);
  }
  return groups;
}

/** The store with nodes for values, and appends only where they may have been. */
function treeAutomaton(
  initial: Sequence,
  { tokens, tree }: Traced,
  places: ReadonlyMap<number, readonly number[]>,
  appends: ReadonlyMap<number, number>,
): Automaton<number> {
  const nodeOf = (value: unknown): number => {
    const path = tokens.ofValue(value);
    return (path && tree.find(path)) ?? UNREAD;
  };
  const start = nodeOf(initial);
  const wholes = new Map<unknown, number>();
  const known = (value: unknown): number => {
    const node = wholes.get(value) ?? nodeOf(value);
    wholes.set(value, node);
    return node;
  };
  return {
    init: () => start,
    observes: (f) => READS.includes(f),
    byClient: false,
    step(state, { f, input, output, outcome }) {
      if (WRITES.includes(f)) return known(input);
      if (f !== 'append') return outcome !== 'ok' || known(output) === state ? state : undefined;
      const token = tokens.ofInput(input);
      const next = state === UNREAD ? UNREAD : (tree.child(state, token) ?? UNREAD);
      const nodes = places.get(token) ?? [];
      return nodes.length < (appends.get(token) ?? 0) || nodes.includes(next) ? next : undefined;
    },
  };
}

/** Without the optional appends of what no read shows: with or without them, nobody saw the difference. */
function withoutUnread(spans: readonly Span[], initial: Sequence): readonly Span[] {
  const tokens = tokensOf(spans, initial);
  if (tokens === undefined) return spans;
  const read = new Set<number>();
  for (const { source } of spans)
    if (READS.includes(source.f)) for (const token of tokens.ofValue(source.output) ?? []) read.add(token);
  return spans.filter(
    ({ required, source }) => required || source.f !== 'append' || read.has(tokens.ofInput(source.input)),
  );
}

const neverAppended = (read: Span): ObjectConflict => ({
  kind: 'never-written',
  steps: [read],
  sentence: (words) => `${words.subject(read.source)}, but something in it had never been appended or written`,
});

const withoutInitial = (read: Span): ObjectConflict => ({
  kind: 'lost-initial-value',
  steps: [read],
  sentence: (words) =>
    `${words.subject(read.source)}, which does not begin with the initial value, and nothing replaced that`,
});

function appendedTooOften({ tree, reads }: Traced, nodes: readonly number[]): ObjectConflict {
  const showing = nodes.map((node) => reads.find((read) => tree.isBelow(read.node, node))?.span as Span);
  const steps = [...new Set(showing)].sort((a, b) => a.ret - b.ret);
  const last = steps.at(-1) as Span;
  return {
    kind: 'appended-too-often',
    steps,
    sentence: (words) =>
      `${words.subject(last.source)}, but ${steps.length === 1 ? 'it shows' : 'with the other reads it shows'} something in ${nodes.length} places that was appended ${nodes.length === 2 ? 'only once' : 'fewer times'}`,
  };
}

function differing({ tree, reads }: Traced): ObjectConflict {
  const byDepth = [...reads].sort((a, b) => tree.depth(a.node) - tree.depth(b.node));
  for (let i = 1; i < byDepth.length; i++) {
    const [shorter, longer] = [byDepth[i - 1], byDepth[i]] as [Traced['reads'][number], Traced['reads'][number]];
    if (tree.isBelow(longer.node, shorter.node)) continue;
    const [first, last] = [shorter.span, longer.span].sort((a, b) => a.ret - b.ret) as [Span, Span];
    return {
      kind: 'incompatible-reads',
      steps: [first, last],
      sentence: (words) =>
        `${words.subject(last.source)} although ${words.subject(first.source)}: neither begins with the other, and nothing was replaced`,
    };
  }
  throw new ConfigError('reads', byDepth.length, 'two that differ');
}

/** `later`, which comes after `earlier` in the order that the reads show, ended before `earlier` began. */
const outOfChain = (earlier: Span, later: Span): ObjectConflict => ({
  kind: 'order',
  steps: [earlier, later],
  sentence(words) {
    const [a, b] = [earlier.source, later.source];
    const real = words.ended(b, a);
    if (!READS.includes(a.f) && !READS.includes(b.f))
      return `the reads show ${words.named(b)} after ${words.named(a)}; but ${real}`;
    if (!READS.includes(b.f)) return `${words.subject(a)}, without ${words.named(b)}; but ${real}`;
    if (!READS.includes(a.f)) return `${words.subject(b)}, with ${words.named(a)}; but ${real}`;
    return `${words.subject(a)} although more had been read: ${words.subject(b)}; ${real}`;
  },
});
