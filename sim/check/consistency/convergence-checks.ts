/** Convergence of replicas as checks of a scenario. */
import { canonicalJson } from '../../base/json.ts';
import { durationText, instantText, parseDuration, type Duration } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { checkConvergence, StrongConvergence, type Elements, type ReplicaState } from './convergence.ts';

export interface ConvergesOptions {
  /** What must be equal in the end: one entry per replica; leave out those that are down. */
  readonly states: (view: RunView) => Iterable<ReplicaState>;
  /** How long after the last fault healed and the last operation ended the replicas may take. Default: 1 s. */
  readonly within?: Duration;
  /** For replicas that hold a collection: what is accounted for. Default: only equality is judged. */
  readonly elements?: Elements;
  /** Default: `the replicas converge`. */
  readonly name?: string;
}

/** The replicas end in the same state. Undecided when the run ends before it is owed, or a fault never heals. */
export function converges({
  states,
  within = '1s',
  elements,
  name = 'the replicas converge',
}: ConvergesOptions): Check {
  const rest = parseDuration(within, `${name}: within`);
  return {
    name,
    kind: 'eventually',
    promise: `all replicas are in the same state ${durationText(rest)} after the last fault and the last operation`,
    begin: (view) => ({
      finish() {
        const base = { check: name, kind: 'eventually' } as const;
        if (view.healedAt === undefined)
          return { ...base, status: 'undecided', message: 'a fault never heals: nothing is owed' };
        const open = view.operations.filter(({ outcome }) => outcome === 'pending').length;
        if (open > 0)
          return {
            ...base,
            status: 'undecided',
            message: `${open} operations were still open at the end: nothing had come to rest`,
          };
        const busy = view.operations.reduce((latest, op) => Math.max(latest, op.completedAt), view.healedAt);
        if (view.end < busy + rest) {
          return {
            ...base,
            status: 'undecided',
            message: `the run ended at ${instantText(view.end)}, less than ${durationText(rest)} after ${instantText(busy)}, when the last fault or operation ended`,
          };
        }
        return { ...base, ...checkConvergence([...states(view)], view.operations, view.end, elements) };
      },
    }),
  };
}

export interface StronglyConvergesOptions {
  /** What a replica has been delivered, and its state; undefined: not a replica, or not now. Both are compared as canonical JSON, so sort sets. */
  readonly view: (node: NodeView) => { readonly delivered: unknown; readonly state: unknown } | undefined;
  /** Watch the nodes of these roles only. Default: all nodes. */
  readonly roles?: readonly string[];
  /** Default: `same deliveries, same state`. */
  readonly name?: string;
}

/** Replicas that were delivered the same updates are in the same state, at any time; looked at after every event of theirs. */
export function stronglyConverges({
  view: look,
  roles,
  name = 'same deliveries, same state',
}: StronglyConvergesOptions): Check {
  return {
    name,
    kind: 'always',
    promise: 'replicas that were delivered the same updates are in the same state',
    watches: (view) => view.nodes.filter(({ role }) => roles === undefined || roles.includes(role)).map(({ id }) => id),
    begin(view) {
      const watch = new StrongConvergence();
      return {
        handled(node): void {
          const sample = node.status === 'up' ? look(node) : undefined;
          if (sample === undefined) return;
          watch.note({
            replica: node.id,
            at: view.now,
            delivered: canonicalJson(sample.delivered),
            state: canonicalJson(sample.state),
          });
        },
        finish: () => ({ check: name, kind: 'always', ...watch.result() }),
      };
    },
  };
}
