/** Mistakes in the sharded store whose servers look at epochs, and in the way that it moves and splits shards. */
import type { Mutant } from './mutant.ts';

const SERVER = 'models/sharding/shard-server.ts';
const MAP = 'models/sharding/map-service.ts';
const FENCED = { scenario: 'stale-shard-map-fenced' } as const;
const LOST = { ...FENCED, property: 'no acknowledged write is lost' } as const;

export const SHARDING_MUTANTS: readonly Mutant[] = [
  {
    ...FENCED,
    name: 'shard-released-before-fsync',
    bug: 'The old owner says that it has given up a shard before that is durable, and after a crash serves it again.',
    file: SERVER,
    find: 'return yield* durably(ctx, (state): Released => {',
    replace: 'return ctx.update((state): Released => {',
    profile: 'crashes',
    property: 'every key has one owner at most',
  },
  {
    ...LOST,
    name: 'shard-update-acked-before-fsync',
    bug: 'A shard server acknowledges an update before it is on disk.',
    file: SERVER,
    find: `        return yield* durably(ctx, (state) => {
          const shard = admitted(`,
    replace: `        return ctx.update((state) => {
          const shard = admitted(`,
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'shard-epoch-not-compared',
    bug: 'A server takes a request of an earlier epoch, for keys that have been split off since.',
    file: SERVER,
    find: "if (role === 'owner' && own === epoch) return shard;",
    replace: "if (role === 'owner' && own >= epoch) return shard;",
    profile: 'partitions',
  },
  {
    ...LOST,
    name: 'shard-changes-since-the-copy-lost',
    bug: 'The new owner takes the copy for all, and leaves out what was written until the release.',
    file: SERVER,
    find: '{ ...copy.entries, ...rest.entries }',
    replace: '{ ...rest.entries, ...copy.entries }',
    profile: 'network',
  },
  {
    ...LOST,
    name: 'shard-loaded-before-fsync',
    bug: 'The new owner says that it has a shard before that is durable; the old one drops it.',
    file: SERVER,
    find: `    return yield* durably(ctx, (state) => {
      // Another`,
    replace: `    return ctx.update((state) => {
      // Another`,
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'shard-map-not-written',
    bug: 'The map service keeps the map in memory, and after a crash begins with the first one.',
    file: MAP,
    find: '    ctx.disk.append(LOG, known);\n',
    replace: '',
    profile: 'crashes',
  },
];
