/** The names of Raft's properties, and what each promises. */
export interface RaftCounts {
  readonly leaders: number;
  readonly entries: number;
  readonly committed: number;
  readonly events: number;
}

interface RaftProperty {
  readonly name: string;
  readonly promise: string;
  readonly needsVoters?: boolean;
  held(counts: RaftCounts): string;
}

export const ELECTION_SAFETY = 'election safety';
export const TERMS = 'terms never go back';
export const VOTES = 'one vote a term';
export const APPEND_ONLY = 'leaders only append';
export const LOG_MATCHING = 'log matching';
export const COMPLETENESS = 'leader completeness';
export const STATE_MACHINE = 'state-machine safety';
export const OWN_TERM = 'leaders count copies of their own term only';
export const INDEXES = 'indexes are in order';
export const SNAPSHOTS = 'snapshots hold committed entries only';
export const DURABLE = 'committed entries are durable on a majority';

const inEvents = ({ events }: RaftCounts): string => `in ${events} events`;
const ofLeaders = ({ leaders }: RaftCounts): string => `${leaders} terms with a leader`;
const ofCommitted = ({ committed }: RaftCounts): string => `${committed} entries committed`;

export const RAFT: readonly RaftProperty[] = [
  { name: ELECTION_SAFETY, promise: 'in each term at most one server ever leads', held: ofLeaders },
  { name: TERMS, promise: 'no server goes back to an earlier term, restarts included', held: inEvents },
  { name: VOTES, promise: 'no server votes for two candidates in one term, restarts included', held: inEvents },
  { name: APPEND_ONLY, promise: 'a leader never deletes or overwrites entries of its log', held: ofLeaders },
  {
    name: LOG_MATCHING,
    promise: 'logs that hold an entry of the same index and term are the same up to it',
    held: ({ entries }) => `${entries} entries`,
  },
  {
    name: COMPLETENESS,
    promise: 'an entry that is committed in a term is in the logs of the leaders of all later terms',
    held: ({ committed, leaders }) => `${committed} entries committed, ${leaders} terms with a leader`,
  },
  {
    name: STATE_MACHINE,
    promise: 'no two servers commit or apply different entries at one index, and none takes one back',
    held: ofCommitted,
  },
  {
    name: OWN_TERM,
    promise: 'a leader commits by counting copies of entries of its own term only (§5.4.2)',
    held: ofCommitted,
  },
  {
    name: INDEXES,
    promise: 'applied ≤ committed ≤ last entry, and neither index goes back while a server runs',
    held: inEvents,
  },
  {
    name: SNAPSHOTS,
    promise: 'what a snapshot covers was committed, and ends with the committed term',
    held: inEvents,
  },
  {
    name: DURABLE,
    promise: 'an entry that a leader commits is on the disks of a majority of the voters',
    needsVoters: true,
    held: ofCommitted,
  },
];
