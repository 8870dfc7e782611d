/**
 * Where the copies of a key are: Cassandra's replication strategies, over one ring of all nodes of all data centres.
 *
 * *SimpleStrategy* takes the first N nodes that a walk around the ring meets, wherever they stand.
 *
 * *NetworkTopologyStrategy* places a number of copies in each data centre, on the same walk: within a data centre a node on a
 * rack that has a copy already is passed over as long as there are as many other racks as copies left to place, so that
 * copies are on as many racks as can be (the algorithm of Cassandra 4: a data centre may repeat a rack
 * max(0, copies − racks) times). A data centre with fewer nodes than copies has one on each node.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Placement } from '../hashing/placement.ts';

/** Where a node stands. */
export interface Place {
  readonly datacentre: string;
  readonly rack: string;
}

export interface ReplicationStrategy {
  readonly name: string;
  /** Where it believes the nodes to stand; undefined: it does not care. */
  readonly places?: Readonly<Record<string, Place>>;
  /** Nodes that have a copy of `key`, each once, in the order of the walk. */
  replicas(ring: Placement, key: string): readonly string[];
}

/** `copies`: from 1 on; fewer while the ring has fewer nodes. Throws ConfigError. */
export function simpleStrategy(copies: number): ReplicationStrategy {
  checkCopies('simpleStrategy.copies', copies);
  return { name: 'SimpleStrategy', replicas: (ring, key) => ring.owners(key, copies) };
}

export interface NetworkTopologyOptions {
  /** Copies by data centre, from 1 on. */
  readonly copies: Readonly<Record<string, number>>;
  /** By node; who is not named has no copies. */
  readonly places: Readonly<Record<string, Place>>;
}

/** Throws ConfigError naming the option. */
export function networkTopologyStrategy({ copies, places }: NetworkTopologyOptions): ReplicationStrategy {
  for (const [datacentre, wanted] of Object.entries(copies)) {
    checkCopies(`networkTopologyStrategy.copies.${datacentre}`, wanted);
    if (!Object.values(places).some((place) => place.datacentre === datacentre))
      throw new ConfigError('networkTopologyStrategy.copies', datacentre, 'a data centre that has a node');
  }
  return {
    name: 'NetworkTopologyStrategy',
    places,
    replicas(ring, key) {
      const walk = ring.owners(key, ring.members.length);
      const chosen = new Set(
        Object.entries(copies).flatMap(([datacentre, wanted]) =>
          withinDatacentre(
            walk.filter((node) => places[node]?.datacentre === datacentre),
            wanted,
            (node) => places[node]?.rack ?? '',
          ),
        ),
      );
      return walk.filter((node) => chosen.has(node));
    },
  };
}

function withinDatacentre(walk: readonly string[], copies: number, rackOf: (node: string) => string): string[] {
  let repeats = copies - new Set(walk.map(rackOf)).size;
  const racks = new Set<string>();
  const chosen: string[] = [];
  for (const node of walk) {
    if (chosen.length === copies) break;
    const isNew = !racks.has(rackOf(node));
    if (!isNew && repeats-- <= 0) continue;
    racks.add(rackOf(node));
    chosen.push(node);
  }
  return chosen;
}

function checkCopies(field: string, copies: number): void {
  if (!Number.isInteger(copies) || copies < 1) throw new ConfigError(field, copies, 'a whole number of at least 1');
}
