/**
 * Why a verdict is what it is, told with clients' operations: what is legal by itself, the first operation that cannot come
 * next, and why it cannot. What is legal comes from the check; where it says nothing of that, its operations alone are told.
 */
import { NEVER, type Micros } from '../sim/base/time.ts';
import type { Verdict, Witness } from '../sim/check/verdict.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { RunResult } from '../sim/result.ts';
import { lossOf, lostOperation } from './loss.ts';
import { answerText, askedText } from './operation-text.ts';
import { valueText } from './plain-value.ts';
import { counted, grouped, instant, length } from './quantity.ts';
import { contradiction, hostOf } from './steps.ts';

/** legal: explained; evidence: contradicts the illegal one; illegal: cannot come next; beside: was under way at the failure. */
export type Standing = 'legal' | 'evidence' | 'illegal' | 'beside';

export interface StoryBar {
  readonly op: Operation;
  readonly standing: Standing;
  /** Whether it certainly happened. */
  readonly certain: boolean;
  /** Where it stands among the legal ones, and an instant at which it can have taken effect. */
  readonly place?: number;
  readonly point?: Micros;
}

export interface OperationStory {
  readonly check: string;
  /** By invocation. */
  readonly bars: readonly StoryBar[];
  /** Sessions, those of the contradiction first. */
  readonly clients: readonly string[];
  /** What is said beside it: name and text. */
  readonly lines: readonly (readonly [name: string, text: string])[];
  /** The instant of the failure, as far as these operations tell of it. */
  readonly at: Micros;
  /** What the standings mean here. */
  readonly words: Readonly<Record<Standing, string>>;
  /** Operations of the check that are not shown. */
  readonly omitted: number;
}

const WORDS: OperationStory['words'] = {
  legal: 'legal',
  evidence: 'contradicts it',
  illegal: 'cannot come next',
  beside: 'at the time',
};

const MOST_BARS = 24;
const MOST_STORIES = 3;

/** One for every violated check that can be told with operations, the leading one first. */
export function operationStories(result: RunResult, leading: Verdict | undefined): readonly OperationStory[] {
  const others = result.verdicts.filter(
    (one) => one !== leading && one.status === 'violated' && one.kind === 'history',
  );
  const verdicts = leading === undefined ? others : [leading, ...others];
  return verdicts.flatMap((verdict) => storyOf(result, verdict) ?? []).slice(0, MOST_STORIES);
}

function storyOf(result: RunResult, verdict: Verdict): OperationStory | undefined {
  const { witness } = verdict;
  if (witness === undefined || verdict.status === 'held') return undefined;
  const named = contradiction(verdict, result.operations);
  if (named.length === 0) return aroundStory(result, verdict, witness);
  const culprit = result.operations[Number(witness.facts?.['culprit'] ?? -1)];
  if (witness.explained !== undefined && culprit !== undefined)
    return explainedStory(result, verdict, witness, culprit, named);
  if (typeof witness.facts?.['allowed'] === 'number') return limitStory(verdict, witness, named);
  if (lostOperation(verdict, result.operations) !== undefined) return lossStory(result, verdict, witness, named);
  return namedStory(verdict, witness, named, culprit);
}

// ── A history that is legal up to an operation ────────────────────────────────────────────────────────────────────────

