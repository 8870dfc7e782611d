/** Small Multi-Paxos groups in different shapes, each a scenario, for random schedules of faults. */
import { paxosInvariants, type Scenario } from '../../../sim/index.ts';
import {
  multiPaxos,
  multiPaxosStore,
  multiPaxosView,
  type MultiPaxosOptions,
  type MultiPaxosProtocol,
  type MultiPaxosState,
} from '../../../models/index.ts';
import { groupUnderTest } from './random-schedules.ts';

export interface PaxosShape {
  readonly name: string;
  readonly nodes: number;
  readonly options: Omit<MultiPaxosOptions, 'nodes'>;
}

/** Everything that can be small is small, so that little happens without a compaction, a snapshot sent or a message split. */
const TIGHT = { snapshotEvery: 6, keepSlots: 0, batch: 2, mostSessions: 3 } as const;

export const PAXOS_SHAPES: readonly PaxosShape[] = [
  { name: 'five servers', nodes: 5, options: {} },
  { name: 'three servers, tight', nodes: 3, options: TIGHT },
  {
    name: 'the bare papers, reads through the log',
    nodes: 5,
    options: { canvass: false, reads: 'log', snapshotEvery: 20 },
  },
  { name: 'few accept, many promise', nodes: 5, options: { ...TIGHT, prepareQuorum: 4, acceptQuorum: 2 } },
  { name: 'many accept, few promise', nodes: 4, options: { prepareQuorum: 2, acceptQuorum: 3, canvass: false } },
];

export function paxosUnderTest({ name, nodes: size, options }: PaxosShape): Scenario {
  const majority = Math.floor(size / 2) + 1;
  const { acceptQuorum: quorum = majority, prepareQuorum = majority } = options;
  return groupUnderTest({
    name: 'paxos-under-test',
    question: `Does Multi-Paxos keep its promises: ${name}?`,
    place(world) {
      const nodes = world.refs<MultiPaxosProtocol>('n', size);
      const actor = multiPaxos({ nodes, ...options });
      for (const node of nodes) world.node(node, { actor });
      return { nodes, store: multiPaxosStore({ nodes, patience: '1s', attempt: '200ms' }) };
    },
    invariants: () =>
      paxosInvariants<MultiPaxosState>({ view: multiPaxosView, roles: ['replica'], quorum, prepareQuorum }),
  });
}
