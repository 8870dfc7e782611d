/** Decides a session model for a whole history, and reduces a violation to the few operations that contradict it. */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import { refuteCausal } from './causal.ts';
import type { CausalModel } from './causal.ts';
import { contradictionWitness, exhaustedWitness, unexplainedWitness } from './consistency-witness.ts';
import type { ConsistencyResult } from './consistency-witness.ts';
import { readsFromOf } from './reads-from.ts';
import type { UnexplainedRead } from './reads-from.ts';
import type { Contradiction } from './saturation.ts';
import { decideSequential } from './sequential-decision.ts';
import { sessionsOf } from './session-steps.ts';
import type { Sessions, SessionOptions } from './session-steps.ts';
import { explained, shrinkHistory } from './shrink-history.ts';
import type { Status } from '../verdict.ts';

export interface SequentialOptions extends SessionOptions {
  /** Branching moves of the search before the answer is `undecided`. Default: 1,000,000, a few seconds. */
  readonly budget?: number;
}

interface Decision {
  readonly status: Status;
  readonly steps: number;
  readonly reason?: string;
  readonly unexplained?: UnexplainedRead;
  readonly contradiction?: Contradiction;
}

/** Trials of a counterexample: at most, and operations in all of them; moves of each. */
const TRIALS = 400;
const TRIED_OPERATIONS = 1_000_000;
const TRIAL_BUDGET = 20_000;

/** Sequential consistency of reads, writes and compare-and-sets, values repeated or not. */
export function checkSequential(operations: readonly Operation[], options: SequentialOptions = {}): ConsistencyResult {
  const budget = options.budget ?? 1_000_000;
  if (!Number.isSafeInteger(budget) || budget < 1)
    throw new ConfigError('budget', budget, 'a whole number of moves, at least 1');
  const decide = (part: readonly Operation[], moves: number): Decision =>
    decideSequential(sessionsOf(part, options), moves);
  const reason = `${budget} moves were not enough to find or to refute an order`;
  return judged(operations, 'sequentially consistent', options, (part, trial) => ({
    reason,
    ...decide(part, trial ? TRIAL_BUDGET : budget),
  }));
}

/** One of the causal family, or PRAM. Undecided when a value that was read was written twice. */
export function checkCausal(
  operations: readonly Operation[],
  model: CausalModel,
  options: SessionOptions = {},
): ConsistencyResult {
  return judged(operations, HOLDING[model], options, (part) => {
    const sessions = sessionsOf(part, options);
    const resolved = readsFromOf(sessions);
    if (resolved.kind === 'ambiguous') return { status: 'undecided', steps: 0, reason: resolved.reason };
    if (resolved.kind === 'unexplained') return { status: 'violated', steps: 0, unexplained: resolved.found };
    const contradiction = refuteCausal(sessions, resolved.readsFrom, model);
    return contradiction === undefined ? { status: 'held', steps: 0 } : { status: 'violated', steps: 0, contradiction };
  });
}

const HOLDING: Readonly<Record<CausalModel, string>> = {
  causal: 'causally consistent',
  'causal+': 'causally consistent, with one order of the writes',
  'causal memory': 'causal memory',
  pram: 'PRAM consistent',
};

type Decide = (operations: readonly Operation[], trial: boolean) => Decision;

function judged(
  operations: readonly Operation[],
  holding: string,
  options: SessionOptions,
  decide: Decide,
): ConsistencyResult {
  const sessions = sessionsOf(operations, options);
  if (sessions.flaw !== undefined) return { status: 'undecided', message: sessions.flaw, steps: 0 };
  const decision = decide(operations, false);
  const { status, steps } = decision;
  if (status === 'undecided') return { status, message: decision.reason ?? 'undecided', steps };
  if (status === 'held') {
    return {
      status,
      message: `${holding}: ${sessions.steps.length} operations of ${sessions.clients} sessions`,
      steps,
    };
  }
  const witness =
    decision.unexplained === undefined
      ? reducedWitness(sessions, decision, options, decide)
      : unexplainedWitness(decision.unexplained);
  return { status, message: witness.sentence, steps, witness };
}

function reducedWitness(
  sessions: Sessions,
  found: Decision,
  options: SessionOptions,
  decide: Decide,
): ReturnType<typeof unexplainedWitness> {
  const refuted = (part: readonly Operation[]): boolean => {
    const { status, unexplained } = decide(part, true);
    return status === 'violated' && unexplained === undefined;
  };
  const whole = sessions.steps.map(({ op }) => op);
  const proof = found.contradiction === undefined ? whole : provingOperations(sessions, found.contradiction);
  const start = refuted(proof) ? proof : whole;
  const core = shrinkHistory(start, refuted, Math.min(TRIALS, Math.ceil(TRIED_OPERATIONS / start.length)));
  const part = sessionsOf(core, options);
  const { contradiction } = decide(core, true);
  return contradiction === undefined ? exhaustedWitness(part) : contradictionWitness(part, contradiction);
}

/** The operations of the edges, the reads that they rest on, and the writers of what these read. */
function provingOperations(sessions: Sessions, { edges, read, write }: Contradiction): readonly Operation[] {
  const { steps } = sessions;
  const resolved = readsFromOf(sessions);
  const indexes = new Set(
    edges.flatMap(({ from, to, because }) => [from, to, ...(because === undefined ? [] : [because])]),
  );
  for (const index of [read, write]) if (index !== undefined) indexes.add(index);
  for (const index of indexes) {
    const writer = resolved.kind === 'known' ? (resolved.readsFrom.writer[index] ?? -1) : -1;
    if (writer >= 0) indexes.add(writer);
  }
  const whole = steps.map(({ op }) => op);
  return explained(
    steps.filter((step) => indexes.has(step.index)).map(({ op }) => op),
    whole,
  );
}
