import { count, crash, defineScenario, holds, s, sometimes, span, type Fault } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { leads, raftGroup, raftGroupChecks } from './worlds/raft-group.ts';

/**
 * A group of three is moved to three other machines while clients work: the new servers learn the log, both majorities decide while
 * the change lasts, and the old leader goes when it is done. Servers crash meanwhile, old and new; the change is taken up by whoever leads
 * then. At last the leadership is handed to a server of the operator's choice.
 */
export default defineScenario({
  name: 'raft-membership',
  question: 'Can a Raft group be moved to other machines, under load and crashes, without losing anything?',
  params: {
    clients: count(4, { min: 1, max: 20, doc: 'clients' }),
    downFor: span('600ms', 'how long a crashed server is down'),
  },
  duration: s(16),
  recovery: s(2),
  build: ({ world, params: { clients }, duration }) =>
    raftGroup({
      world,
      duration,
      clients,
      nodes: 6,
      raft: { voters: ['n1', 'n2', 'n3'] },
      steps: [
        { at: s(3), voters: ['n1', 'n2', 'n3', 'n4', 'n5'] },
        { at: s(4), voters: ['n4', 'n5', 'n6'] },
        { at: s(8), transferTo: 'n6' },
      ],
    }),
  faults: (group): Fault[] =>
    [2.5, 3.02, 4.03, 5].flatMap((at, i) => {
      const node = [group.nodes[0], group.nodes[3], group.nodes[1], group.nodes[5]][i];
      return node === undefined ? [] : [crash({ node, at: s(at), for: group.params.downFor })];
    }),
  checks: (group) => [
    ...raftGroupChecks(group),
    sometimes(
      'the old servers have gone',
      (view) => leads(view, group, ({ configurations }) => configurations.at(-1)?.voters.join(' ') === 'n4 n5 n6'),
      { roles: ['replica'] },
    ),
  ],
  expect: holds(),
  // Of six servers three are voters at a time.
  nemesis: { profiles: ALL_THAT_HEALS, limits: { roles: { operator: [] }, maxConcurrentDown: 1 } },
});
