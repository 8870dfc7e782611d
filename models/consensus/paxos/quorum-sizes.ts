/**
 * Quorums of two sizes (Howard, Malkhi and Spiegelman, "Flexible Paxos: Quorum Intersection Revisited", OPODIS 2016): only quorums of
 * different phases must meet. A small quorum of phase 2 makes every commit cheaper, and a new leader needs more promises.
 */
import { ConfigError } from '../../../sim/index.ts';

export interface QuorumOptions {
  /** Promises that a proposer needs: the quorum of phase 1. Default: a majority. */
  readonly prepareQuorum?: number;
  /** Acceptors that choose a value: the quorum of phase 2. Default: a majority. */
  readonly acceptQuorum?: number;
}

export interface QuorumSizes {
  readonly prepareQuorum: number;
  readonly acceptQuorum: number;
}

/** Throws ConfigError naming the option, unless every quorum of phase 1 meets every quorum of phase 2. */
export function quorumSizes(nodes: number, options: QuorumOptions, where: string): QuorumSizes {
  if (nodes === 0) throw new ConfigError(`${where}.nodes`, nodes, 'at least one node');
  const majority = Math.floor(nodes / 2) + 1;
  const sizes = {
    prepareQuorum: options.prepareQuorum ?? majority,
    acceptQuorum: options.acceptQuorum ?? majority,
  };
  for (const [field, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1 || size > nodes)
      throw new ConfigError(`${where}.${field}`, size, `a whole number from 1 to ${nodes}, the nodes there are`);
  }
  const { prepareQuorum, acceptQuorum } = sizes;
  if (prepareQuorum + acceptQuorum <= nodes) {
    const least = nodes - acceptQuorum + 1;
    throw new ConfigError(
      `${where}.prepareQuorum`,
      prepareQuorum,
      `at least ${least}, to meet every ${acceptQuorum} of ${nodes}`,
    );
  }
  return sizes;
}
