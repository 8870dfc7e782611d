/**
 * What happened, in four to seven numbered steps: the faults that mattered, the changes of role after them, the acknowledged
 * write, the wrong answer. Candidates are gathered from the faults' effects, the witness and the trace, each with a weight; the
 * heaviest are kept and told in the order of time. Without a trace the faults and operations are still told.
 */
import type { Micros } from '../sim/base/time.ts';
import type { Verdict } from '../sim/check/verdict.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { FaultOutcome, RunResult } from '../sim/result.ts';
import { headline } from './headline.ts';
import { faultLine, type Loss } from './loss.ts';
import { answerText, askedText, isAnswered, isRead } from './operation-text.ts';
import { isActivity, phaseRank } from './phases.ts';
import { counted } from './quantity.ts';
import { queueGrowth } from './queue-growth.ts';
import { isRecorded } from './recording.ts';
import { TraceReader, type TraceRow } from './trace-reader.ts';
import { unansweredIn } from './unanswered.ts';

export type StepKind = 'fault' | 'heal' | 'phase' | 'operation' | 'answer' | 'note' | 'violation' | 'end';

export interface Step {
  /** From 1, in order of time. */
  readonly number: number;
  readonly at: Micros;
  readonly kind: StepKind;
  readonly text: string;
  /** The node where it happened; absent for what concerns the whole system. */
  readonly node?: string;
  /** The row of the trace, 0 when there is none: nothing was recorded then. */
  readonly row: number;
  /** The operation that it tells of. */
  readonly operation?: number;
  /** The fault that it tells of. */
  readonly fault?: string;
}

/** The fewest told if there is anything to tell, and the most. */
const FEWEST_STEPS = 4;
const MOST_STEPS = 7;

/** Operations of a witness without reasons that are told one by one. */
const MOST_TOLD = 3;

interface Candidate {
  readonly at: Micros;
  readonly kind: StepKind;
  readonly text: string;
  readonly node?: string;
  readonly row: number;
  readonly operation?: number;
  readonly fault?: string;
  readonly weight: number;
}

interface Told {
  readonly result: RunResult;
  readonly reader: TraceReader | undefined;
  /** The instant of the failure, or the end of the run. */
  readonly until: Micros;
  readonly verdict: Verdict | undefined;
  /** Of a loss: the operation that was acknowledged, and what lost it. */
  readonly acknowledged: Operation | undefined;
  readonly loss: Loss | undefined;
}

/** Whether the failure was decided after its instant: a history is judged as a whole, a state when it is reached. */
const looksBack = ({ verdict, loss }: Told): boolean =>
  loss === undefined && (verdict === undefined || verdict.kind === 'history');

/** Order of steps at one instant: causes first. */
const ORDER: readonly StepKind[] = ['fault', 'heal', 'phase', 'note', 'operation', 'answer', 'violation', 'end'];

export function stepsOf(result: RunResult): readonly Step[] {
  const { verdict, at, acknowledged, loss } = headline(result);
  const until = at ?? result.engine.reached;
  const reader = result.trace === undefined ? undefined : new TraceReader(result.trace);
  const told: Told = { result, reader, until, verdict, acknowledged, loss };
  const faults = faultSteps(told);
  const since = Math.min(...faults.map((fault) => fault.at), until);
  const candidates = [
    ...faults,
    ...healSteps(told),
    ...phaseSteps(told, since).filter((step) => step.row !== loss?.row),
    ...witnessSteps(told),
    ...noteSteps(told, since),
    ...unansweredStep(told, since),
    ...queueStep(told, since),
    endStep(told),
  ];
  const steps = numbered(withOtherFaults(chosen(candidates), told));
  return steps.map((step) => (step.row > 0 && !isRecorded(result, step.at) ? { ...step, row: 0 } : step));
}

/** The heaviest, without two that say the same; light ones only while there are few. */
function chosen(candidates: readonly Candidate[]): Candidate[] {
  const byWeight = candidates.toSorted((a, b) => b.weight - a.weight || a.at - b.at);
  const kept: Candidate[] = [];
  for (const candidate of byWeight) {
    if (kept.length >= MOST_STEPS || (candidate.weight < 50 && kept.length >= FEWEST_STEPS)) break;
    if (!kept.some((other) => other.text === candidate.text)) kept.push(candidate);
  }
  return kept;
}

