/**
 * At most one holder acts: seen from the protected resource, no holder acts after a later one has acted.
 *
 * Who *holds* a lock at an instant cannot be told without true time; who *acts* can, at the resource. The stretches in which
 * two holders act overlap exactly when a token below the highest so far is let through, so that one comparison decides
 * both rules: no stale token is accepted, and no two holders act in turns.
 */
import { instantText } from '../base/time.ts';
import type { Check, NodeView } from './check.ts';
import type { Verdict, Witness } from './verdict.ts';

/** One access that the resource let through. */
export interface TokenUse {
  readonly holder: string;
  readonly token: number;
}

export interface ActingHolderOptions<S> {
  /** The accesses that the resource has let through since it booted, in order; it only grows. */
  readonly accepted: (state: S) => readonly TokenUse[];
  /** Roles of the protected resources; each is judged by itself. Default `['resource']`. */
  readonly roles?: readonly string[];
  /** Default `at most one holder acts`. */
  readonly name?: string;
}

interface Seen {
  life: number;
  length: number;
  highest: TokenUse;
  since: number;
}

/** Violated when a resource lets a token through that is below one it has let through before. */
export function atMostOneActingHolder<S>({
  accepted,
  roles = ['resource'],
  name = 'at most one holder acts',
}: ActingHolderOptions<S>): Check {
  return {
    name,
    kind: 'always',
    promise: 'no holder acts on the resource after a later holder has acted',
    watches: (view) => view.nodes.filter(({ role }) => roles.includes(role)).map(({ id }) => id),
    begin(view) {
      const seen = new Map<string, Seen>();
      let accesses = 0;
      let witness: Witness | undefined;
      const judge = (node: NodeView, uses: readonly TokenUse[]): void => {
        const known = seen.get(node.id) ?? {
          life: node.life,
          length: 0,
          highest: { holder: '', token: -Infinity },
          since: 0,
        };
        if (known.life !== node.life) known.length = 0;
        known.life = node.life;
        for (const use of uses.slice(known.length)) {
          accesses++;
          if (use.token < known.highest.token) {
            witness ??= lateAct(node.id, use, known, view.now);
          } else if (use.token > known.highest.token) {
            known.highest = { holder: use.holder, token: use.token };
            known.since = view.now;
          }
        }
        known.length = uses.length;
        seen.set(node.id, known);
      };
      return {
        handled(node): void {
          if (witness === undefined && (node.status === 'up' || node.status === 'paused'))
            judge(node, accepted(node.state as S));
        },
        finish(): Verdict {
          if (witness !== undefined)
            return { check: name, kind: 'always', status: 'violated', message: witness.sentence, witness };
          return { check: name, kind: 'always', status: 'held', message: `in ${accesses} accesses` };
        },
      };
    },
  };
}

function lateAct(resource: string, use: TokenUse, { highest, since }: Seen, now: number): Witness {
  const sentence =
    `${use.holder} acts on ${resource} with token ${use.token} at ${instantText(now)}, ` +
    `although ${highest.holder} has been acting with token ${highest.token} since ${instantText(since)}`;
  return {
    sentence,
    at: now,
    operations: [],
    nodes: [resource, use.holder, highest.holder],
    facts: { stale: use.token, highest: highest.token },
  };
}
