/** Builds the witness of a register's violation: the sentence, the smallest set of operations, and what orders them. */
import type { Operation } from '../../history/operation.ts';
import type { Edge, Witness } from '../verdict.ts';
import { coreOf, shortestFailingPrefix, Trials } from './counterexample.ts';
import type { Decision, FailingPrefix } from './counterexample.ts';
import { explainedPrefix, ORDER_BUDGET } from './explained-prefix.ts';
import { searchRegister } from './guided-search.ts';
import { indefiniteReasons, lastEventBefore, realTimeEdges } from './ordering.ts';
import { evidenceAgainst, provingIds } from './register-evidence.ts';
import type { Evidence } from './register-evidence.ts';
import { withoutSuperseded } from './refuted-nearby.ts';
import { registerReduction } from './register-reduction.ts';
import { RegisterWords } from './register-sentence.ts';
import { INITIAL, NOTHING } from './register-step.ts';
import type { RegisterStep, ValueNumbers } from './register-step.ts';
import type { UniqueConflict } from './unique-register.ts';

type RegisterTrials = Trials<RegisterStep, UniqueConflict>;
type RegisterPrefix = FailingPrefix<RegisterStep, UniqueConflict>;

/** Values tried as the culprit's. */
const MOST_LEGAL = 24;

/** What was violated: one register's history. */
export interface ViolatedRegister {
  readonly key: string;
  readonly operations: readonly Operation[];
  readonly steps: readonly RegisterStep[];
  readonly values: ValueNumbers;
  readonly decision: Decision<UniqueConflict>;
}

export function registerWitness(register: ViolatedRegister): Witness {
  const { key, operations, steps, values, decision } = register;
  const trials = new Trials(registerReduction(values.size));
  const prefix = shortestFailingPrefix(steps, decision, trials);
  const { culprit } = prefix;
  const evidence = evidenceAgainst(culprit, prefix.steps, operations, values);
  const core = withoutSuperseded(coreOf(prefix, evidence && provingIds(culprit, evidence), trials));
  const legal = legalValues(prefix, trials);
  const shown = shownOperations(core, evidence);
  const words = new RegisterWords(key, values, shown);
  const mandatory = core.filter((step) => step.required).map((step) => step.source.id);
  const explained = explainedPrefix(prefix, trials.reduction, (part) =>
    searchRegister(part, values.size, ORDER_BUDGET),
  );
  const observed = culprit.kind === 'mismatch' ? undefined : values.valueOf(culprit.from);
  return {
    sentence: evidence ? words.sentence(culprit, evidence, legal) : words.unexplained(culprit, core.length, legal),
    at: culprit.source.completedAt,
    operations: shown.map((op) => op.id),
    mandatory,
    edges: [...edgesOf(core, words), ...replacements(culprit, evidence, words)],
    ...(explained === undefined ? {} : { explained }),
    facts: {
      kind: evidence?.kind ?? 'unexplained',
      key,
      culprit: culprit.source.id,
      ...(observed === undefined ? {} : { observed }),
      legal: legal.map((value) => values.valueOf(value)),
      failingEvent: culprit.ret,
      lastGoodEvent: lastEventBefore(culprit.ret, operations),
      indefinite: indefiniteOf(prefix, words),
    },
  };
}

function shownOperations(core: readonly RegisterStep[], evidence: Evidence | undefined): Operation[] {
  const shown = new Map(core.map((step) => [step.source.id, step.source]));
  if (evidence !== undefined && 'writer' in evidence) shown.set(evidence.writer.id, evidence.writer);
  if (evidence !== undefined && 'newer' in evidence) {
    for (const step of [evidence.older, evidence.newer, evidence.last])
      if (step !== undefined) shown.set(step.source.id, step.source);
  }
  return [...shown.values()].sort((a, b) => a.invoked - b.invoked);
}

/** What the culprit could have observed instead; of the most recent values, MOST_LEGAL are tried. */
function legalValues(prefix: RegisterPrefix, trials: RegisterTrials): number[] {
  const { culprit, steps } = prefix;
  if (culprit.kind === 'mismatch') return [culprit.from];
  // A write is certainly over when another one began after it had ended, and ended before the culprit began.
  let over = -1;
  for (const step of steps)
    if (step.required && step.to !== NOTHING && step.ret < culprit.call && step.call > over) over = step.call;
  const candidates = new Set<number>();
  for (const step of [...steps].reverse()) if (step.to !== NOTHING && step.ret > over) candidates.add(step.to);
  if (over === -1) candidates.add(INITIAL);
  candidates.delete(culprit.from);
  const legal: number[] = [];
  for (const value of [...candidates].slice(0, MOST_LEGAL)) {
    if (value === culprit.to) continue;
    const changed = steps.map((step) => (step.source.id === culprit.source.id ? { ...step, from: value } : step));
    if (trials.decide(changed).status === 'held') legal.push(value);
  }
  return legal.sort((a, b) => a - b);
}

/** Real time between the operations, and reads-from where there is one writer. */
function edgesOf(core: readonly RegisterStep[], words: RegisterWords): Edge[] {
  const edges = realTimeEdges(core, words);
  for (const reader of core) {
    if (!reader.required || reader.from === NOTHING || reader.kind === 'mismatch') continue;
    const writers = core.filter((step) => step.to === reader.from);
    const writer = writers[0];
    if (writers.length !== 1 || writer === undefined || reader.from === INITIAL) continue;
    const reason = `reads from: ${reader.source.client} observed ${words.assigned(reader.from)}, written by ${writer.source.client}`;
    edges.push({ before: writer.source.id, after: reader.source.id, reason });
  }
  return edges;
}

/** The order of values that the evidence proves: the culprit's is over before the newer one is seen. */
function replacements(culprit: RegisterStep, evidence: Evidence | undefined, words: RegisterWords): Edge[] {
  if (evidence === undefined) return [];
  const by = evidence.kind === 'lost-cas' ? evidence.cas : 'newer' in evidence ? evidence.newer : undefined;
  if (by === undefined) return [];
  const old = words.assigned(culprit.from);
  const reason = `overwritten: ${words.named(by.source)} came when ${old} was over, so ${culprit.source.client}, which observed ${old}, comes before it`;
  return [{ before: culprit.source.id, after: by.source.id, reason }];
}

/** Why no operation of unknown outcome saves it. */
function indefiniteOf({ steps, culprit }: RegisterPrefix, words: RegisterWords): unknown[] {
  const open = steps.filter((step) => !step.required);
  const ofValue = open.filter((step) => step.to === culprit.from);
  const others = `they write other values than ${words.assigned(culprit.from)}, so they cannot explain it`;
  return indefiniteReasons(ofValue, (op) => words.named(op), words, open.length - ofValue.length, others);
}