/** The last fault that is told says how many are not. */
function withOtherFaults(kept: readonly Candidate[], { result, until }: Told): Candidate[] {
  const named = new Set(kept.map((candidate) => candidate.fault));
  const others = result.faults.filter((fault) => fault.effects > 0 && !named.has(fault.id));
  const last = kept.filter((candidate) => candidate.kind === 'fault').toSorted((a, b) => b.at - a.at)[0];
  if (others.length === 0) return [...kept];
  const late = others.every((fault) => fault.at > until) ? ' after the failure' : '';
  const remark = `, and ${counted(others.length, 'other fault')}${late}`;
  return kept.map((candidate) => (candidate === last ? { ...candidate, text: candidate.text + remark } : candidate));
}

function numbered(candidates: readonly Candidate[]): Step[] {
  const inOrder = candidates.toSorted(
    (a, b) => a.at - b.at || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.row - b.row,
  );
  return inOrder.map(({ weight: _weight, ...step }, i) => ({ number: i + 1, ...step }));
}

// ── Faults ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const inForceAt = (fault: FaultOutcome, at: Micros): boolean =>
  fault.at <= at && (fault.until === undefined || fault.until >= at);

/**
 * At most three: those in force at the failure first, then the latest. The next one after it is told more lightly: an
 * acknowledged message is lost by the crash that comes later.
 */
function faultSteps(told: Told): Candidate[] {
  const { result, until } = told;
  // The fault that lost it is told by the loss itself.
  const effective = result.faults.filter((fault) => fault.effects > 0 && fault.id !== told.loss?.fault);
  const byRelevance = effective
    .filter((fault) => fault.at <= until)
    .toSorted((a, b) => Number(inForceAt(b, until)) - Number(inForceAt(a, until)) || b.at - a.at);
  const next = looksBack(told)
    ? effective.filter((fault) => fault.at > until).toSorted((a, b) => a.at - b.at)[0]
    : undefined;
  return [
    ...byRelevance
      .slice(0, 3)
      .map((fault, i) => faultStep(told, fault, 92 - i * 10 - (inForceAt(fault, until) ? 0 : 15))),
    ...(next === undefined ? [] : [faultStep(told, next, 60)]),
  ];
}

const faultStep = ({ reader }: Told, fault: FaultOutcome, weight: number): Candidate => ({
  at: fault.at,
  kind: 'fault',
  text: faultLine(fault),
  ...(fault.nodes[0] === undefined ? {} : { node: fault.nodes[0] }),
  row: reader === undefined ? 0 : faultRow(reader, fault),
  fault: fault.id,
  weight,
});

function faultRow(reader: TraceReader, fault: FaultOutcome): number {
  for (const { row, at, label } of reader.of('fault-begin')) {
    if (at === fault.at && (label === fault.id || label.startsWith(`${fault.id} `) || label === fault.text)) return row;
  }
  return reader.firstAt(fault.at);
}

function healSteps(told: Told): Candidate[] {
  const { result, reader, until } = told;
  const at = result.healedAt;
  if (at === undefined || at === 0 || !result.faults.some((fault) => fault.effects > 0)) return [];
  return [
    {
      at,
      kind: 'heal',
      text: 'The last fault has healed',
      row: reader?.firstAt(at) ?? 0,
      weight: at <= until ? 70 : looksBack(told) ? 54 : 20,
    },
  ];
}

// ── Roles ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Changes of phase after the first fault that is told: who came to lead, who stepped down. What follows the failure is told
 * too, more lightly: a lost write is lost by the change of leader that comes after its acknowledgement.
 */
function phaseSteps(told: Told, since: Micros): Candidate[] {
  const { reader, until, result } = told;
  if (reader === undefined) return [];
  const roles = new Set(result.nodes.map((node) => node.role));
  const hosts = new Set(result.operations.map((op) => hostOf(op.client)));
  const phases = new Map<string, string>();
  const [led, ledAfter, other]: Candidate[][] = [[], [], []];
  for (const change of reader.of('phase')) {
    const before = phases.get(change.node);
    phases.set(change.node, change.label);
    const rank = phaseRank(change.label);
    if (change.at < since || before === undefined || rank === 'down' || phaseRank(before) === 'down') continue;
    if (isActivity(change.label) && phaseRank(before) === 'ordinary') continue;
    const late = change.at > until;
    if (late && !looksBack(told)) break;
    if (rank === 'leading') (late ? ledAfter : led)?.push(phaseStep(change, before, phases, late ? 62 : 88));
    else if (phaseRank(before) === 'leading')
      (late ? ledAfter : led)?.push(phaseStep(change, before, phases, late ? 58 : 75));
    else if (!late && !roles.has(change.label) && !hosts.has(change.node))
      other?.push(phaseStep(change, before, phases, rank === 'changing' ? 40 : 45));
  }
  return [...(led ?? []).slice(-2), ...(ledAfter ?? []).slice(0, 2), ...(other ?? []).slice(-2)];
}