function explainedStory(
  { operations }: RunResult,
  verdict: Verdict,
  witness: Witness,
  culprit: Operation,
  named: readonly Operation[],
): OperationStory {
  const { order = [], operations: legal = 0 } = witness.explained ?? {};
  const points = pointsOf(order, operations);
  const certain = certainty(witness);
  const evidence = named.filter((op) => op !== culprit).slice(1 - MOST_BARS);
  const told = new Set(named);
  // The neighbours of the contradiction, the latest first.
  const others = order.map((id) => operations[id] as Operation).filter((op) => !told.has(op));
  const shown = others.slice(Math.min(others.length, Math.max(0, others.length - MOST_BARS + named.length)));
  const bar = (op: Operation, standing: Standing): StoryBar => {
    const place = order.indexOf(op.id);
    const placed = place < 0 ? {} : { place, point: points[place] as Micros };
    return { op, standing, certain: certain(op) || (standing === 'legal' && op.outcome === 'ok'), ...placed };
  };
  const bars = [
    ...shown.map((op) => bar(op, 'legal')),
    ...evidence.map((op) => bar(op, 'evidence')),
    bar(culprit, 'illegal'),
  ];
  const on = culprit.key === '' ? '' : ` on ${culprit.key}`;
  return story(verdict, witness, bars, legal - shown.length - evidence.length, [
    [
      'legal so far',
      `${counted(legal, 'operation')}${on} that ended before; the dots show an order in which the last of them can have happened`,
    ],
    ['cannot come next', operationLine(culprit)],
    ['because', becauseText(culprit, witness)],
    ...indefiniteLines(witness),
  ]);
}

/** As early as the order allows: each not before the one before it, nor before its own invocation. */
function pointsOf(order: readonly number[], operations: readonly Operation[]): Micros[] {
  let latest = 0;
  return order.map((id) => (latest = Math.max(latest, operations[id]?.invokedAt ?? 0)));
}

function becauseText({ key, f, output }: Operation, { facts, sentence }: Witness): string {
  const legal = facts?.['legal'];
  if (!Array.isArray(legal) || legal.length === 0) return sentence;
  const values = legal.slice(0, 5).map(valueText).join(' or ');
  const object = key === '' ? 'the object' : key;
  return f === 'read' || f === 'cas'
    ? `${object} could only be ${values} there, not ${valueText(facts?.['observed'] ?? output)}`
    : `it could have returned ${values} there, not ${valueText(output)}`;
}

function indefiniteLines({ facts }: Witness): [string, string][] {
  const indefinite = facts?.['indefinite'];
  if (!Array.isArray(indefinite)) return [];
  return (indefinite as { readonly operations?: unknown; readonly why?: unknown }[]).flatMap(({ operations, why }) =>
    typeof why !== 'string'
      ? []
      : [['unknown outcomes', typeof operations === 'number' ? `${operations}: ${why}` : why]],
  );
}

// ── A limit ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** All lie wholly in one stretch: when one more than is allowed has ended, it is one too many, whichever took effect when. */
function limitStory(verdict: Verdict, witness: Witness, named: readonly Operation[]): OperationStory {
  const { allowed, from, to } = witness.facts as { allowed: number; from?: number; to?: number };
  const first = named[allowed];
  const start = Math.max(0, allowed - MOST_BARS / 2);
  const bars = named.slice(start, start + MOST_BARS).map((op, i): StoryBar => ({
    op,
    standing: start + i < allowed ? 'legal' : op === first ? 'illegal' : 'evidence',
    certain: true,
  }));
  const stretch = typeof from === 'number' && typeof to === 'number' ? ` in ${length(to - from)}` : '';
  const words = { ...WORDS, evidence: 'beyond the limit', illegal: 'one too many' };
  const told = { ...witness, at: first?.completedAt ?? witness.at };
  const lines = [
    ['legal so far', `the first ${counted(allowed, 'operation')} of the stretch that begins at ${instant(from ?? 0)}`],
    ...(first === undefined ? [] : [['cannot come next', `${operationLine(first)}: number ${allowed + 1}`] as const]),
    ['because', `${allowed} are allowed, and ${named.length} were let through${stretch}`],
  ] as const;
  return { ...story(verdict, told, bars, named.length - bars.length, lines), words };
}

// ── Other checks ──────────────────────────────────────────────────────────────────────────────────────────────────────

