/** Faults that hit many nodes at once. */
import * as v from 'valibot';
import { duration, nameOf, nodeList, rule, timed } from './fields.ts';

/** `crash`: every node of the place is down; `isolate`: they run, and reach each other, but nobody outside. */
const mode = v.optional(v.picklist(['crash', 'isolate'], '"crash" or "isolate"'), 'crash');

/** A zone, in every region or in one, is out. */
const zoneOutage = v.strictObject({
  kind: v.literal('zone-outage'),
  ...timed,
  zone: nameOf('zone'),
  region: v.optional(nameOf('region')),
  mode,
});

/** A whole region is out. */
const regionOutage = v.strictObject({ kind: v.literal('region-outage'), ...timed, region: nameOf('region'), mode });

/** Nodes that share a cause crash or pause one after the other, `stagger` apart (default 0); all come back together at the end. */
const correlated = v.pipe(
  v.strictObject({
    kind: v.literal('correlated'),
    ...timed,
    nodes: nodeList,
    mode: v.optional(v.picklist(['crash', 'pause'], '"crash" or "pause"'), 'crash'),
    stagger: v.optional(duration, 0),
  }),
  rule((fault) =>
    fault.for !== undefined && fault.stagger * (fault.nodes.length - 1) >= fault.for
      ? { at: ['stagger'], expected: 'so short that the last node is hit before the end' }
      : undefined,
  ),
);

export const zoneFaults = [zoneOutage, regionOutage, correlated] as const;
