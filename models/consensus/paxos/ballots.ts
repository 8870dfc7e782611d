/**
 * Ballot numbers: each belongs to one proposer, and whoever has seen one can make a higher one ("Paxos made simple", §2.4: "different
 * proposers choose their numbers from disjoint sets of numbers"). Round r of the i-th of n proposers is ballot r·n + i.
 */

/** What an acceptor has promised that has promised nothing. */
export const NO_BALLOT = -1;

/** The lowest ballot of the `index`-th of `nodes` proposers that is above `seen`. */
export const ballotAbove = (seen: number, index: number, nodes: number): number => {
  const round = Math.floor(seen / nodes);
  const ballot = round * nodes + index;
  return ballot > seen ? ballot : ballot + nodes;
};
