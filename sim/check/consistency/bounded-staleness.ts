/**
 * Bounded staleness, in time or in versions, per key.
 *
 * In time (Δ-atomicity; Golab, Li and Shah, "Analyzing consistency properties for fun and profit", PODC 2011): the history is
 * linearizable once every read is allowed to look up to Δ into the past, that is, after its invocation has been moved back by
 * Δ. Δ = 0 is linearizability. It is decided so, with values repeated or not; a compare-and-set is not a read.
 *
 * In versions: when a read began, at most k writes had certainly come after the one that it returned. A write certainly came
 * after another when it began after the other had completed, or, with the store's version numbers, when it has a higher one;
 * only writes that had completed before the read began count. (Whether one order of the writes makes all reads so at once is
 * k-atomicity, for which no quick test is known.) O(n log n).
 */
import { durationText, instantText, NEVER, type Micros } from '../../base/time.ts';
import type { Operation } from '../../history/operation.ts';
import { checkRegister } from '../linearizability/linearizable-register.ts';
import type { Witness } from '../verdict.ts';
import type { ConsistencyResult } from './consistency-witness.ts';
import { intervalText, observedText, operationText, placedText } from './operation-words.ts';
import { CountAbove } from './count-above.ts';
import { grouped } from './grouped.ts';
import { versionedHistory } from './session-versions.ts';
import type { VersionedStep, VersionOptions } from './session-versions.ts';

/** Reads, writes and compare-and-sets; `within` in virtual time. `budget`: search steps, for repeated values. */
export function checkStaleness(
  operations: readonly Operation[],
  within: Micros,
  options: { readonly initial?: unknown; readonly budget?: number } = {},
): ConsistencyResult {
  const result = checkRegister(lookingBack(operations, within), options);
  const { status, steps } = result;
  if (status === 'held')
    return { status, steps, message: `no read staler than ${durationText(within)}: ${operations.length} operations` };
  if (result.witness === undefined) return { status, steps, message: result.message };
  const original = new Map(operations.map((op) => [op.id, op]));
  const shown = result.witness.operations.map((id) => original.get(id) as Operation);
  const culprit = original.get(result.witness.facts?.['culprit'] as number);
  const sentence = culprit?.f === 'read' ? staleSentence(culprit, shown, within) : undefined;
  const witness = {
    ...result.witness,
    sentence: sentence ?? `allowing reads to be ${durationText(within)} old: ${result.witness.sentence}`,
  };
  return { status, steps, message: witness.sentence, witness };
}

/** The history with the reads' invocations moved back; events in order of time, then as they were. */
function lookingBack(operations: readonly Operation[], within: Micros): Operation[] {
  const events = operations.flatMap((op, index) => {
    const began = op.f === 'read' ? op.invokedAt - within : op.invokedAt;
    const call = { index, at: began, sequence: op.invoked, end: false };
    return op.completed === Number.MAX_SAFE_INTEGER
      ? [call]
      : [call, { index, at: op.completedAt, sequence: op.completed, end: true }];
  });
  events.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
  const moved = operations.map((op): { -readonly [K in keyof Operation]: Operation[K] } => ({ ...op }));
  events.forEach(({ index, end }, place) => {
    const op = moved[index];
    if (op !== undefined && end) op.completed = place;
    else if (op !== undefined) op.invoked = place;
  });
  return moved;
}

function staleSentence(culprit: Operation, shown: readonly Operation[], within: Micros): string | undefined {
  const begin = culprit.invokedAt - within;
  const writes = shown.filter(
    (op) => op.f !== 'read' && op.outcome === 'ok' && op.completedAt <= begin && observed(op) !== observed(culprit),
  );
  const newest = writes.toSorted((a, b) => b.completedAt - a.completedAt)[0];
  if (newest === undefined) return undefined;
  const late = durationText(culprit.invokedAt - newest.completedAt);
  return `${culprit.client} read ${observedText(culprit)} (${intervalText(culprit)}) although ${operationText(newest)} had been acknowledged at ${instantText(newest.completedAt)}, ${late} before the read began: staler than ${durationText(within)}`;
}

const observed = (op: Operation): string =>
  JSON.stringify(op.f === 'cas' ? (op.input as unknown[])[1] : op.f === 'write' ? op.input : op.output) ?? 'null';

