/**
 * Election safety (Raft §5.2; Paxos: one proposer a ballot): in one term at most one node ever leads, at the same time or not.
 */
import { instantText } from '../base/time.ts';
import type { Check, NodeView } from './check.ts';
import type { Verdict, Witness } from './verdict.ts';

export interface OneLeaderOptions<S> {
  /** The term that a node with this state leads in; undefined when it does not lead. */
  readonly leader: (state: S) => number | undefined;
  /** Watch the nodes of these roles only. Default: all. */
  readonly roles?: readonly string[];
  /** Default `one leader per term`. */
  readonly name?: string;
}

/** Violated when two nodes lead in the same term, however far apart in time. */
export function oneLeaderPerTerm<S>({ leader, roles, name = 'one leader per term' }: OneLeaderOptions<S>): Check {
  return {
    name,
    kind: 'always',
    promise: 'in each term at most one node ever leads',
    watches: (view) => view.nodes.filter(({ role }) => roles === undefined || roles.includes(role)).map(({ id }) => id),
    begin(view) {
      const leaders = new Map<number, { readonly id: string; readonly since: number }>();
      let witness: Witness | undefined;
      return {
        handled(node: NodeView): void {
          if (witness !== undefined || (node.status !== 'up' && node.status !== 'paused')) return;
          const term = leader(node.state as S);
          if (term === undefined) return;
          const known = leaders.get(term);
          if (known === undefined) leaders.set(term, { id: node.id, since: view.now });
          else if (known.id !== node.id) {
            const sentence = `${known.id} led in term ${term} from ${instantText(known.since)}, and ${node.id} leads in the same term at ${instantText(view.now)}`;
            witness = { sentence, at: view.now, operations: [], nodes: [known.id, node.id], facts: { term } };
          }
        },
        finish(): Verdict {
          if (witness !== undefined)
            return { check: name, kind: 'always', status: 'violated', message: witness.sentence, witness };
          return { check: name, kind: 'always', status: 'held', message: `${leaders.size} terms with a leader` };
        },
      };
    },
  };
}
