/** Mistakes in the Cassandra-style store. */
import type { Mutant } from './mutant.ts';

const REGISTER = { scenario: 'stale-one-quorum', property: 'linearizable register' } as const;
const DELETED = { scenario: 'zombie-row-repaired', property: 'a deleted row stays deleted' } as const;

export const CASSANDRA_MUTANTS: readonly Mutant[] = [
  {
    ...REGISTER,
    name: 'half-is-a-quorum',
    bug: 'QUORUM is half of the copies, rounded down: one too few.',
    file: 'models/cassandra/consistency-level.ts',
    find: 'Math.floor(nodes.length / 2) + 1',
    replace: 'Math.floor(nodes.length / 2)',
    profile: 'partitions',
  },
  {
    ...REGISTER,
    name: 'older-timestamp-wins',
    bug: 'Where copies differ, a read takes the version with the older timestamp.',
    file: 'models/cassandra/row-versions.ts',
    find: 'return ordered(a.at, b.at);',
    replace: 'return ordered(b.at, a.at);',
    profile: 'partitions',
  },
  {
    ...REGISTER,
    name: 'hint-counts-as-a-copy',
    bug: 'A write counts a hint for a copy that has not answered as if the copy had.',
    file: 'models/cassandra/coordinate-write.ts',
    find: '    if (node !== ctx.self.id) hint(node, copy, settings, ctx);\n    throw error;\n',
    replace: '    if (node !== ctx.self.id) hint(node, copy, settings, ctx);\n',
    profile: 'partitions',
  },
  {
    ...REGISTER,
    name: 'read-repair-not-awaited',
    bug: 'A read answers before those that were behind are up to date: a later read returns less.',
    file: 'models/cassandra/coordinate-read.ts',
    find: '(nodes) => isMet(shares, [...current, ...nodes])',
    replace: '() => true',
    profile: 'mixed',
  },
  {
    ...REGISTER,
    name: 'cassandra-copy-not-flushed',
    bug: 'A copy is acknowledged before it is on disk.',
    file: 'models/dynamo/cell-tables.ts',
    find: '  yield* durable(settings, ctx);\n',
    replace: '',
    profile: 'mixed',
  },
  {
    ...DELETED,
    name: 'repaired-without-the-absent',
    bug: 'A repair marks tombstones that the copies which took part have, whether all did or not.',
    file: 'models/cassandra/repair.ts',
    find: 'node === ctx.self.id || confirmed.get(node)?.includes(key)',
    replace: '!confirmed.has(node) || confirmed.get(node)?.includes(key)',
    profile: 'crashes',
  },
  {
    ...DELETED,
    name: 'unrepaired-tombstone-purged',
    bug: 'Tombstones are purged when they are old enough, repaired or not.',
    file: 'models/cassandra/tombstones.ts',
    find: 'if (settings.purgeRepairedOnly &&',
    replace: 'if (!settings.purgeRepairedOnly &&',
    profile: 'crashes',
  },
];
