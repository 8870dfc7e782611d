/** A session guarantee's answer for a whole history, with the operations that break it. */
import type { Operation } from '../../history/operation.ts';
import type { Edge, Witness } from '../verdict.ts';
import type { ConsistencyResult } from './consistency-witness.ts';
import { intervalText, observedText, operationText, placedText } from './operation-words.ts';
import { brokenGuarantee } from './session-guarantees.ts';
import type { BrokenGuarantee, SessionGuarantee } from './session-guarantees.ts';
import { versionedHistory } from './session-versions.ts';
import type { VersionedStep, VersionOptions } from './session-versions.ts';

/** Checks reads, writes and compare-and-sets. Undecided when a value that was read was written twice and no versions are given. */
export function checkGuarantee(
  operations: readonly Operation[],
  guarantee: SessionGuarantee,
  options: VersionOptions = {},
): ConsistencyResult {
  const history = versionedHistory(operations, options);
  if (history.kind === 'ambiguous') return { status: 'undecided', message: history.reason, steps: 0 };
  if (history.kind === 'unexplained') {
    const reason = history.failed === undefined ? 'nobody had written it' : `${operationText(history.failed)} failed`;
    return { status: 'undecided', message: `${placedText(history.read)}: ${reason}, so it has no version`, steps: 0 };
  }
  const broken = brokenGuarantee(history.steps, history.clients, guarantee);
  if (broken === undefined) {
    return {
      status: 'held',
      message: `${guarantee}: ${history.steps.length} operations of ${history.clients} sessions`,
      steps: 0,
    };
  }
  const witness = witnessOf(broken, guarantee);
  return { status: 'violated', message: witness.sentence, steps: 0, witness };
}

function witnessOf(broken: BrokenGuarantee, guarantee: SessionGuarantee): Witness {
  const { culprit, newer, through, replacing } = broken;
  const shown = new Set([culprit, newer, through, replacing].filter((step) => step !== undefined));
  for (const { source } of shown) if (source !== undefined) shown.add(source);
  const steps = [...shown].toSorted((a, b) => a.op.invoked - b.op.invoked);
  return {
    sentence: sentenceOf(broken, guarantee),
    at: culprit.op.completedAt,
    operations: steps.map(({ op }) => op.id),
    mandatory: steps.filter(({ definite }) => definite).map(({ op }) => op.id),
    edges: edgesOf(steps),
    facts: {
      kind: guarantee,
      culprit: culprit.op.id,
      newer: newer.op.id,
      ...(through === undefined ? {} : { through: through.op.id }),
    },
  };
}

function edgesOf(steps: readonly VersionedStep[]): Edge[] {
  const edges: Edge[] = [];
  for (const [i, after] of steps.entries()) {
    const before = steps.slice(0, i).findLast((step) => step.client === after.client && step.definite);
    if (before !== undefined)
      edges.push({ before: before.op.id, after: after.op.id, reason: `${after.op.client} did one after the other` });
    if (after.source !== undefined && steps.includes(after.source)) {
      edges.push({ before: after.source.op.id, after: after.op.id, reason: `${after.op.client} saw it` });
    }
  }
  return edges;
}

function sentenceOf({ culprit, newer, through }: BrokenGuarantee, guarantee: SessionGuarantee): string {
  const { op } = culprit;
  if (culprit.saw === undefined)
    return `${placedText(op)} made an older version than its client knew by then: ${placedText(newer.op)}`;
  const subject = `${op.client} read ${observedText(op)} (${intervalText(op)})`;
  const newest = placedText(newer.op);
  if (guarantee === 'read your writes')
    return `${subject} although it had itself written something newer before: ${newest}`;
  if (guarantee === 'monotonic reads')
    return `${subject} although it had itself read something newer before: ${newest}`;
  const write = through?.source;
  const seen = `${subject} although it had already seen ${write === undefined ? 'a later write' : placedText(write.op)}`;
  if (write === newer) return `${seen}, which replaced that`;
  return `${seen}, and before that write its client had ${guarantee === 'monotonic writes' ? 'written' : 'read'} something newer: ${newest}`;
}
