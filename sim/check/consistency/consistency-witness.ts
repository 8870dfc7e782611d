/** Builds the witness of a session model's violation: the sentence, the operations and why each comes before another. */
import type { Operation } from '../../history/operation.ts';
import type { Edge, Status, Witness } from '../verdict.ts';
import { assignedText, intervalText, observedText, operationText, placedText } from './operation-words.ts';
import type { OrderEdge } from './partial-order.ts';
import type { UnexplainedRead } from './reads-from.ts';
import type { Contradiction } from './saturation.ts';
import type { Sessions, SessionStep } from './session-steps.ts';

export interface ConsistencyResult {
  readonly status: Status;
  /** For people; when violated, the witness's sentence. */
  readonly message: string;
  /** Branching moves of a search; 0 where none was needed. */
  readonly steps: number;
  readonly witness?: Witness;
}

export function unexplainedWitness({ read, observers, failed }: UnexplainedRead): Witness {
  const { op } = read;
  const last = observers.at(-1)?.op ?? op;
  const via = observers.length === 0 ? '' : `, which ${operationText(last)} shows to have happened,`;
  const subject = `${op.client} read ${observedText(op)} (${intervalText(op)})${via}`;
  const sentence =
    failed === undefined
      ? `${subject}, but nobody had written it`
      : `${subject} although ${placedText(failed)} failed and nothing else wrote it`;
  const shown = [...(failed === undefined ? [] : [failed]), op, ...observers.map((step) => step.op)];
  return {
    sentence: sentence.replace(',,', ','),
    at: last.completedAt,
    operations: shown.map(({ id }) => id),
    mandatory: [last.id],
    facts: { kind: failed === undefined ? 'never-written' : 'aborted-read', culprit: op.id },
  };
}

/** `sessions`: the operations shown, and no others. */
export function contradictionWitness(sessions: Sessions, contradiction: Contradiction): Witness {
  const opOf = (index: number): Operation => (sessions.steps[index] as SessionStep).op;
  const edges = contradiction.edges.map((edge): Edge => ({
    before: opOf(edge.from).id,
    after: opOf(edge.to).id,
    reason: reasonOf(edge, opOf),
  }));
  return {
    ...shownOf(sessions, edges),
    sentence: sentenceOf(contradiction, opOf),
    facts: {
      kind: contradiction.kind,
      ...(contradiction.read === undefined ? {} : { culprit: opOf(contradiction.read).id }),
      ...(contradiction.write === undefined ? {} : { newer: opOf(contradiction.write).id }),
    },
  };
}

/** For what no pattern explains: the operations that no order explains. */
export function exhaustedWitness(sessions: Sessions): Witness {
  const { steps, chains } = sessions;
  const edges = chains.flatMap((chain) =>
    chain.slice(1).map((index, i): Edge => {
      const [before, after] = [(steps[chain[i] as number] as SessionStep).op, (steps[index] as SessionStep).op];
      return { before: before.id, after: after.id, reason: `${after.client} did one after the other` };
    }),
  );
  const lines = chains
    .filter((chain) => chain.length > 0)
    .map((chain) => chain.map((index) => operationText((steps[index] as SessionStep).op)).join(', then '));
  const sentence = `no single order of these ${steps.length} operations keeps every session's order and explains every read: ${lines.join('; ')}`;
  return { ...shownOf(sessions, edges), sentence, facts: { kind: 'exhausted' } };
}

function shownOf(
  { steps }: Sessions,
  edges: readonly Edge[],
): Pick<Witness, 'at' | 'operations' | 'mandatory' | 'edges'> {
  const ids = steps.map(({ op }) => op.id);
  const definite = steps.filter((step) => step.definite);
  return {
    at: definite.reduce((latest, { op }) => Math.max(latest, op.completedAt), 0),
    operations: ids,
    mandatory: definite.map(({ op }) => op.id),
    edges,
  };
}

function sentenceOf({ kind, read, write, edges }: Contradiction, opOf: (index: number) => Operation): string {
  if (kind === 'circle' || read === undefined || write === undefined) {
    const links = edges.map(
      (edge) => `${operationText(opOf(edge.from))} → ${operationText(opOf(edge.to))} (${reasonOf(edge, opOf)})`,
    );
    return `no order explains what was seen, each of these would have to come before the next, round in a circle: ${links.join('; ')}`;
  }
  const culprit = opOf(read);
  const subject = `${culprit.client} read ${observedText(culprit)} (${intervalText(culprit)})`;
  const newer = placedText(opOf(write));
  if (kind === 'initial')
    return `${subject}, the initial value, although ${newer} comes before that read: ${chainText(edges, opOf)}`;
  return `${subject} although ${newer} had replaced it and comes before that read: ${chainText(edges, opOf)}`;
}

const chainText = (edges: readonly OrderEdge[], opOf: (index: number) => Operation): string =>
  edges
    .map((edge) => `${operationText(opOf(edge.from))} → ${operationText(opOf(edge.to))}: ${reasonOf(edge, opOf)}`)
    .join('; ');

function reasonOf({ from, to, reason, because }: OrderEdge, opOf: (index: number) => Operation): string {
  const after = opOf(to);
  switch (reason) {
    case 'session':
      return `${after.client} did one after the other`;
    case 'reads-from':
      return `${after.client} saw it`;
    case 'overwritten': {
      const read = opOf(because as number);
      return `${read.client} returned ${assignedText(read.key, read.f === 'cas' ? (read.input as unknown[])[0] : read.output)} (${intervalText(read)}) with the other in its past`;
    }
    case 'overwrites':
      return `it replaced the value that ${opOf(from).client} returned`;
    case 'initial':
      return `${opOf(from).client} still returned the initial value`;
  }
}
