/**
 * What caches promise: nothing older than an invalidation that they have acknowledged is put back (the stale set of Nishtala et al.,
 * "Scaling Memcache at Facebook", NSDI 2013, §3.2.1); of one key, no older version follows a newer one; at most one loader a
 * key is on its way (the thundering herd, same place); the capacity is kept; and what the source has replaced is served no longer
 * than the staleness bound. What clients read is a check of its own (consistency/bounded-staleness.ts).
 *
 * An event costs a look at the entries that the view names as changed, by default at all.
 */
import { durationText, instantText, parseDuration, type Duration, type Micros } from '../../base/time.ts';
import type { Check, NodeView, RunView } from '../check.ts';
import { isRunning, sharedChecks, type Breaches, type Reading, type ReadingOptions } from './shared-reading.ts';

/** A cache as the checks see it. Versions of a key grow. */
export interface CacheView {
  /** What it would serve now: the version of each key, or of each that may have changed. Expired entries are left out. */
  readonly entries: Iterable<readonly [key: string, version: number]>;
  readonly size: number;
  readonly capacity: number;
  /** Keys that are being loaded, and how often at once. Default: not looked at. */
  readonly loading?: Iterable<readonly [key: string, loads: number]>;
  /** Invalidations that it has acknowledged: below this version a key may not be cached. Default: there are none. */
  readonly invalidated?: Iterable<readonly [key: string, version: number]>;
}

export interface CacheOptions<S, T> extends ReadingOptions {
  readonly view: (state: S) => CacheView;
  /** The present version of each key, or of each that may have changed, where the truth is kept. */
  readonly source?: {
    readonly roles: readonly string[];
    readonly versions: (state: T) => Iterable<readonly [string, number]>;
  };
  /** How long a version may be served after the source has a newer one. Needs `source` and `roles`. Default: not judged. */
  readonly within?: Duration;
}

const CAPACITY = 'the cache keeps its capacity';
const LOADERS = 'one loader a key';
const INVALIDATED = 'what was invalidated does not come back';
const VERSIONS = 'cached versions never go back';
const STALE = 'nothing stale is served for long';

/** Each a check of its own; they share one reading of the states. */
export function cacheInvariants<S, T = unknown>(options: CacheOptions<S, T>): readonly Check[] {
  const { roles, source, within } = options;
  const bound = within === undefined || source === undefined ? undefined : parseDuration(within, 'cache: within');
  const all =
    roles === undefined || source === undefined ? options : { ...options, roles: [...roles, ...source.roles] };
  const events = ({ events: count }: CacheReading<S, T>): string => `in ${count} events`;
  return sharedChecks<CacheReading<S, T>>({
    ...all,
    begin: (view, breaches) => new CacheReading(options, bound, view, breaches),
    properties: [
      { name: CAPACITY, promise: 'the cache never holds more than its capacity', held: events },
      { name: LOADERS, promise: 'of each key at most one load is on its way', held: events },
      { name: INVALIDATED, promise: 'no version below an acknowledged invalidation is cached', held: events },
      { name: VERSIONS, promise: 'an entry is never replaced by an older version', held: events },
      ...(bound === undefined
        ? []
        : [
            {
              name: STALE,
              promise: `no version is served for more than ${durationText(bound)} after a newer one`,
              held: events,
            },
          ]),
    ],
  });
}

class CacheReading<S, T> implements Reading {
  events = 0;
  private readonly options: CacheOptions<S, T>;
  private readonly bound: Micros | undefined;
  private readonly view: RunView;
  private readonly breaches: Breaches;
  /** By node: its life, and the version of each key that it had. */
  private readonly caches = new Map<string, { life: number; readonly versions: Map<string, number> }>();
  /** By key: the versions that the source has had, and since when; oldest first. */
  private readonly history = new Map<string, { readonly version: number; readonly at: Micros }[]>();

  constructor(options: CacheOptions<S, T>, bound: Micros | undefined, view: RunView, breaches: Breaches) {
    this.options = options;
    this.bound = bound;
    this.view = view;
    this.breaches = breaches;
  }

  handled(node: NodeView): void {
    if (!isRunning(node)) return;
    if (this.options.source?.roles.includes(node.role) === true) this.readSource(node);
    else this.readCache(node);
  }

  finish(): void {
    if (this.bound === undefined) return;
    for (const node of this.view.nodes) if (this.caches.has(node.id) && isRunning(node)) this.readCache(node);
  }

  private readSource(node: NodeView): void {
    for (const [key, version] of this.options.source?.versions(node.state as T) ?? []) {
      let known = this.history.get(key);
      if (known === undefined) this.history.set(key, (known = []));
      const last = known.at(-1);
      if (last === undefined || version > last.version) known.push({ version, at: this.view.now });
    }
  }

  private readCache(node: NodeView): void {
    this.events++;
    const { id } = node;
    const now = this.options.view(node.state as S);
    let known = this.caches.get(id);
    if (known === undefined || known.life !== node.life)
      this.caches.set(id, (known = { life: node.life, versions: new Map() }));
    if (now.size > now.capacity) {
      this.breaches.report(CAPACITY, {
        sentence: `${id} holds ${now.size} entries, and has room for ${now.capacity}`,
        nodes: [id],
        facts: { size: now.size, capacity: now.capacity },
      });
    }
    for (const [key, loads] of now.loading ?? []) {
      if (loads <= 1) continue;
      this.breaches.report(LOADERS, {
        sentence: `${id} loads ${key} ${loads} times at once`,
        nodes: [id],
        facts: { key, loads },
      });
    }
    const floor = new Map(now.invalidated ?? []);
    for (const [key, version] of now.entries) this.judgeEntry(id, key, version, known.versions, floor.get(key));
  }

  private judgeEntry(
    id: string,
    key: string,
    version: number,
    versions: Map<string, number>,
    floor: number | undefined,
  ): void {
    const before = versions.get(key);
    if (floor !== undefined && version < floor) {
      this.breaches.report(INVALIDATED, {
        sentence: `${id} holds version ${version} of ${key}, although it has acknowledged that all below ${floor} are invalid`,
        nodes: [id],
        facts: { key, version, floor },
      });
    }
    if (before !== undefined && version < before) {
      this.breaches.report(VERSIONS, {
        sentence: `${id} had version ${before} of ${key}, and now holds version ${version}`,
        nodes: [id],
        facts: { key, from: before, to: version },
      });
    }
    versions.set(key, version);
    if (this.bound !== undefined) this.judgeAge(id, key, version, this.bound);
  }

  private judgeAge(id: string, key: string, version: number, bound: Micros): void {
    const known = this.history.get(key);
    if (known === undefined || (known.at(-1)?.version ?? version) <= version) return;
    const replaced = known.find((other) => other.version > version);
    const now = Math.min(this.view.now, this.view.end);
    if (replaced === undefined || now - replaced.at <= bound) return;
    this.breaches.report(STALE, {
      sentence: `${id} serves version ${version} of ${key} at ${instantText(now)}, ${durationText(now - replaced.at)} after the source had version ${replaced.version}`,
      nodes: [id],
      facts: { key, version, replacedAt: replaced.at, bound },
    });
  }
}
