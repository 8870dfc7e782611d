/**
 * Partitions: uniform, one node isolated, a minority of a role cut off, even halves, one way, a bridge (two halves that only
 * the bridge can reach both of: partial connectivity, Alfatafta et al., OSDI 2020), single broken pairs, flapping.
 */
import { ms } from '../../base/time.ts';
import type { RandomStream } from '../../random/stream.ts';
import { flapping, isolate, partition, partitionOneWay, partitionPartial } from '../constructors.ts';
import type { Window } from './arena.ts';
import { idsOf, some, upTo, type Draw, type Drawer } from './drawer.ts';
import type { NemesisNode } from './topology.ts';

type Nodes = readonly NemesisNode[];
type Sides = readonly [Nodes, Nodes];

/** Both sides have somebody. */
function uniform(random: RandomStream, nodes: Nodes): Sides {
  const order = random.shuffle(nodes);
  const [first, second, ...rest] = order as [NemesisNode, NemesisNode, ...NemesisNode[]];
  const left = rest.filter(() => random.chance(0.5));
  return [
    [first, ...left],
    [second, ...rest.filter((node) => !left.includes(node))],
  ];
}

/** A role with at least `least` nodes among these is split in `share` of it and the rest; all others fall to either side. */
function byRole(random: RandomStream, nodes: Nodes, least: number, cut: (size: number) => number): Sides | undefined {
  const roles = [...new Set(nodes.map(({ role }) => role))];
  const large = roles.filter((role) => nodes.filter((node) => node.role === role).length >= least);
  if (large.length === 0) return undefined;
  const role = random.pick(large);
  const members = random.shuffle(nodes.filter((node) => node.role === role));
  const others = nodes.filter((node) => node.role !== role);
  const k = cut(members.length);
  const along = others.filter(() => random.chance(0.5));
  const rest = others.filter((node) => !along.includes(node));
  return [
    [...members.slice(0, k), ...along],
    [...members.slice(k), ...rest],
  ];
}

const minority = (random: RandomStream, nodes: Nodes): Sides | undefined =>
  byRole(random, nodes, 3, (size) => random.between(1, Math.ceil(size / 2) - 1));

const halves = (random: RandomStream, nodes: Nodes): Sides | undefined =>
  byRole(random, nodes, 2, (size) => Math.floor(size / 2));

/** The sides in the order of the topology, so that schedules read well. */
const inOrder = (nodes: Nodes, side: Nodes): string[] => idsOf(nodes.filter((node) => side.includes(node)));

const MODES = ['uniform', 'isolate', 'minority', 'halves', 'one-way', 'bridge', 'pairs', 'flapping'] as const;

const anySides = (random: RandomStream, nodes: Nodes): Sides =>
  random.pick([uniform, minority, halves])(random, nodes) ?? uniform(random, nodes);

export const drawPartition: Drawer = (draw) => {
  const { arena, random, severity } = draw;
  const nodes = arena.targets('partition');
  if (nodes.length < 2) return [];
  const mode = random.pick(MODES);
  const window = arena.window(random, severity, mode === 'flapping' ? ms(4) : 1);
  if (window === undefined) return [];
  const cut = (sides: Sides) => partition({ ...window, groups: sides.map((side) => inOrder(nodes, side)) });
  switch (mode) {
    case 'uniform':
      return [cut(uniform(random, nodes))];
    case 'isolate':
      return [isolate({ ...window, node: random.pick(nodes).id })];
    case 'minority':
      return [cut(minority(random, nodes) ?? uniform(random, nodes))];
    case 'halves':
      return [cut(halves(random, nodes) ?? uniform(random, nodes))];
    case 'one-way':
      return oneWay(draw, nodes, window);
    case 'bridge':
      return bridge(draw, nodes, window);
    case 'pairs':
      return pairs(draw, nodes, window);
    case 'flapping': {
      const groups = anySides(random, nodes).map((side) => inOrder(nodes, side));
      const [down, up] = [flap(draw, window), flap(draw, window)];
      return [flapping({ ...window, groups, down, up })];
    }
  }
};

const flap = ({ arena, random }: Draw, window: Window): number =>
  arena.whole(Math.floor(window.for / random.between(2, 8)), ms(1));

/** From one side to the other; half of the time the one side is a single node. */
function oneWay({ random }: Draw, nodes: Nodes, window: Window) {
  const lone = random.pick(nodes);
  const others = nodes.filter((node) => node !== lone);
  const [a, b]: Sides = random.chance(0.5) ? [[lone], others] : anySides(random, nodes);
  const [from, to] = random.chance(0.5) ? [a, b] : [b, a];
  return [partitionOneWay({ ...window, from: inOrder(nodes, from), to: inOrder(nodes, to) })];
}

/** A node in no group keeps contact with everybody: that is the bridge. */
function bridge({ random }: Draw, nodes: Nodes, window: Window) {
  const roles = [...new Set(nodes.map(({ role }) => role))];
  const large = roles.filter((role) => nodes.filter((node) => node.role === role).length >= 3);
  if (large.length === 0) return [];
  const role = random.pick(large);
  const middle = random.pick(nodes.filter((node) => node.role === role));
  const [a, b] = halves(
    random,
    nodes.filter((node) => node !== middle),
  ) as Sides;
  return [partition({ ...window, groups: [inOrder(nodes, a), inOrder(nodes, b)] })];
}

function pairs({ random, severity }: Draw, nodes: Nodes, window: Window) {
  const every = nodes.flatMap((a, i) => nodes.slice(i + 1).map((b): [string, string] => [a.id, b.id]));
  return [partitionPartial({ ...window, pairs: some(random, every, upTo(random, severity, [1, 2, 3, 5])) })];
}
