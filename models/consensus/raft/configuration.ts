/** Who belongs to the group, and what a quorum of it is (paper §6: joint consensus). */
import { reachedBy } from '../../replication/reached-by.ts';

/** A group's membership, as an entry of the log says. A server uses the latest in its log, committed or not. */
export interface Configuration {
  /** The log entry that brought it; 0 for the group's first. */
  readonly index: number;
  readonly voters: readonly string[];
  /** The voters before the change, while it lasts: then both majorities are needed. Else empty. */
  readonly outgoing: readonly string[];
  /** Members that get the log and have no vote: new servers that catch up (dissertation §4.2.1). */
  readonly learners: readonly string[];
}

/** Whether it stands between two sets of voters. */
export const isJoint = ({ outgoing }: Configuration): boolean => outgoing.length > 0;

export const isVoter = ({ voters, outgoing }: Configuration, id: string): boolean =>
  voters.includes(id) || outgoing.includes(id);

/** Everybody who gets the log, each once. */
export function membersOf({ voters, outgoing, learners }: Configuration): readonly string[] {
  if (outgoing.length === 0 && learners.length === 0) return voters;
  return [...new Set([...voters, ...outgoing, ...learners])];
}

function majority(voters: readonly string[], agrees: (id: string) => boolean): boolean {
  let agreeing = 0;
  for (const id of voters) if (agrees(id)) agreeing++;
  return 2 * agreeing > voters.length;
}

/** Whether those who agree are a quorum: a majority of the voters, and of the outgoing ones while there are any. */
export const isQuorum = ({ voters, outgoing }: Configuration, agrees: (id: string) => boolean): boolean =>
  majority(voters, agrees) && (outgoing.length === 0 || majority(outgoing, agrees));

/** The highest index that a quorum has reached. */
export function reachedByQuorum({ voters, outgoing }: Configuration, reached: (id: string) => number): number {
  const index = reachedByMajority(voters, reached);
  return outgoing.length === 0 ? index : Math.min(index, reachedByMajority(outgoing, reached));
}

const reachedByMajority = (voters: readonly string[], reached: (id: string) => number): number =>
  reachedBy(Math.floor(voters.length / 2) + 1, voters.map(reached));
