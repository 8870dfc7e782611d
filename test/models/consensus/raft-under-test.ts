/** Small Raft groups in different shapes, each a scenario, for random schedules of faults. */
import { ms, raftInvariants, type Scenario } from '../../../sim/index.ts';
import {
  raft,
  raftOperator,
  raftStore,
  raftView,
  raftVoters,
  type OperatorStep,
  type RaftOptions,
  type RaftProtocol,
  type RaftState,
} from '../../../models/index.ts';
import { groupUnderTest } from './random-schedules.ts';

export interface Shape {
  readonly name: string;
  readonly nodes: number;
  readonly options: Omit<RaftOptions, 'nodes'>;
  readonly readAt?: 'leader' | 'any';
  readonly steps?: readonly OperatorStep[];
}

/** Everything that can be small is small, so that little happens without a compaction, a full window or a part lost. */
const TIGHT = { snapshotEvery: 8, keepEntries: 2, chunk: 50, batch: 2, window: 2, mostSessions: 3 } as const;

export const SHAPES: readonly Shape[] = [
  { name: 'five servers', nodes: 5, options: {} },
  { name: 'three servers, tight', nodes: 3, options: TIGHT },
  { name: 'the plain paper', nodes: 5, options: { preVote: false, checkQuorum: false } },
  {
    name: 'reads anywhere',
    nodes: 5,
    options: { followerReads: true, snapshotEvery: 20, keepEntries: 0 },
    readAt: 'any',
  },
  {
    name: 'members come and go',
    nodes: 5,
    options: { ...TIGHT, voters: ['n1', 'n2', 'n3'] },
    steps: [
      { at: ms(1_200), voters: ['n2', 'n3', 'n4', 'n5'] },
      { at: ms(1_900), voters: ['n1', 'n4', 'n5'], learners: ['n2'] },
      { at: ms(2_500), transferTo: 'n5' },
      { at: ms(2_900), voters: ['n1', 'n2', 'n3', 'n4', 'n5'] },
    ],
  },
];

export const underTest = ({ name, nodes: size, options, readAt = 'leader', steps }: Shape): Scenario =>
  groupUnderTest({
    name: 'raft-under-test',
    question: `Does Raft keep its promises: ${name}?`,
    place(world) {
      const nodes = world.refs<RaftProtocol>('n', size);
      const actor = raft({ nodes, ...options });
      for (const node of nodes) world.node(node, { actor });
      const store = raftStore({ nodes, readAt, patience: '1s', attempt: '200ms' });
      const after = (): void => {
        if (steps !== undefined) world.node('operator', { actor: raftOperator({ nodes, steps }) });
      };
      return { nodes, store, after };
    },
    invariants: () => raftInvariants<RaftState>({ view: raftView, voters: raftVoters, roles: ['replica'] }),
  });
