/** Faults of load: clients ask for more, or all for the same; a dependency half works. */
import * as v from 'valibot';
import { factor, nameOf, node, nodesOrAll, probability, timed } from './fields.ts';

const clients = v.optional(nodesOrAll, '*');

/** Arrivals that the client nodes generate come `factor` times as often. */
const trafficSpike = v.strictObject({ kind: v.literal('traffic-spike'), ...timed, nodes: clients, factor });

/** A `share` (0…1) of the operations that the client nodes generate goes to one key. */
const hotKey = v.strictObject({
  kind: v.literal('hot-key'),
  ...timed,
  nodes: clients,
  key: nameOf('key'),
  share: probability,
});

/** The node refuses each request with `probability` (`unavailable`), and its CPU work takes `factor` times as long. */
const brownOut = v.strictObject({
  kind: v.literal('brown-out'),
  ...timed,
  node,
  probability,
  factor: v.optional(factor),
});

export const loadFaults = [trafficSpike, hotKey, brownOut] as const;
