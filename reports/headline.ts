/** What a reader must learn first: the property, and the sentence that names the two facts that contradict it. */
import type { Micros } from '../sim/base/time.ts';
import type { Status, Verdict } from '../sim/check/verdict.ts';
import type { RunResult } from '../sim/result.ts';
import { counted, length } from './quantity.ts';

export interface Headline {
  readonly status: Status;
  /** The verdict that it is about; absent when everything held. */
  readonly verdict?: Verdict;
  readonly sentence: string;
  /** The first event that no legal behaviour explains. */
  readonly at?: Micros;
}

/** Safety with a witness explains most, then what never happened, then service levels. */
const EXPLAINS: readonly Verdict['kind'][] = ['history', 'always', 'eventually', 'slo', 'sometimes'];

const rank = (verdict: Verdict): number =>
  (verdict.witness === undefined ? EXPLAINS.length : 0) + EXPLAINS.indexOf(verdict.kind);

/** The violated (or else undecided) verdict that explains most; the first of equals. */
export function leadingVerdict(result: RunResult): Verdict | undefined {
  const candidates = result.verdicts.filter((verdict) => verdict.status === result.status);
  if (result.status === 'held') return undefined;
  return candidates.reduce<Verdict | undefined>(
    (best, verdict) => (best === undefined || rank(verdict) < rank(best) ? verdict : best),
    undefined,
  );
}

export function headline(result: RunResult): Headline {
  const verdict = leadingVerdict(result);
  if (verdict === undefined) return { status: result.status, sentence: heldSentence(result) };
  const { witness } = verdict;
  return {
    status: result.status,
    verdict,
    sentence: witness?.sentence ?? verdict.message,
    ...(witness === undefined ? {} : { at: witness.at }),
  };
}

function heldSentence(result: RunResult): string {
  const { verdicts, operations, engine, faults } = result;
  const checks = verdicts.length === 0 ? 'No check was asked' : `${counted(verdicts.length, 'check')} held`;
  const under = faults.length === 0 ? 'without faults' : `under ${counted(faults.length, 'fault')}`;
  return `${checks} over ${counted(operations.length, 'operation')} and ${length(engine.reached)} of virtual time, ${under}.`;
}

/** `caught by linearizable`: which checks caught what, for one line. */
export function caughtText(result: RunResult): string {
  const names = (status: Status): string[] => result.verdicts.filter((v) => v.status === status).map((v) => v.check);
  const violated = names('violated');
  const undecided = names('undecided');
  const parts = [
    violated.length > 0 ? `violated: ${violated.join(', ')}` : '',
    undecided.length > 0 ? `undecided: ${undecided.join(', ')}` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join('; ') : `${counted(result.verdicts.length, 'check')} held`;
}
