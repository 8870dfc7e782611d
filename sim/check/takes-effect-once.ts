/**
 * Effects at most once, and at least once where that was answered: the promise of an idempotent operation.
 *
 * Looks at the end of the run into what the operations have left behind, such as the lines of a ledger. Violated by an operation with
 * two effects, by one that ended ok without any, by one that certainly failed with one, and by an effect that nobody asked for. An
 * operation of unknown outcome may have had one or none. O(operations + effects).
 */
import type { Operation } from '../history/operation.ts';
import type { Check, RunView } from './check.ts';
import type { Verdict } from './verdict.ts';

export interface EffectsOptions {
  /** For each effect, in their order, the operation that it is of, as `idOf` names it. undefined: nobody can tell, all are down. */
  readonly effects: (view: RunView) => Iterable<string> | undefined;
  /** What the operation calls itself in the effects. Default: its input, which then is text. */
  readonly idOf?: (op: Operation) => string;
  /** The operations that have effects. */
  readonly f: string;
  /** Default `no operation takes effect twice`. */
  readonly name?: string;
}

interface Fault {
  readonly sentence: string;
  readonly at: number;
  readonly operations: readonly number[];
}

export function takesEffectOnce(options: EffectsOptions): Check {
  const { f, name = 'no operation takes effect twice' } = options;
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const effects = options.effects(view);
    if (effects === undefined)
      return { ...base, status: 'undecided', message: 'nobody is up at the end to say what has been done' };
    const books = balance(view, options, effects);
    if (books.fault === undefined) {
      const { asked, ok, done } = books;
      return {
        ...base,
        status: 'held',
        message: `${asked} asked for, ${ok} ended ok, ${done} took effect, none twice`,
      };
    }
    const { sentence, at, operations } = books.fault;
    const facts = { asked: books.asked, ok: books.ok, done: books.done, twice: books.twice };
    const witness = { sentence, at, operations, mandatory: operations, facts };
    return { ...base, status: 'violated', message: sentence, witness };
  };
  return {
    name,
    kind: 'history',
    promise: `every ${f} that ended ok took effect once, and none twice`,
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

interface Books {
  readonly asked: number;
  readonly ok: number;
  readonly done: number;
  readonly twice: number;
  readonly fault: Fault | undefined;
}

function balance(
  view: RunView,
  { f, idOf = (op) => String(op.input) }: EffectsOptions,
  effects: Iterable<string>,
): Books {
  const counts = new Map<string, number>();
  let done = 0;
  for (const id of effects) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    done++;
  }
  const operations = view.operations.filter((op) => op.f === f);
  const twice = operations.filter((op) => (counts.get(idOf(op)) ?? 0) > 1);
  const missing = operations.filter((op) => op.outcome === 'ok' && !counts.has(idOf(op)));
  const undead = operations.filter((op) => op.outcome === 'fail' && counts.has(idOf(op)));
  const known = new Set(operations.map(idOf));
  const stray = [...counts.keys()].find((id) => !known.has(id));
  const about = (op: Operation | undefined, sentence: (op: Operation) => string): Fault | undefined =>
    op && { sentence: sentence(op), at: op.invokedAt, operations: [op.id] };
  const fault =
    about(twice[0], (op) => {
      const ended = op.outcome === 'ok' ? 'was told of one' : `knows only that it ended "${op.outcome}"`;
      const more = twice.length === 1 ? '' : `; ${twice.length} operations took effect more than once`;
      return `${f} ${idOf(op)} took effect ${counts.get(idOf(op))} times: ${op.client} ${ended}${more}`;
    }) ??
    about(missing[0], (op) => `${op.client} was told that ${f} ${idOf(op)} is done, and it took no effect`) ??
    about(undead[0], (op) => `${op.client} was told that ${f} ${idOf(op)} has failed, and it took effect`) ??
    (stray === undefined
      ? undefined
      : { sentence: `${f} ${stray} took effect, which nobody asked for`, at: view.end, operations: [] });
  const ok = operations.filter((op) => op.outcome === 'ok').length;
  return { asked: operations.length, ok, done, twice: twice.length, fault };
}
