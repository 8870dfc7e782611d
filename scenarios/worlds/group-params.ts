/** Parameters that the scenarios about a replicated group share. */
import { choice, count, span } from '../../sim/index.ts';

export const groupParams = {
  nodes: count(5, { min: 3, max: 9, doc: 'nodes in the group' }),
  clients: count(5, { min: 2, max: 20, doc: "clients; the first two are on the old primary's side" }),
  replication: choice<'sync' | 'async'>(
    'sync',
    ['sync', 'async'],
    'acknowledge an update after it is replicated, or before',
  ),
  think: span('80ms', "mean time between a client's operations"),
  faultFor: span('6s', 'how long the network stays broken'),
};
