import { choice, crash, defineScenario, holds, ms, partition, s, span, violates, type Fault } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { raftGroup, raftGroupChecks, type RaftGroup } from './worlds/raft-group.ts';

/**
 * A vote that is not written down. Three servers, 30 ms apart. An operator hands the leadership from n3 to n1, which cannot reach
 * n2; n3 votes for n1 and loses power. n1 has its majority and leads, but is cut off before anybody hears of that. n2 stands in the
 * same term, and n3, which has forgotten whom it voted for, votes again: two leaders of one term, which take each other's entries for
 * their own.
 */
export default defineScenario({
  name: 'raft-volatile-vote',
  question: 'What becomes of Raft when a server forgets its vote in a crash?',
  params: {
    persistence: choice<'no-vote' | 'full'>('no-vote', ['no-vote', 'full'], 'what a server writes down of its ballot'),
    cutFor: span('2s', 'how long n1 is cut off'),
  },
  duration: s(12),
  recovery: false,
  build: ({ world, params: { persistence }, duration }) =>
    raftGroup({
      world,
      duration,
      nodes: 3,
      clients: 4,
      latency: ms(30),
      // Later than the handover: with nothing under way it takes as long as its messages do.
      from: s(5),
      // The paper's Raft: without pre-vote and loyalty, which only make it rarer.
      raft: { persistence, preVote: false, checkQuorum: false, electionSpread: ms(150) },
      steps: [
        { at: s(2), transferTo: 'n3' },
        // To find out who leads: a call that goes to the wrong server first comes too late.
        { at: s(3), transferTo: 'n3' },
        { at: s(4), transferTo: 'n1' },
      ],
    }),
  faults: (group) => faults(group, group.params.cutFor),
  checks: raftGroupChecks,
  expect: ({ persistence }) =>
    persistence === 'full'
      ? holds()
      : violates('one vote a term', {
          also: [
            'election safety',
            'linearizable register',
            'log matching',
            'leader completeness',
            'state-machine safety',
            'committed entries are durable on a majority',
          ],
        }),
  nemesis: { profiles: ALL_THAT_HEALS, limits: { roles: { operator: [] } } },
});

/** The request for its vote reaches n3 at 4.09 s, its vote n1 at 4.12 s, n1's first append would reach n3 at 4.15 s. */
function faults({ nodes: [n1, n2, n3], clients }: RaftGroup, cutFor: number): Fault[] {
  if (n1 === undefined || n2 === undefined || n3 === undefined) return [];
  const [near, far] = [clients.slice(0, 2), clients.slice(2)];
  return [
    partition({
      at: s(4),
      for: cutFor,
      groups: [
        [n1, ...near],
        [n2, ...far],
      ],
    }),
    crash({ node: n3, at: s(4.12), for: ms(155) }),
    partition({
      at: s(4.2),
      for: cutFor,
      groups: [
        [n1, ...near],
        [n3, ...far],
      ],
    }),
  ];
}