function phaseStep(change: TraceRow, before: string, phases: ReadonlyMap<string, string>, weight: number): Candidate {
  const same = [...phases]
    .filter(([node, phase]) => node !== change.node && phase === change.label)
    .map(([node]) => node);
  const rivals = phaseRank(change.label) === 'leading' ? same : [];
  const still = rivals.length === 0 ? '' : ` while ${rivals.join(', ')} still ${rivals.length === 1 ? 'is' : 'are'}`;
  const from = rivals.length === 0 ? ` (was ${before})` : '';
  const { at, node, row, label } = change;
  return { at, kind: 'phase', text: `${node} becomes ${label}${still}${from}`, node, row, weight };
}

// ── The witness ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A client's operations are drawn on the lane of the node that it runs on. */
export const hostOf = (client: string): string => client.split('/')[0] as string;

/** The operations of the contradiction: the last one is the wrong answer, the others are what it contradicts. */
export function contradiction(verdict: Verdict | undefined, operations: readonly Operation[]): readonly Operation[] {
  const named = (verdict?.witness?.operations ?? []).map((id) => operations[id]).filter((op) => op !== undefined);
  return named.toSorted((a, b) => a.completedAt - b.completedAt || a.completed - b.completed || a.id - b.id);
}

function witnessSteps(told: Told): Candidate[] {
  const { result, verdict, until } = told;
  if (verdict === undefined) return [];
  if (told.acknowledged !== undefined) return lossSteps(told, verdict, told.acknowledged);
  const all = contradiction(verdict, result.operations);
  const operations = all.filter((op) => op.invokedAt <= until);
  const last =
    operations.findLast((op) => op.completedAt === until) ??
    operations.findLast((op) => op.completedAt <= until) ??
    operations.at(-1);
  const edges = verdict.witness?.edges ?? [];
  const isDirect = (op: Operation): boolean => edges.some((edge) => edge.before === op.id && edge.after === last?.id);
  // A crowd is evidence, not a story: then only what is tied to the wrong answer is told.
  const earlier = operations
    .filter((op) => op !== last && (isDirect(op) || edges.length > 0 || all.length <= MOST_TOLD))
    .toSorted((a, b) => Number(isDirect(b)) - Number(isDirect(a)) || b.completedAt - a.completedAt);
  return [
    ...earlier.slice(0, 3).map((op, i) => operationStep(told, op, 90 - i * 8)),
    ...(last === undefined ? [] : answerSteps(told, last)),
    violationStep(told, verdict, last),
  ];
}

/** The acknowledgement, and what lost it; when that is not known, the acknowledgement alone. */
function lossSteps(told: Told, { check, witness }: Verdict, acknowledged: Operation): Candidate[] {
  const { loss } = told;
  const step = operationStep(told, acknowledged, loss === undefined ? 100 : 95);
  const violated = `“${check}” is violated`;
  if (loss === undefined)
    return [{ ...step, kind: 'violation', text: `${step.text}, and at the end it is gone: ${violated}` }];
  const lost = Number(witness?.facts?.['lost'] ?? 1);
  const among = lost > 1 ? `, the first of ${counted(lost, 'operation')} that are lost` : '';
  return [
    { ...step, text: `${step.text}${among}` },
    { ...loss, kind: 'violation', text: `${loss.text}: ${violated}`, weight: 100 },
  ];
}

function operationStep({ reader, until }: Told, op: Operation, weight: number): Candidate {
  const answered = isAnswered(op) && op.completedAt <= until;
  return {
    at: answered ? op.completedAt : op.invokedAt,
    kind: 'operation',
    text: answered ? answeredText(op) : `${op.client} begins ${askedText(op)}`,
    node: hostOf(op.client),
    row: reader?.operation(op.id, answered ? 'complete' : 'invoke') ?? 0,
    operation: op.id,
    weight,
  };
}

function answeredText(op: Operation): string {
  const by = op.node === undefined ? '' : ` from ${op.node}`;
  if (op.outcome === 'fail') return `${op.client} is refused ${askedText(op)}: ${answerText(op)}`;
  if (isRead(op)) return `${op.client} gets ${answerText(op)} for ${askedText(op)}${by}`;
  if (op.output === undefined) {
    return op.node === undefined
      ? `${op.client}'s ${askedText(op)} is acknowledged`
      : `${op.node} acknowledges ${askedText(op)} to ${op.client}`;
  }
  return `${op.client} gets ${answerText(op)} for ${askedText(op)}${by}`;
}

