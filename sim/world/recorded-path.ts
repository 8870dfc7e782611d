/**
 * The recorded path: steps go through immer, and the patches become the node's history in the trace.
 *
 * It also guards the rules that the fast path cannot afford to check: a payload must not hold a draft (a piece of the state),
 * and is frozen when it is sent, so that a handler that changes what it received is caught.
 */
import { enableMapSet, enablePatches, isDraft, produceWithPatches, setAutoFreeze, type Patch } from 'immer';
import { copyOf } from '../base/json.ts';
import { SimulationError } from '../base/errors.ts';
import type { EventQueue } from '../kernel/event-queue.ts';
import type { StatePatch, Trace } from '../trace/trace.ts';
import { CallError } from './call-error.ts';
import type { Node } from './node.ts';
import { OperationWithheld } from './withholding.ts';

enablePatches();
enableMapSet();
setAutoFreeze(false);

const NOTHING: readonly Patch[] = [];
const DEEPEST = 100;

export class RecordedPath {
  private readonly trace: Trace;
  /** States when the recording began. */
  readonly initial: Record<string, unknown> = {};

  constructor(trace: Trace) {
    this.trace = trace;
  }

  /** Begins: what the states are now is the base that patches build on. */
  open(nodes: readonly Node[]): void {
    for (const node of nodes) this.initial[node.id] = copyOf(node.state);
  }

  /** Ends: the fast path may change states in place again, so they must share nothing with what was recorded. */
  close(nodes: readonly Node[]): void {
    for (const node of nodes) node.state = copyOf(node.state);
  }

  /** Runs a recipe on the node's state. A refusal (CallError) keeps the changes made before it, as on the fast path. */
  step<R>(node: Node, queue: Pick<EventQueue, 'now' | 'currentCause'>, recipe: (state: unknown) => R): R {
    let result: R | undefined;
    let refusal: CallError | OperationWithheld | undefined;
    const base = node.state;
    let patches: readonly Patch[] = NOTHING;
    const run = (state: unknown): void => {
      try {
        result = recipe(state);
        // Now, while drafts can still be told from plain data.
        rejectDrafts(result, `the reply of ${node.id}`, 0);
      } catch (error) {
        if (!(error instanceof CallError || error instanceof OperationWithheld)) throw error;
        refusal = error;
      }
    };
    if (typeof base !== 'object' || base === null) {
      run(base);
    } else {
      const [next, changes] = produceWithPatches(base, (draft: unknown) => run(draft));
      node.state = next;
      patches = changes;
    }
    if (patches.length > 0) this.trace.change(this.rowOf(node, queue), patches.map(copyPatch));
    if (refusal !== undefined) throw refusal;
    return result as R;
  }

  /**
   * The row of what happens now. A flow that goes on after a pause has none of its own: it was scheduled long ago, and its
   * changes belong to the present instant, so it gets one.
   */
  private rowOf(node: Node, queue: Pick<EventQueue, 'now' | 'currentCause'>): number {
    const row = queue.currentCause;
    if (row > 0 && this.trace.timeOf(row) === queue.now) return row;
    queue.currentCause = this.trace.add('wake', queue.now, node.index, -1, '', row);
    return queue.currentCause;
  }

  /** A whole new state: a boot. */
  replaced(node: Node, row: number): void {
    this.trace.change(row, [{ op: 'replace', path: [], value: copyOf(node.state) }]);
  }

  /** Checks and freezes what is about to be sent. */
  seal(payload: unknown, node: string, message: string): void {
    rejectDrafts(payload, `${node} sends ${message}: the payload`, 0);
    deepFreeze(payload, 0);
  }
}

const copyPatch = (patch: Patch): StatePatch => ({
  op: patch.op,
  path: patch.path,
  value: copyOf<unknown>(patch.value),
});

function rejectDrafts(value: unknown, what: string, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > 20) return;
  if (isDraft(value)) {
    throw new SimulationError('aliasing', `${what} holds a piece of the state: copy it out first, with copyOf`);
  }
  if (Object.isFrozen(value)) return;
  if (Array.isArray(value)) for (const item of value) rejectDrafts(item, what, depth + 1);
  else if (value instanceof Map) for (const item of value.values()) rejectDrafts(item, what, depth + 1);
  else if (value instanceof Set) for (const item of value) rejectDrafts(item, what, depth + 1);
  else if (isPlain(value))
    for (const key of Object.keys(value)) rejectDrafts((value as Record<string, unknown>)[key], what, depth + 1);
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function deepFreeze(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  if (depth > DEEPEST) {
    throw new SimulationError('plain-data', `payloads are plain data: nested over ${DEEPEST} deep, or a cycle`);
  }
  if (Array.isArray(value)) for (const item of value) deepFreeze(item, depth + 1);
  else if (isPlain(value))
    for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key], depth + 1);
  else return;
  Object.freeze(value);
}
