import { ConfigError } from '../../sim/index.ts';

/** Throws ConfigError naming the field when two of the nodes are one: it would count twice in a quorum. */
export function eachOnce(nodes: readonly { readonly id: string }[], field: string): void {
  const names = nodes.map(({ id }) => id);
  if (new Set(names).size < names.length) throw new ConfigError(field, names, 'each node once');
}
