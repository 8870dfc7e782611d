/**
 * Consistency levels: which replicas a request waits for, chosen request by request.
 *
 * ONE: any one. QUORUM: ⌊N/2⌋ + 1 of all copies, in whatever data centre. LOCAL_QUORUM: ⌊n/2⌋ + 1 of the n copies in the
 * coordinator's data centre. EACH_QUORUM: that in every data centre, for writes. ALL: every copy. A read sees the last write
 * when the copies that the two waited for must meet: QUORUM and QUORUM, ONE and ALL, LOCAL_QUORUM and LOCAL_QUORUM of one data
 * centre, EACH_QUORUM and LOCAL_QUORUM of any.
 */

export const WRITE_LEVELS = ['ONE', 'QUORUM', 'LOCAL_QUORUM', 'EACH_QUORUM', 'ALL'] as const;

export type ConsistencyLevel = (typeof WRITE_LEVELS)[number];

/** So many of these nodes have to answer. */
export interface Share {
  readonly nodes: readonly string[];
  readonly needed: number;
}

const majority = (nodes: readonly string[]): Share => ({ nodes, needed: Math.floor(nodes.length / 2) + 1 });

/** What a level asks for: every share of it. `replicas`: all that have a copy; `local`: the coordinator's data centre. */
export function required(
  level: ConsistencyLevel,
  replicas: readonly string[],
  datacentreOf: (node: string) => string,
  local: string,
): readonly Share[] {
  const within = (datacentre: string): readonly string[] =>
    replicas.filter((node) => datacentreOf(node) === datacentre);
  switch (level) {
    case 'ONE':
      return [{ nodes: replicas, needed: 1 }];
    case 'QUORUM':
      return [majority(replicas)];
    case 'LOCAL_QUORUM':
      return [majority(within(local))];
    case 'EACH_QUORUM':
      return [...new Set(replicas.map(datacentreOf))].map((datacentre) => majority(within(datacentre)));
    case 'ALL':
      return [{ nodes: replicas, needed: replicas.length }];
  }
}

/** Whether the answers of these nodes are enough. */
export const isMet = (shares: readonly Share[], answered: readonly string[]): boolean =>
  shares.every(({ nodes, needed }) => nodes.filter((node) => answered.includes(node)).length >= needed);
