/** Arbitrary faults of every kind, as JSON that may be read; durations both as numbers and as text. */
import fc from 'fast-check';
import { durationText } from '../../sim/base/time.ts';
import { FAULT_KINDS, type FaultKind } from '../../sim/faults/fault.ts';

const NODES = ['a', 'b', 'c'];
/** What they aim at: the nodes, zones and regions of the busy world. */
export const PLACES = { nodes: NODES, zones: ['z1', 'z2'], regions: ['region-1'] };

const micros = (min: number, max = 3_600_000_000) => fc.integer({ min, max });
const span = (min: number) => fc.oneof(micros(min), micros(min).map(durationText));
const node = fc.constantFrom(...NODES);
const nodeList = fc.uniqueArray(node, { minLength: 1, maxLength: 3 });
const nodesOrAll = fc.oneof(fc.constant('*'), nodeList);
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const factor = fc.double({ min: 0.001, max: 1_000_000, noNaN: true });
const by = fc.oneof(
  micros(1),
  micros(1).map((t) => -t),
  micros(1).map((t) => `-${durationText(t)}`),
);
const groups = fc
  .tuple(fc.shuffledSubarray([...NODES], { minLength: 2 }), fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([names, cut, rest]) => {
    const at = Math.min(cut, names.length - 1);
    return rest ? [names.slice(0, at), ['*'], names.slice(at)] : [names.slice(0, at), names.slice(at)];
  });
const pairs = fc.array(fc.shuffledSubarray([...NODES], { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 });

const distribution: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, span(0), tie('leaf'), tie('mixture'), tie('shifted')),
  leaf: fc.oneof(
    fc.record({ kind: fc.constant('constant'), value: span(0) }),
    fc.tuple(micros(0), micros(0)).map(([x, y]) => ({ kind: 'uniform', min: Math.min(x, y), max: Math.max(x, y) })),
    fc.record({ kind: fc.constant('exponential'), mean: span(1) }),
    fc.record({ kind: fc.constant('logNormal'), median: span(1), sigma: fc.double({ min: 0, max: 10, noNaN: true }) }),
    fc.record({ kind: fc.constant('pareto'), scale: span(1), alpha: fc.double({ min: 0.05, max: 100, noNaN: true }) }),
    fc.record({ kind: fc.constant('erlang'), k: fc.integer({ min: 1, max: 1_000 }), mean: span(1) }),
    fc.record({ kind: fc.constant('normal'), mean: span(0), sd: span(1) }),
    fc.tuple(micros(0, 1_000), micros(1_000)).map(([x, y]) => ({
      kind: 'empirical',
      points: [
        [0, x],
        [0.5, x],
        [1, y],
      ],
    })),
  ),
  mixture: fc.record({
    kind: fc.constant('mixture'),
    parts: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), of: tie('leaf') }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  shifted: fc.record({ kind: fc.constant('shifted'), by: span(0), of: tie('any') }),
})).any;

type Fields = Record<string, fc.Arbitrary<unknown>>;
/** Fields of one kind: those required, those optional, and those of which at least one is required. */
interface Shape {
  readonly required?: Fields;
  readonly optional?: Fields;
  readonly instant?: boolean;
}

const ends: Fields = { from: nodesOrAll, to: nodesOrAll };

const SHAPES: Record<FaultKind, Shape> = {
  crash: { required: { node } },
  restart: { required: { node }, instant: true },
  'crash-loop': { required: { node, every: micros(2_000_000), down: micros(1_000, 1_999_999) } },
  pause: { required: { node } },
  slow: { required: { node, factor }, optional: { delay: distribution } },
  destroy: { required: { node }, instant: true },
  partition: { required: { groups } },
  'partition-one-way': { required: ends },
  'partition-partial': { required: { pairs } },
  flapping: { required: { groups, up: span(1_000), down: span(1_000) } },
  isolate: { required: { node } },
  clog: { required: { from: nodesOrAll }, optional: { to: nodesOrAll } },
  'link-delay': {
    required: { extra: distribution },
    optional: { ...ends, factor: fc.double({ min: 1, max: 1e6, noNaN: true }) },
  },
  jitter: { required: { extra: distribution }, optional: ends },
  loss: { required: { probability }, optional: ends },
  duplicate: { required: { probability }, optional: ends },
  reorder: { required: { probability, window: span(1) }, optional: ends },
  bandwidth: { required: { bytesPerSecond: fc.double({ min: 1, max: 1e12, noNaN: true }) }, optional: ends },
  'clock-offset': { required: { node, by } },
  'clock-step': { required: { node, by } },
  'clock-drift': { required: { node, ppm: fc.double({ min: -1e6, max: 1e6, noNaN: true }) } },
  'clock-freeze': { required: { node, clock: fc.constantFrom('wall', 'monotonic', 'both') } },
  'ntp-loss': { required: { node } },
  'disk-slow': { required: { node, factor } },
  'disk-full': { required: { node } },
  'fsync-fail': { required: { node } },
  'lost-writes': { required: { node } },
  'torn-write': { required: { node } },
  'bit-rot': { required: { node, probability }, instant: true },
  'zone-outage': {
    required: { zone: fc.constantFrom('z1', 'z2') },
    optional: { region: fc.constant('region-1'), mode: fc.constantFrom('crash', 'isolate') },
  },
  'region-outage': {
    required: { region: fc.constant('region-1') },
    optional: { mode: fc.constantFrom('crash', 'isolate') },
  },
  correlated: {
    required: { nodes: nodeList },
    optional: { mode: fc.constantFrom('crash', 'pause'), stagger: micros(0, 100) },
  },
  'traffic-spike': { required: { factor }, optional: { nodes: nodesOrAll } },
  'hot-key': { required: { key: fc.string({ minLength: 1 }), share: probability }, optional: { nodes: nodesOrAll } },
  'brown-out': { required: { node, probability }, optional: { factor } },
};

/** A valid fault of one kind. */
export function faultOfKind(kind: FaultKind): fc.Arbitrary<Record<string, unknown>> {
  const { required = {}, optional = {}, instant = false } = SHAPES[kind];
  const lasts: Fields = instant ? {} : { for: span(1_000) };
  const fields: Fields = { kind: fc.constant(kind), at: span(0), ...required, ...optional, ...lasts };
  return fc.record(fields, { requiredKeys: ['kind', 'at', ...Object.keys(required)] });
}

export const anyFault = fc.constantFrom(...FAULT_KINDS).chain(faultOfKind);
export const anySchedule = fc.array(anyFault, { maxLength: 8 });
