/**
 * What generators of ids promise beyond uniqueness (`uniqueIds`, `timestampOracle`): ids grow with time up to a bound (k-sortable, as
 * Twitter's Snowflake announced in 2010), those of one generator grow without exception, their fields stay in range, and no two
 * generators share a number. Judged from the history: an id was made between its invocation and its completion, so one that
 * completed before another was invoked is certainly the older. O(n log n).
 */
import { canonicalJson } from '../../base/json.ts';
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { Operation } from '../../history/operation.ts';
import type { Check, RunView } from '../check.ts';
import type { Verdict, Witness } from '../verdict.ts';

/** An id taken apart. */
export interface IdFields {
  /** Each field's value and range, both ends included. */
  readonly fields: Readonly<Record<string, readonly [value: number, least: number, most: number]>>;
  /** The number of the generator that made it, where it has one. */
  readonly generator?: number;
}

export interface GeneratedIdsOptions {
  /** The operation whose output is the id. Default `generate`. */
  readonly f?: string;
  /** Negative when `a` sorts before `b`. Default: numbers as numbers, everything else as text. */
  readonly compare?: (a: unknown, b: unknown) => number;
  /** An id made so long after another sorts behind it. Default: not judged. */
  readonly sortedWithin?: Duration;
  /** Also, of the ids that one node answered with, those made later sort behind. Default false. */
  readonly growsByNode?: boolean;
  /** Takes an id apart, for fields in range and generators with numbers of their own. Default: not judged. */
  readonly layout?: (id: unknown) => IdFields;
  /** Default `ids are in order and well-formed`. */
  readonly name?: string;
}

const byValue = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [textOf(a), textOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
};

const textOf = (id: unknown): string => (typeof id === 'string' ? id : canonicalJson(id));

interface Fault {
  readonly sentence: string;
  readonly operations: readonly Operation[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Violated by an id that sorts before an older one, has a field out of range, or a generator number that another node has used. */
export function generatedIds(options: GeneratedIdsOptions = {}): Check {
  const { f = 'generate', name = 'ids are in order and well-formed', compare = byValue, layout } = options;
  const within =
    options.sortedWithin === undefined ? undefined : parseDuration(options.sortedWithin, 'generatedIds: sortedWithin');
  const faultIn = (made: readonly Operation[]): Fault | undefined =>
    (layout === undefined ? undefined : malformed(made, layout)) ??
    (within === undefined ? undefined : outOfOrder(made, compare, within, '')) ??
    (options.growsByNode === true ? outOfNodeOrder(made, compare) : undefined);
  const verdict = (view: RunView): Verdict => {
    const base = { check: name, kind: 'history' } as const;
    const made = view.operations.filter((op) => op.f === f && op.outcome === 'ok' && op.output !== undefined);
    const fault = faultIn(made);
    if (fault === undefined) return { ...base, status: 'held', message: `${made.length} ids` };
    const operations = fault.operations.map(({ id }) => id);
    const { sentence, facts } = fault;
    const at = fault.operations.at(-1)?.completedAt ?? view.end;
    const nodes = [...new Set(fault.operations.flatMap(({ node }) => (node === undefined ? [] : [node])))];
    const witness: Witness = { sentence, at, operations, mandatory: operations, nodes, facts };
    return { ...base, status: 'violated', message: sentence, witness };
  };
  return {
    name,
    kind: 'history',
    promise: 'ids sort by when they were made, their fields are in range, and generators share no number',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

/** A sweep by invocation that keeps the greatest id among those that were complete `within` before. */
function outOfOrder(
  made: readonly Operation[],
  compare: (a: unknown, b: unknown) => number,
  within: Micros,
  where: string,
): Fault | undefined {
  const byEnd = made.toSorted((a, b) => a.completed - b.completed);
  const byBegin = made.toSorted((a, b) => a.invoked - b.invoked);
  let next = 0;
  let greatest: Operation | undefined;
  for (const later of byBegin) {
    for (; next < byEnd.length; next++) {
      const earlier = byEnd[next] as Operation;
      if (earlier.completed > later.invoked || earlier.completedAt + within > later.invokedAt) break;
      if (greatest === undefined || compare(earlier.output, greatest.output) > 0) greatest = earlier;
    }
    if (greatest === undefined || compare(greatest.output, later.output) < 0) continue;
    const apart = durationText(later.invokedAt - greatest.completedAt);
    return {
      sentence: `${later.client} was given ${textOf(later.output)}${where}, which does not sort behind ${textOf(greatest.output)}, given to ${greatest.client} ${apart} before it asked (at ${instantText(greatest.completedAt)})`,
      operations: [greatest, later],
      facts: { earlier: greatest.output, later: later.output, within },
    };
  }
  return undefined;
}

function outOfNodeOrder(made: readonly Operation[], compare: (a: unknown, b: unknown) => number): Fault | undefined {
  const byNode = new Map<string, Operation[]>();
  for (const op of made) {
    if (op.node === undefined) continue;
    const own = byNode.get(op.node);
    if (own === undefined) byNode.set(op.node, [op]);
    else own.push(op);
  }
  for (const [node, own] of byNode) {
    const fault = outOfOrder(own, compare, 0, ` by ${node}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function malformed(made: readonly Operation[], layout: (id: unknown) => IdFields): Fault | undefined {
  const users = new Map<number, Operation>();
  for (const op of made) {
    const { fields, generator } = layout(op.output);
    for (const [field, [value, least, most]] of Object.entries(fields)) {
      if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
      return {
        sentence: `${textOf(op.output)}, given to ${op.client}, has ${field} ${value}: not from ${least} to ${most}`,
        operations: [op],
        facts: { id: op.output, field, value, least, most },
      };
    }
    if (generator === undefined || op.node === undefined) continue;
    const user = users.get(generator);
    if (user === undefined) users.set(generator, op);
    else if (user.node !== op.node) {
      return {
        sentence: `${user.node} and ${op.node} both make ids as generator ${generator}: ${textOf(user.output)} and ${textOf(op.output)}`,
        operations: [user, op],
        facts: { generator },
      };
    }
  }
  return undefined;
}