function namedStory(
  verdict: Verdict,
  witness: Witness,
  named: readonly Operation[],
  culprit: Operation | undefined,
): OperationStory {
  const certain = certainty(witness);
  const bars = named.slice(-MOST_BARS).map((op): StoryBar => ({
    op,
    standing: op === culprit ? 'illegal' : 'evidence',
    certain: certain(op),
  }));
  return story(verdict, witness, bars, named.length - bars.length, [['because', witness.sentence]]);
}

/** Each was acknowledged, and is nowhere at the end. */
function lossStory(result: RunResult, verdict: Verdict, witness: Witness, named: readonly Operation[]): OperationStory {
  const lost = Number(witness.facts?.['lost']);
  const bars = named.slice(0, MOST_BARS).map((op): StoryBar => ({ op, standing: 'illegal', certain: true }));
  const first = lostOperation(verdict, result.operations);
  const loss = first === undefined ? undefined : lossOf(result, first);
  const lines = [
    [
      'acknowledged',
      `${counted(Number(witness.facts?.['acknowledged'] ?? named.length), 'operation')}; ${grouped(lost)} of them left no trace at the end`,
    ],
    ...(loss === undefined ? [] : [['lost', `at ${instant(loss.at)}: ${loss.text}`] as const]),
    ['because', witness.sentence],
  ] as const;
  return {
    ...story(verdict, witness, bars, lost - bars.length, lines),
    words: { ...WORDS, illegal: 'acknowledged, and lost' },
  };
}

/** A check of states names no operations: what the clients of the named nodes were doing then. */
function aroundStory({ operations }: RunResult, verdict: Verdict, witness: Witness): OperationStory | undefined {
  const { at, nodes = [] } = witness;
  if (verdict.kind !== 'always') return undefined;
  const concerns = ({ client, node }: Operation): boolean =>
    nodes.includes(hostOf(client)) || (node !== undefined && nodes.includes(node));
  const distance = (op: Operation): number => Math.max(op.invokedAt - at, at - op.completedAt, 0);
  const own = operations.filter(concerns);
  const near = (own.length > 0 ? own : operations)
    .toSorted((a, b) => distance(a) - distance(b) || a.id - b.id)
    .slice(0, Math.floor(MOST_BARS / 2));
  if (near.length === 0) return undefined;
  const bars = near.map((op): StoryBar => ({ op, standing: 'beside', certain: op.outcome === 'ok' }));
  return story(verdict, witness, bars, 0, [
    ['the check', 'judges what nodes hold, not what clients see: these operations were under way around it'],
    ['because', witness.sentence],
  ]);
}

function certainty({ mandatory, operations }: Witness): (op: Operation) => boolean {
  const sure = new Set(mandatory ?? operations);
  return ({ id }) => sure.has(id);
}

/** `c2 read x → c1.142, 3.0773 to 3.0778 s, from n2`. */
export function operationLine(op: Operation): string {
  const end = op.completedAt >= NEVER ? 'never ended' : `to ${instant(op.completedAt)}`;
  const by = op.node === undefined ? '' : `, from ${op.node}`;
  return `${op.client} ${askedText(op)} → ${answerText(op)}, ${instant(op.invokedAt)} ${end}${by}`;
}

function story(
  verdict: Verdict,
  witness: Witness,
  bars: readonly StoryBar[],
  omitted: number,
  lines: OperationStory['lines'],
): OperationStory {
  const rank = ({ standing }: StoryBar): number => ['illegal', 'evidence', 'beside', 'legal'].indexOf(standing);
  const clients = [
    ...new Set(bars.toSorted((a, b) => rank(a) - rank(b) || a.op.invoked - b.op.invoked).map(({ op }) => op.client)),
  ];
  const inOrder = bars.toSorted((a, b) => a.op.invoked - b.op.invoked);
  return {
    check: verdict.check,
    bars: inOrder,
    clients,
    lines,
    at: witness.at,
    words: WORDS,
    omitted: Math.max(0, omitted),
  };
}
