/**
 * Every node's state at any row of a trace, from the recorded changes. Checkpoints on the way keep any instant near: a state is
 * the checkpoint before it with the few changes since, and shares with it whatever they did not touch.
 */
import { copyOf } from '../sim/base/json.ts';
import type { StatePatch, TraceData } from '../sim/trace/trace.ts';

/** Rows with changes of one node between two checkpoints. */
const SPACING = 400;

interface NodeHistory {
  /** Rows that changed the node's state, ascending. */
  readonly rows: number[];
  /** `checkpoints[k]`: the state after `k * SPACING` of these rows. */
  readonly checkpoints: unknown[];
}

export class StateHistory {
  private readonly trace: TraceData;
  private readonly nodes: readonly NodeHistory[];

  constructor(trace: TraceData) {
    this.trace = trace;
    this.nodes = trace.nodes.map((name) => ({ rows: [], checkpoints: [copyOf(trace.initial[name])] }));
    for (const key of Object.keys(trace.patches)) {
      const row = Number(key);
      this.nodes[trace.node[row - 1] as number]?.rows.push(row);
    }
    for (const { rows } of this.nodes) rows.sort((a, b) => a - b);
  }

  /** The state of a node (by its index) once the row has happened; undefined before it has one. To be read only: states share parts. */
  at(node: number, row: number): unknown {
    const history = this.nodes[node];
    if (history === undefined) return undefined;
    const count = countUpTo(history.rows, row);
    const checkpoint = Math.floor(count / SPACING);
    this.checkpointsUpTo(history, checkpoint);
    return this.applied(history, checkpoint, count);
  }

  /** What a row changed, with what was there before. */
  changes(
    row: number,
  ): readonly { readonly path: StatePatch['path']; readonly before: unknown; readonly after: unknown }[] {
    const patches = this.trace.patches[row];
    const node = this.trace.node[row - 1];
    if (patches === undefined || node === undefined) return [];
    const before = this.at(node, row - 1);
    return patches.map(({ op, path, value }) => ({
      path,
      before: valueAt(before, path),
      after: op === 'remove' ? undefined : value,
    }));
  }

  /** The rows that set a field of a node's state, with what they set it to. */
  *settings(node: number, field: string): Generator<readonly [row: number, value: unknown]> {
    const { rows = [], checkpoints = [] } = this.nodes[node] ?? {};
    yield [0, valueAt(checkpoints[0], [field])];
    for (const row of rows) {
      for (const { path, op, value } of this.trace.patches[row] ?? []) {
        if (path.length === 0) yield [row, valueAt(value, [field])];
        else if (path.length === 1 && path[0] === field) yield [row, op === 'remove' ? undefined : value];
      }
    }
  }

  /** The last row up to `row` that changed the node's state; 0 when none did. */
  lastChange(node: number, row: number): number {
    const rows = this.nodes[node]?.rows ?? [];
    return rows[countUpTo(rows, row) - 1] ?? 0;
  }

  private checkpointsUpTo(history: NodeHistory, checkpoint: number): void {
    const { checkpoints } = history;
    while (checkpoints.length <= checkpoint) {
      const last = checkpoints.length - 1;
      checkpoints.push(this.applied(history, last, (last + 1) * SPACING));
    }
  }

  /** A checkpoint with the changes after it up to the `count`th. */
  private applied({ rows, checkpoints }: NodeHistory, checkpoint: number, count: number): unknown {
    const change = new Change();
    let state = checkpoints[checkpoint];
    for (let i = checkpoint * SPACING; i < count; i++) {
      for (const patch of this.trace.patches[rows[i] as number] ?? []) state = change.patched(state, patch);
    }
    return state;
  }
}

/** How many of the ascending rows are at most `row`. */
function countUpTo(rows: readonly number[], row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Step = string | number;

function child(value: unknown, step: Step): unknown {
  if (value instanceof Map) return value.has(step) ? value.get(step) : keyed(value, step);
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<Step, unknown>)[step];
}

/** Keys of Maps may be other than they read in a path: numbers as text. */
function keyed(map: ReadonlyMap<unknown, unknown>, step: Step): unknown {
  for (const [key, value] of map) if (String(key) === String(step)) return value;
  return undefined;
}

const valueAt = (state: unknown, path: StatePatch['path']): unknown =>
  path.reduce<unknown>((value, step) => child(value, step), state);

/** Patches of one state after another: what a patch changes is copied first, level by level, unless that was done before. */
class Change {
  private readonly own = new WeakSet<object>();

  /** Applies one change as immer reports it; the state that is given stays as it is. */
  patched(state: unknown, { op, path, value }: StatePatch): unknown {
    const last = path.at(-1);
    if (last === undefined) return copyOf(value);
    const root = this.owned(state);
    let parent = root;
    for (const step of path.slice(0, -1)) {
      const next = this.owned(child(parent, step));
      place(parent, step, next);
      parent = next;
    }
    if (parent instanceof Set) {
      // Of a set the value counts, not its place.
      if (op === 'remove') for (const item of parent) removeEqual(parent, item, value);
      else parent.add(copyOf(value));
    } else if (Array.isArray(parent)) patchArray(parent, op, last, value);
    else if (op !== 'remove') place(parent, last, copyOf(value));
    else if (parent instanceof Map) parent.delete(last);
    else if (typeof parent === 'object' && parent !== null) delete (parent as Record<Step, unknown>)[last];
    return root;
  }

  private owned(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.own.has(value)) return value;
    const copy = Array.isArray(value)
      ? value.slice()
      : value instanceof Map
        ? new Map(value)
        : value instanceof Set
          ? new Set(value)
          : { ...value };
    this.own.add(copy);
    return copy;
  }
}

function place(parent: unknown, step: Step, value: unknown): void {
  if (parent instanceof Map) {
    let key: unknown = step;
    // As in `keyed`.
    if (!parent.has(step)) for (const other of parent.keys()) if (String(other) === String(step)) key = other;
    parent.set(key, value);
  } else if (typeof parent === 'object' && parent !== null) (parent as Record<Step, unknown>)[step] = value;
}

function removeEqual(set: Set<unknown>, item: unknown, value: unknown): void {
  if (item === value || JSON.stringify(item) === JSON.stringify(value)) set.delete(item);
}

function patchArray(list: unknown[], op: StatePatch['op'], place: Step, value: unknown): void {
  if (place === 'length') list.length = value as number;
  else if (op === 'add') list.splice(place as number, 0, copyOf(value));
  else if (op === 'remove') list.splice(place as number, 1);
  else list[place as number] = copyOf(value);
}
