/**
 * No acknowledged write is lost: what clients were told is done is there at the end.
 *
 * The books must balance (Kingsbury's first Jepsen counts, 2013):
 *   acknowledged = survivors − unacknowledged survivors + lost,
 * each counted in distinct values. A survivor without acknowledgement is no error: its outcome was unknown. A survivor that
 * nobody wrote is one. Judged at the end of the run: leave time after the last fault for the system to settle.
 */
import { canonicalJson } from '../base/json.ts';
import { instantText } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict, Witness } from './verdict.ts';

export interface AcknowledgedWritesOptions {
  /** Every value that the system still holds, overwritten ones included (a log, a set); undefined: it cannot be read. */
  readonly survivors: (view: RunView) => Iterable<unknown> | undefined;
  /** The operation that writes; its input is the value, unique. Default `write`. */
  readonly f?: string;
  /** Default `no acknowledged write is lost`. */
  readonly name?: string;
}

const SHOWN = 5;

/** Held when every acknowledged value is among the survivors. Undecided when the survivors cannot be read at the end. */
export function noAcknowledgedWriteLost({
  survivors,
  f = 'write',
  name = 'no acknowledged write is lost',
}: AcknowledgedWritesOptions): Check {
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const found = survivors(view);
    if (found === undefined)
      return { ...base, status: 'undecided', message: 'nobody was left at the end to say what survived' };
    const surviving = new Set<string>();
    for (const value of found) surviving.add(canonicalJson(value));
    const written = view.operations.filter((op) => op.f === f);
    const acknowledged = written.filter((op) => op.outcome === 'ok');
    const lost = acknowledged.filter((op) => !surviving.has(canonicalJson(op.input)));
    const facts = balance(surviving, written, acknowledged, lost);
    const { unacknowledgedPresent, fromNowhere } = facts;
    const numbers = `${facts.acknowledged} acknowledged = ${facts.survivors} survivors − ${unacknowledgedPresent} unacknowledged + ${lost.length} lost`;
    if (lost.length === 0 && fromNowhere === 0) return { ...base, status: 'held', message: numbers };
    const witness = lost.length > 0 ? lossWitness(lost, facts, view) : strayWitness(facts, view);
    return { ...base, status: 'violated', message: `${witness.sentence}; ${numbers}`, witness };
  };
  return {
    name,
    kind: 'history',
    promise: `every ${f} that was acknowledged is there at the end`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

interface Balance extends Readonly<Record<string, unknown>> {
  readonly total: number;
  readonly acknowledged: number;
  readonly survivors: number;
  readonly unacknowledgedPresent: number;
  readonly lost: number;
  readonly fromNowhere: number;
}

const distinct = (operations: readonly Operation[]): Set<string> =>
  new Set(operations.map((op) => canonicalJson(op.input)));

function balance(
  surviving: ReadonlySet<string>,
  written: readonly Operation[],
  ok: readonly Operation[],
  lost: readonly Operation[],
): Balance {
  const attempted = distinct(written);
  const acknowledged = distinct(ok);
  const legitimate = [...surviving].filter((value) => attempted.has(value));
  return {
    total: attempted.size,
    acknowledged: acknowledged.size,
    survivors: legitimate.length,
    unacknowledgedPresent: legitimate.filter((value) => !acknowledged.has(value)).length,
    lost: distinct(lost).size,
    fromNowhere: surviving.size - legitimate.length,
  };
}

function lossWitness(lost: readonly Operation[], facts: Balance, view: RunView): Witness {
  const first = lost[0] as Operation;
  const by = first.node === undefined ? '' : ` by ${first.node}`;
  const sentence =
    `${lost.length} of ${facts.acknowledged} acknowledged writes are gone: ${first.client} wrote ${canonicalJson(first.input)}, ` +
    `acknowledged${by} at ${instantText(first.completedAt)}, and at ${instantText(view.end)} it is nowhere`;
  const shown = lost.slice(0, SHOWN);
  return {
    sentence,
    at: first.completedAt,
    operations: shown.map((op) => op.id),
    mandatory: shown.map((op) => op.id),
    nodes: [...new Set(shown.flatMap((op) => (op.node === undefined ? [] : [op.node])))],
    facts,
  };
}

const strayWitness = (facts: Balance, view: RunView): Witness => ({
  sentence: `${facts.fromNowhere} values are there at the end that nobody wrote`,
  at: view.end,
  operations: [],
  facts,
});
