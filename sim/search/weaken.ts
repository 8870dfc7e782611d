/**
 * Weaker forms of a fault. Each step leads to a fault that does less: fewer nodes, one way instead of both, loss instead of a
 * cut, delay instead of loss, a pause instead of a crash, half the number. No chain of steps comes back to where it began.
 */
import type { Fault, FaultOf } from '../faults/fault.ts';
import { weakerLaw, weakerNumber } from './weaken-number.ts';

/** What is tried in place of `fault`, the weakest first. The id stays. `nodes`: names of all nodes. */
export function weakerThan(fault: Fault, nodes: readonly string[]): readonly Fault[] {
  return [...otherKinds(fault, nodes), ...fewerTargets(fault, nodes), ...smallerNumbers(fault)];
}

/** The fields that every fault has. */
const frame = ({ id, at, for: length, stays }: Fault) => ({
  id,
  at,
  ...(length === undefined ? {} : { for: length }),
  ...(stays === undefined ? {} : { stays }),
});

function otherKinds(fault: Fault, nodes: readonly string[]): Fault[] {
  const common = frame(fault);
  switch (fault.kind) {
    case 'destroy':
      return [{ ...common, kind: 'crash', node: fault.node }];
    case 'region-outage':
    case 'zone-outage':
      return fault.mode === 'crash' ? [{ ...fault, mode: 'isolate' }] : [];
    case 'correlated':
      if (fault.nodes.length === 1) return [{ ...common, kind: fault.mode, node: fault.nodes[0] as string }];
      return fault.mode === 'crash' ? [{ ...fault, mode: 'pause' }] : [];
    case 'crash-loop':
      return [{ ...common, kind: 'crash', node: fault.node }];
    case 'crash':
      return fault.for === undefined ? [] : [{ ...common, kind: 'pause', node: fault.node }];
    case 'flapping':
      return [{ ...common, kind: 'partition', groups: fault.groups }];
    case 'isolate':
      return oneWays(
        common,
        [fault.node],
        nodes.filter((id) => id !== fault.node),
      );
    case 'partition': {
      const [a = [], b = []] = sidesOf(fault, nodes);
      return fault.groups.length === 2 ? oneWays(common, a, b) : [];
    }
    case 'partition-partial': {
      const [pair] = fault.pairs;
      return fault.pairs.length === 1 && pair !== undefined ? oneWays(common, [pair[0]], [pair[1]]) : [];
    }
    case 'partition-one-way':
      return [{ ...common, kind: 'loss', from: fault.from, to: fault.to, probability: 0.5 }];
    case 'loss':
      return [
        { ...common, kind: 'link-delay', from: fault.from, to: fault.to, extra: { kind: 'constant', value: 100_000 } },
      ];
    case 'clog':
      return clogAsDelay(fault);
    case 'jitter':
      return [];
    case 'clock-freeze':
      return fault.clock === 'both'
        ? [
            { ...fault, clock: 'wall' },
            { ...fault, clock: 'monotonic' },
          ]
        : [];
    default:
      return [];
  }
}

function clogAsDelay(fault: FaultOf<'clog'>): Fault[] {
  if (fault.nodes !== undefined) return [];
  const extra = { kind: 'constant', value: 100_000 } as const;
  return [{ ...frame(fault), kind: 'link-delay', from: fault.from ?? '*', to: fault.to ?? '*', extra }];
}

function oneWays(common: ReturnType<typeof frame>, a: readonly string[], b: readonly string[]): Fault[] {
  if (a.length === 0 || b.length === 0) return [];
  return [
    { ...common, kind: 'partition-one-way', from: a, to: b },
    { ...common, kind: 'partition-one-way', from: b, to: a },
  ];
}

function sidesOf({ groups }: FaultOf<'partition'>, nodes: readonly string[]): readonly (readonly string[])[] {
  const named = new Set(groups.flat());
  return groups.map((group) => (group[0] === '*' ? nodes.filter((id) => !named.has(id)) : group));
}

/** Lists without a half of their names, and without one. */
function fewerOf<T>(items: readonly T[]): (readonly T[])[] {
  const { length } = items;
  if (length < 2) return [];
  const half = Math.floor(length / 2);
  const halves = length > 3 ? [items.slice(0, half), items.slice(half)] : [];
  return [...halves, ...items.map((_, i) => items.toSpliced(i, 1))];
}

function fewerTargets(fault: Fault, nodes: readonly string[]): Fault[] {
  switch (fault.kind) {
    case 'partition':
    case 'flapping':
      return fewerInGroups(fault);
    case 'partition-partial':
      return fewerOf(fault.pairs).map((pairs) => ({ ...fault, pairs }));
    case 'correlated':
      return fewerOf(fault.nodes).map((names) => ({ ...fault, nodes: names }));
    case 'clog': {
      if (fault.nodes !== undefined) return fewerOf(fault.nodes).map((names) => ({ ...fault, nodes: names }));
      return fewerEnds(fault, nodes);
    }
    case 'partition-one-way':
    case 'link-delay':
    case 'jitter':
    case 'loss':
    case 'duplicate':
    case 'reorder':
    case 'bandwidth':
      return fewerEnds(fault, nodes);
    case 'traffic-spike':
    case 'hot-key':
      return fewerOf(fault.nodes === '*' ? nodes : fault.nodes).map((names) => ({ ...fault, nodes: names }));
    default:
      return [];
  }
}

function fewerInGroups(fault: FaultOf<'partition' | 'flapping'>): Fault[] {
  const { groups } = fault;
  const whole = groups.length > 2 ? groups.map((_, i) => ({ ...fault, groups: groups.toSpliced(i, 1) })) : [];
  const thinner = groups.flatMap((group, i) =>
    fewerOf(group).map((part) => ({ ...fault, groups: groups.with(i, part) })),
  );
  return [...whole, ...thinner];
}

type WithEnds = Extract<Fault, { from?: unknown }>;

function fewerEnds<F extends WithEnds>(fault: F, nodes: readonly string[]): F[] {
  const end = (names: '*' | readonly string[] | undefined) =>
    fewerOf(names === undefined || names === '*' ? nodes : names);
  return [...end(fault.to).map((to) => ({ ...fault, to })), ...end(fault.from).map((from) => ({ ...fault, from }))];
}

/** A bold step, then a small one. */
const STEPS = [0.125, 0.5] as const;

function smallerNumbers(fault: Fault): Fault[] {
  return STEPS.flatMap((by) => {
    const next = smaller(fault, by);
    return next === undefined ? [] : [next];
  });
}

/** `by`: the share of its harm that is left. Undefined when the fault has no number that could be smaller. */
function smaller(fault: Fault, by: number): Fault | undefined {
  const fields: Record<string, unknown> = {};
  const put = (field: string, value: unknown): void => void (value === undefined || (fields[field] = value));
  const has = fault as unknown as Readonly<Record<string, unknown>>;
  for (const [field, kind] of NUMBERS) {
    const value = has[field];
    if (typeof value === 'number') put(field, weakerNumber(value, kind, by));
    else if (typeof value === 'object' && value !== null && kind === 'law') put(field, weakerLaw(value as never, by));
  }
  return Object.keys(fields).length === 0 ? undefined : ({ ...fault, ...fields } as Fault);
}

const NUMBERS = [
  ['probability', 'share'],
  ['share', 'share'],
  ['factor', 'factor'],
  ['by', 'shift'],
  ['ppm', 'ppm'],
  ['window', 'duration'],
  ['bytesPerSecond', 'rate'],
  ['extra', 'law'],
  ['delay', 'law'],
] as const;