/** At most `versions` versions behind. Undecided when a value that was read was written twice and no versions are given. */
export function checkVersionsBehind(
  operations: readonly Operation[],
  versions: number,
  options: VersionOptions = {},
): ConsistencyResult {
  const original = new Map(operations.map((op) => [op.id, op]));
  const { version, ...rest } = options;
  const versionOf =
    version === undefined ? {} : { version: (op: Operation) => version(original.get(op.id) as Operation) };
  // Each operation by itself: sessions play no part here, and may overlap.
  const alone = operations.map((op) => ({ ...op, client: `${op.client}#${op.id}` }));
  const history = versionedHistory(alone, { ...rest, ...versionOf });
  if (history.kind === 'ambiguous') return { status: 'undecided', message: history.reason, steps: 0 };
  if (history.kind === 'unexplained')
    return {
      status: 'undecided',
      message: `${placedText(history.read)}: nobody wrote it, so it has no version`,
      steps: 0,
    };
  let worst = 0;
  for (const part of grouped(history.steps, ({ key }) => key).values()) {
    for (const [read, behind] of countsBehind(part, options.version !== undefined)) {
      worst = Math.max(worst, behind);
      if (behind <= versions) continue;
      const witness = behindWitness(read, part, options.version !== undefined, behind, versions, original);
      return { status: 'violated', message: witness.sentence, steps: 0, witness };
    }
  }
  return {
    status: 'held',
    message: `no read more than ${worst} versions behind: ${operations.length} operations`,
    steps: 0,
  };
}

/** By which a write is after what a read returned: the version number, or when it began. */
const threshold = (read: VersionedStep, numbered: boolean): number =>
  numbered ? (read.saw?.rank ?? 0) : read.saw?.line === -1 ? -1 : (read.source?.op.completed ?? Infinity);
const standing = (write: VersionedStep, numbered: boolean): number =>
  numbered ? (write.made?.rank ?? 0) : write.op.invoked;

/** Each read with the number of writes that had certainly replaced what it returned. */
function countsBehind(part: readonly VersionedStep[], numbered: boolean): [VersionedStep, number][] {
  const writes = part.filter((step) => step.made !== undefined && step.definite);
  const reads = part
    .filter((step) => step.saw !== undefined && step.op.f === 'read')
    .toSorted((a, b) => a.op.invoked - b.op.invoked);
  const above = new CountAbove(writes.map((write) => standing(write, numbered)));
  const ended = writes.toSorted((a, b) => a.op.completed - b.op.completed);
  let at = 0;
  return reads.map((read) => {
    for (let write = ended[at]; write !== undefined && write.op.completed < read.op.invoked; write = ended[++at])
      above.add(standing(write, numbered));
    return [read, above.count(threshold(read, numbered))];
  });
}

function behindWitness(
  read: VersionedStep,
  part: readonly VersionedStep[],
  numbered: boolean,
  behind: number,
  versions: number,
  original: ReadonlyMap<number, Operation>,
): Witness {
  const newer = part.filter(
    (step) =>
      step.made !== undefined &&
      step.definite &&
      step.op.completed < read.op.invoked &&
      standing(step, numbered) > threshold(read, numbered),
  );
  const enough = newer.toSorted((a, b) => a.op.invoked - b.op.invoked).slice(0, versions + 1);
  const shown = [...(read.source === undefined ? [] : [read.source]), ...enough, read].map(
    ({ op }) => original.get(op.id) as Operation,
  );
  const culprit = original.get(read.op.id) as Operation;
  const last = enough.at(-1)?.op as Operation;
  return {
    sentence: `${culprit.client} read ${observedText(culprit)} (${intervalText(culprit)}), ${behind} versions behind where ${versions} are allowed: ${placedText(original.get(last.id) as Operation)} is number ${versions + 1} after it`,
    at: culprit.completedAt === NEVER ? culprit.invokedAt : culprit.completedAt,
    operations: shown.map(({ id }) => id),
    mandatory: shown.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id),
    edges: shown.slice(1).map((op, i) => ({
      before: (shown[i] as Operation).id,
      after: op.id,
      reason: op === culprit ? 'completed before the read began' : 'came later',
    })),
    facts: { kind: 'versions-behind', culprit: culprit.id, behind, versions },
  };
}
