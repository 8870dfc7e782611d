/** Faults of the network: they bend directed links. A message from a node to itself is never touched. */
import * as v from 'valibot';
import {
  bytesPerSecond,
  distribution,
  groups,
  linkEnd,
  lasting,
  node,
  nodeList,
  nodesOrAll,
  period,
  probability,
  rule,
  timed,
} from './fields.ts';

/** Nodes of different groups cannot reach each other, both ways: what is sent and what would arrive is dropped. */
const partition = v.strictObject({ kind: v.literal('partition'), ...timed, groups });

/** What `from` sends to `to` is dropped; the other way works. */
const partitionOneWay = v.strictObject({
  kind: v.literal('partition-one-way'),
  ...timed,
  from: nodesOrAll,
  to: nodesOrAll,
});

const PAIR = 'a pair of two different nodes';

/** The two nodes of each pair cannot reach each other; everybody else can reach both. */
const partitionPartial = v.pipe(
  v.strictObject({
    kind: v.literal('partition-partial'),
    ...timed,
    pairs: v.pipe(
      v.array(v.strictTuple([node, node], PAIR), 'a list of pairs of nodes'),
      v.minLength(1, 'at least one pair of nodes'),
    ),
  }),
  rule((fault) => {
    const same = fault.pairs.findIndex(([a, b]) => a === b);
    return same < 0 ? undefined : { at: ['pairs', same], expected: PAIR };
  }),
);

/** A partition that comes and goes: cut for `down`, whole for `up`, and again; it begins cut. */
const flapping = v.strictObject({ kind: v.literal('flapping'), ...timed, groups, up: period, down: period });

/** One node cannot reach anybody, nor be reached. */
const isolate = v.strictObject({ kind: v.literal('isolate'), ...timed, node });

/**
 * Messages are held, not lost, and released in order at the end: on the links from `from` to `to`, or on every link of `nodes`,
 * both ways.
 */
const clog = v.pipe(
  v.strictObject({
    kind: v.literal('clog'),
    ...timed,
    from: v.optional(nodesOrAll),
    to: v.optional(nodesOrAll),
    nodes: v.optional(nodeList),
  }),
  rule((fault) => {
    const ends = fault.from !== undefined || fault.to !== undefined;
    if (ends !== (fault.nodes !== undefined)) return undefined;
    return { at: ['nodes'], expected: 'either `nodes`, or `from` and `to` (one of them may be left out: any node)' };
  }),
);

/** A longer way: each link's latency is multiplied by `factor`, and `extra` is added, drawn once per link, so that order is kept. */
const linkDelay = v.pipe(
  v.strictObject({
    kind: v.literal('link-delay'),
    ...timed,
    from: linkEnd,
    to: linkEnd,
    extra: v.optional(distribution),
    factor: v.optional(
      v.pipe(
        v.number('a factor from 1 to 1000000'),
        v.check((x) => x >= 1 && x <= 1e6, 'a factor from 1 to 1000000'),
      ),
    ),
  }),
  rule((fault) =>
    fault.extra === undefined && fault.factor === undefined
      ? { at: ['extra'], expected: 'an extra delay, a factor, or both' }
      : undefined,
  ),
);

/** Uneven delay: `extra` is drawn for each message and added, so that datagrams overtake each other. */
const jitter = v.strictObject({ kind: v.literal('jitter'), ...timed, from: linkEnd, to: linkEnd, extra: distribution });

/** A datagram is lost with `probability`; a stream retransmits, so that loss shows as delay. */
const loss = v.strictObject({ kind: v.literal('loss'), ...timed, from: linkEnd, to: linkEnd, probability });

/** A datagram arrives twice with `probability`. */
const duplicate = v.strictObject({ kind: v.literal('duplicate'), ...timed, from: linkEnd, to: linkEnd, probability });

/** A datagram is late by up to `window` with `probability`. */
const reorder = v.strictObject({
  kind: v.literal('reorder'),
  ...timed,
  from: linkEnd,
  to: linkEnd,
  probability,
  window: lasting,
});

/** Each link carries at most `bytesPerSecond`; messages queue for it. */
const bandwidth = v.strictObject({
  kind: v.literal('bandwidth'),
  ...timed,
  from: linkEnd,
  to: linkEnd,
  bytesPerSecond,
});

export const networkFaults = [
  partition,
  partitionOneWay,
  partitionPartial,
  flapping,
  isolate,
  clog,
  linkDelay,
  jitter,
  loss,
  duplicate,
  reorder,
  bandwidth,
] as const;
