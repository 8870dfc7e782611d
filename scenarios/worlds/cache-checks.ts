/** What every cache of the bundled worlds owes: its capacity and, where readers share loads, one load a key. */
import { cacheInvariants, type CacheView, type Check } from '../../sim/index.ts';
import type { CacheTable } from '../../models/index.ts';

interface Caching {
  readonly table: CacheTable<unknown, unknown>;
  /** Loads that are under way, by key. */
  readonly fills?: ReadonlyMap<string, { readonly loads?: number }>;
}

interface CacheCheckOptions {
  /** Judges that no key is loaded twice at once. Default false. */
  readonly oneLoader?: boolean;
}

/** For the caches of a role. */
export function cacheChecks(
  role: string,
  capacity: number,
  { oneLoader = false }: CacheCheckOptions = {},
): readonly Check[] {
  const judged = oneLoader ? [KEEPS_CAPACITY, ONE_LOADER] : [KEEPS_CAPACITY];
  return cacheInvariants<Caching>({
    roles: [role],
    view({ table, fills }): CacheView {
      const loading = oneLoader ? [...(fills ?? [])].map(([key, { loads = 1 }]) => [key, loads] as const) : [];
      return { entries: [], size: table.entries.size, capacity, loading };
    },
  }).filter(({ name }) => judged.includes(name));
}

const KEEPS_CAPACITY = 'the cache keeps its capacity';
/** As the check is called. */
export const ONE_LOADER = 'one loader a key';
