/** What a reader must learn first: the property, and the sentence that names the two facts that contradict it. */
import { NEVER, type Micros } from '../sim/base/time.ts';
import type { Status, Verdict } from '../sim/check/verdict.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { FaultOutcome, RunResult } from '../sim/result.ts';
import { lossOf, lostOperation, type Loss } from './loss.ts';
import { counted, instant, length } from './quantity.ts';

export interface Headline {
  readonly status: Status;
  /** The verdict that it is about; absent when everything held. */
  readonly verdict?: Verdict;
  readonly sentence: string;
  /** The first event that no legal behaviour explains; of a loss, the instant that lost it, if that is known. */
  readonly at?: Micros;
  /** Of a loss: the operation that was acknowledged, and lost later. */
  readonly acknowledged?: Operation;
  /** Of a loss: what lost it, if that is known. */
  readonly loss?: Loss;
}

/** Safety with a witness explains most, then what never happened, then service levels. */
const EXPLAINS: readonly Verdict['kind'][] = ['history', 'always', 'eventually', 'slo', 'sometimes'];

const rank = (verdict: Verdict): number =>
  (verdict.witness === undefined ? EXPLAINS.length : 0) + EXPLAINS.indexOf(verdict.kind);

/** Where the scenario's expectation names this check, NEVER when it does not: the demonstration comes first. */
function placeInExpectation(check: string, { expectation: { text } }: RunResult): number {
  const place = text.startsWith('violates ') ? `, ${text.slice('violates '.length)}, `.indexOf(`, ${check}, `) : -1;
  return place < 0 ? NEVER : place;
}

/** The violated verdict that the expectation names first, else the earliest, else the one that explains most. */
export function leadingVerdict(result: RunResult): Verdict | undefined {
  const candidates = result.verdicts.filter((verdict) => verdict.status === result.status);
  if (result.status === 'held') return undefined;
  const place = (verdict: Verdict): number => placeInExpectation(verdict.check, result);
  return candidates.toSorted(
    (a, b) => place(a) - place(b) || (a.witness?.at ?? NEVER) - (b.witness?.at ?? NEVER) || rank(a) - rank(b),
  )[0];
}

export function headline(result: RunResult): Headline {
  const verdict = leadingVerdict(result);
  if (verdict === undefined) return { status: result.status, sentence: heldSentence(result) };
  const { witness } = verdict;
  const acknowledged = lostOperation(verdict, result.operations);
  const loss = acknowledged === undefined ? undefined : lossOf(result, acknowledged);
  return {
    status: result.status,
    verdict,
    sentence: witness?.sentence ?? verdict.message,
    ...(witness === undefined ? {} : { at: loss?.at ?? witness.at }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
    ...(loss === undefined ? {} : { loss }),
  };
}

/** When it failed, as names and instants: a loss has two. */
export function failureInstants({
  at,
  acknowledged,
  loss,
}: Headline): readonly (readonly [name: string, at: string])[] {
  if (at === undefined) return [];
  if (acknowledged === undefined) return [['failed at', instant(at)]];
  return [
    ['acknowledged at', instant(acknowledged.completedAt)],
    loss === undefined ? ['gone', 'by the end of the run'] : ['lost at', instant(loss.at)],
  ];
}

/** `at 5.2000 s`, `acknowledged at 4.7096 s, lost at 5.0000 s`. */
export const failureText = (told: Headline): string =>
  failureInstants(told)
    .map(([name, at]) => `${name === 'failed at' ? 'at' : name} ${at}`)
    .join(', ');

/** Whether a fault was in force when it failed: of a loss, at any time from the acknowledgement to the loss, or to the end. */
export function inForceAtFailure(fault: FaultOutcome, { at, acknowledged, loss }: Headline): boolean {
  if (at === undefined || fault.effects === 0) return false;
  const to = acknowledged === undefined ? at : (loss?.at ?? NEVER);
  return fault.at <= to && (fault.until ?? NEVER) >= (acknowledged?.completedAt ?? at);
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
