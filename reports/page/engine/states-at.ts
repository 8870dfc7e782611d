/** The states at the cursor in words. */
import { canonicalJson } from '../../../sim/base/json.ts';
import type { TraceData } from '../../../sim/trace/trace.ts';
import { shortText } from '../../short-text.ts';
import type { StateHistory } from '../../state-history.ts';
import type { Answer, NodeState, PlainValue, StateField } from './messages.ts';

export interface Cursor {
  readonly row: number;
  /** Fields that differ from this row on count as changed. */
  readonly since: number;
  readonly nodes: readonly string[];
}

export function statesAt(history: StateHistory, trace: TraceData, { row, since, nodes }: Cursor): Answer<'states'> {
  const states = nodes.map((node): NodeState => {
    const index = trace.nodes.indexOf(node);
    const fields = fieldsOf(history.at(index, row), history.at(index, since));
    return { node, changedBy: history.lastChange(index, row), fields };
  });
  const changedBy = history.changes(row).length > 0 ? row : eventOf(trace, row);
  const changes = history.changes(changedBy).map(({ path, before, after }) => ({
    path: pathText(path),
    before: shortText(before),
    after: shortText(after),
  }));
  return { states, changes, changedBy };
}

/** Sendings, notes and changes of phase come about while a node handles an event: that event's row, else the row itself. */
function eventOf({ cause, node, at }: TraceData, row: number): number {
  const earlier = cause[row - 1] ?? 0;
  const same = earlier > 0 && node[earlier - 1] === node[row - 1] && at[earlier - 1] === at[row - 1];
  return same ? earlier : row;
}

/** A plain field over time; equal neighbours are one. */
export function trackOf(history: StateHistory, trace: TraceData, node: string, field: string): Answer<'track'> {
  const points: [number, PlainValue][] = [];
  for (const [row, value] of history.settings(trace.nodes.indexOf(node), field)) {
    const now = isPlain(value) ? value : null;
    if (now !== points.at(-1)?.[1]) points.push([row === 0 ? trace.from : (trace.at[row - 1] as number), now]);
  }
  // Before its first step a node has no state, at the same instant.
  return { points: points[1]?.[0] === points[0]?.[0] ? points.slice(1) : points };
}

const isPlain = (value: unknown): value is PlainValue =>
  value === null || ['number', 'string', 'boolean'].includes(typeof value);

/** Plain values first: they fit a line. */
const isWhole = ([, value]: readonly [string, unknown]): number => Number(typeof value === 'object' && value !== null);

function fieldsOf(state: unknown, earlier: unknown): StateField[] {
  const now = entriesOf(state).toSorted((a, b) => isWhole(a) - isWhole(b));
  const then = new Map(entriesOf(earlier));
  return now.map(([name, value]) => {
    const changed = !then.has(name) || !isEqual(then.get(name), value);
    return { name, text: shortText(value), changed, plain: isPlain(value) };
  });
}

function entriesOf(state: unknown): [string, unknown][] {
  if (state === undefined) return [];
  if (
    typeof state !== 'object' ||
    state === null ||
    Array.isArray(state) ||
    state instanceof Map ||
    state instanceof Set
  )
    return [['state', state]];
  return Object.entries(state).filter(([, value]) => value !== undefined);
}

/** States share parts that nothing has changed: looking at those is not needed. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => isEqual(a[key], b[key]));
  }
  return canonicalJson(a) === canonicalJson(b);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** `log[12].term`; an empty path is the whole state. */
const pathText = (path: readonly (string | number)[]): string =>
  path.length === 0
    ? 'the whole state'
    : path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
