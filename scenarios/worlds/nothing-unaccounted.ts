/** Conservation of requests, in every world whose clients count what they ask for. */
import type { Check, NodeView, RunView, Verdict } from '../../sim/index.ts';
import type { ClientState } from '../../models/index.ts';

const NAME = 'every request is accounted for';

/** At the end: offered = ok + fail + info + in progress + waiting in the client. A client that crashed has forgotten some and is left out. */
export function nothingUnaccounted(): Check {
  const verdict = (view: RunView): Verdict => {
    const base = { check: NAME, kind: 'always' } as const;
    let offered = 0;
    for (const node of view.nodes) {
      if (node.role !== 'client' || node.life > 1 || node.status === 'crashed') continue;
      const { asked, ended, open } = accountOf(view, node);
      offered += asked;
      if (asked === ended + open) continue;
      const sentence = `${node.id} asked for ${asked}: ${ended} have ended, ${open} are in progress`;
      const witness = { sentence, at: view.end, operations: [], nodes: [node.id] };
      return { ...base, status: 'violated', message: sentence, witness };
    }
    return { ...base, status: 'held', message: `${offered} requests` };
  };
  return {
    name: NAME,
    kind: 'always',
    promise: 'offered = ok + fail + info + in progress',
    begin: (view) => ({ finish: () => verdict(view) }),
  };
}

function accountOf({ metrics }: RunView, { id, state }: NodeView): { asked: number; ended: number; open: number } {
  const count = (name: string): number => metrics.counter(id, name).value;
  const { open, backlog } = state as ClientState;
  return {
    asked: count('offered'),
    ended: count('ok') + count('fail') + count('info'),
    open: open + backlog.length,
  };
}