/** The sending of the answer, on the side of the node that answered: there the wrong decision was made. */
function answerSteps({ reader }: Told, op: Operation): Candidate[] {
  const complete = reader?.operation(op.id, 'complete') ?? 0;
  if (reader === undefined || complete === 0 || (op.output === undefined && !isRead(op))) return [];
  const host = hostOf(op.client);
  const sending = reader
    .causes(complete)
    .map((row) => reader.row(row))
    .find((row) => row.kind === 'send' && row.peer === host);
  if (sending === undefined || sending.node === host) return [];
  const text = `${sending.node} answers ${askedText(op)} with ${answerText(op)}`;
  return [{ at: sending.at, kind: 'answer', text, node: sending.node, row: sending.row, operation: op.id, weight: 86 }];
}

/** The last row at an instant on one of these nodes, 0 when there is none. */
function rowOn(reader: TraceReader | undefined, at: Micros, nodes: readonly string[]): number {
  if (reader === undefined) return 0;
  let found = 0;
  for (let row = reader.firstAt(at); row > 0 && row <= reader.rows && reader.row(row).at === at; row++) {
    if (nodes.includes(reader.row(row).node)) found = row;
  }
  return found;
}

function violationStep({ reader, until }: Told, verdict: Verdict, last: Operation | undefined): Candidate {
  const { witness } = verdict;
  const atOperation = last !== undefined && last.completedAt === until;
  const node = atOperation ? hostOf(last.client) : witness?.nodes?.[0];
  const row = atOperation
    ? (reader?.operation(last.id, 'complete') ?? 0)
    : (witness?.events?.at(-1) ?? rowOn(reader, until, witness?.nodes ?? []));
  const undecided = verdict.status === 'undecided';
  const text = atOperation
    ? `${answeredText(last)}${undecided ? `: undecided whether ${verdict.check}` : `, which violates “${verdict.check}”`}`
    : `“${verdict.check}” is ${undecided ? 'undecided' : 'violated'}`;
  return {
    at: until,
    kind: 'violation',
    text,
    ...(node === undefined ? {} : { node }),
    row,
    ...(atOperation ? { operation: last.id } : {}),
    weight: 100,
  };
}

// ── What fills the rest ───────────────────────────────────────────────────────────────────────────────────────────────

/** What the actors themselves said near the end, on the nodes that the witness names. */
function noteSteps({ reader, until, verdict, result }: Told, since: Micros): Candidate[] {
  if (reader === undefined || verdict === undefined) return [];
  const operations = contradiction(verdict, result.operations);
  const concerned = new Set([...(verdict.witness?.nodes ?? []), ...operations.map((op) => op.node ?? '')]);
  const notes = [...reader.of('note')].filter(
    (note) => note.at >= since && note.at <= until && concerned.has(note.node),
  );
  return notes.slice(-2).map(({ at, node, label, row }) => ({
    at,
    kind: 'note',
    text: `${node}: ${label}`,
    node,
    row,
    weight: 52,
  }));
}

/** The first operation after the faults began that a client did not get done. */
function unansweredStep({ result, reader, until, verdict }: Told, since: Micros): Candidate[] {
  const gaveUp = unansweredIn(result.operations, since, until);
  const first = gaveUp[0];
  if (first === undefined) return [];
  const others = gaveUp.length === 1 ? '' : `, the first of ${counted(gaveUp.length, 'operation')} that fail`;
  const text = `${first.client}'s ${askedText(first)} gets ${answerText(first)}${others}`;
  const row = reader?.operation(first.id, 'complete') ?? 0;
  // Of a service level it is the first sign.
  const weight = verdict?.kind === 'slo' ? 65 : 47;
  return [{ at: first.completedAt, kind: 'note', text, node: hostOf(first.client), row, operation: first.id, weight }];
}

/** A service level fails by a queue, mostly: when it outgrew everything before. */
function queueStep({ result, reader, verdict }: Told, since: Micros): Candidate[] {
  const growth = verdict?.kind === 'slo' ? queueGrowth(result, since) : undefined;
  if (growth === undefined) return [];
  const { node, ...told } = growth;
  const row = reader?.firstAt(growth.at) ?? 0;
  return [{ ...told, kind: 'note', row, weight: 72, ...(node === '' ? {} : { node }) }];
}

function endStep({ result, verdict, reader }: Told): Candidate {
  const ok = result.operations.filter((op) => op.outcome === 'ok').length;
  return {
    at: result.engine.reached,
    kind: 'end',
    text: `The run ends: ${counted(ok, 'operation')} succeeded of ${counted(result.operations.length, 'operation')}`,
    row: reader?.rows ?? 0,
    weight: verdict === undefined ? 80 : 10,
  };
}
