/** Terms and votes: they never go back, also across restarts (§5.1, §5.2: both are on the disk before they are told). */
import type { RaftServer } from './raft-server.ts';
import type { RaftView } from './raft-view.ts';
import { TERMS, VOTES } from './raft-properties.ts';
import type { Breaches } from './shared-reading.ts';

export function judgeBallots(server: RaftServer, now: RaftView, isReborn: boolean, breaches: Breaches): void {
  if (!server.isKnown) return;
  const { id } = server;
  // A crash takes what was not durable with it: nobody has been told of that.
  const term = isReborn ? server.durableTerm : server.term;
  const vote = isReborn ? server.durableVote : server.votedFor;
  const after = isReborn ? ' after a restart' : '';
  if (now.term < term) {
    breaches.report(TERMS, {
      sentence: `${id} goes back from term ${term} to term ${now.term}${after}`,
      nodes: [id],
      facts: { from: term, to: now.term, restarted: isReborn },
    });
  }
  if (now.term !== term || vote === null || now.votedFor === vote) return;
  const instead = now.votedFor === null ? `has forgotten its vote for ${vote}` : `votes for ${now.votedFor}`;
  breaches.report(VOTES, {
    sentence: `${id} ${instead} in term ${term}${after}${now.votedFor === null ? '' : `, in which it has voted for ${vote}`}`,
    nodes: now.votedFor === null ? [id, vote] : [id, vote, now.votedFor],
    facts: { term, first: vote, second: now.votedFor, restarted: isReborn },
  });
}
