/** Mistakes in the register on quorums with write-back (ABD). */
import type { Mutant } from './mutant.ts';

const STORE = 'models/replication/quorum-store.ts';
const REGISTER = 'models/replication/quorum-register.ts';
const ABD = { scenario: 'stale-read-write-back', property: 'linearizable register' } as const;

export const QUORUM_MUTANTS: readonly Mutant[] = [
  {
    ...ABD,
    name: 'write-back-left-out',
    bug: 'A read returns what it has found without storing it with a majority.',
    file: STORE,
    find: '      if (settings.writeBack) yield* storeAll(key, latest, settings, ctx);\n',
    replace: '',
    profile: 'network',
  },
  {
    ...ABD,
    name: 'read-quorum-off-by-one',
    bug: 'A read is content with one answer less than its quorum.',
    file: STORE,
    find: 'atQuorum(settings.readQuorum, ',
    replace: 'atQuorum(settings.readQuorum - 1, ',
    profile: 'network',
  },
  {
    ...ABD,
    name: 'write-quorum-off-by-one',
    bug: 'A write is content with one acknowledgement less than its quorum.',
    file: STORE,
    find: 'atQuorum(settings.writeQuorum, ',
    replace: 'atQuorum(settings.writeQuorum - 1, ',
    profile: 'network',
  },
  {
    ...ABD,
    name: 'stamps-not-compared',
    bug: 'A replica stores whatever arrives last.',
    file: REGISTER,
    find: '          if (!isLater(stamp, state.cells[key]?.stamp ?? UNWRITTEN.stamp)) return;\n',
    replace: '',
    profile: 'network',
  },
  {
    ...ABD,
    name: 'register-acks-before-fsync',
    bug: 'A replica acknowledges a store before it is on its disk.',
    file: REGISTER,
    find: '        yield* syncOrStop(ctx, (state) => void (state.broken = true));\n',
    replace: '',
    property: 'timestamps never go back',
    profile: 'crashes',
  },
  {
    ...ABD,
    name: 'first-answer-wins',
    bug: 'A read takes the first answer instead of the latest.',
    file: STORE,
    find: 'isLater(reply.stamp, latest.stamp) ? reply : latest',
    replace: 'latest === UNWRITTEN ? reply : latest',
    profile: 'network',
  },
];
