/** Mistakes in sessions that carry their guarantees. */
import type { Mutant } from './mutant.ts';

const SERVER = 'models/session-guarantees/session-server.ts';
const CLIENT = 'models/session-guarantees/session-client.ts';
const TOKENS = { scenario: 'session-goes-back-tokens' } as const;

export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    ...TOKENS,
    name: 'reads-not-remembered',
    bug: 'A session remembers what it has written, and not what it has read.',
    file: CLIENT,
    find: '      state.read = joined(state.read, reply.vector);\n',
    replace: '',
    property: 'monotonic reads',
    profile: 'partitions',
  },
  {
    ...TOKENS,
    name: 'one-entry-is-enough',
    bug: 'A server takes a session whose vector it has in part.',
    file: SERVER,
    find: '  if (!includes(state.vector, needs)) throw',
    replace:
      '  if (!Object.keys(needs).some((server) => knows(state.vector, server, needs[server] ?? 0)) && !includes(state.vector, needs)) throw',
    property: 'read your writes',
    profile: 'partitions',
  },
  {
    ...TOKENS,
    name: 'last-told-wins-ties',
    bug: 'Of two writes with the same clock the one that is told last counts, which is another one at each server.',
    file: SERVER,
    find: '(write.counter === counts.counter && write.server > counts.server)',
    replace: 'write.counter === counts.counter',
    property: 'the replicas converge',
    profile: 'partitions',
  },
  {
    ...TOKENS,
    name: 'write-acks-before-fsync',
    bug: 'A server tells of a write, and acknowledges it, before it is on its disk.',
    file: SERVER,
    find: '  yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '',
    property: 'read your writes',
    profile: 'disks',
  },
];
