/** Accidents of links: what happens to messages that do get through, or wait. */
import { ms } from '../../base/time.ts';
import { bandwidth, clog, duplicate, jitter, linkDelay, loss, reorder } from '../constructors.ts';
import type { Fault } from '../fault.ts';
import type { Window } from './arena.ts';
import { idsOf, some, upTo, type Draw, type Drawer } from './drawer.ts';
import type { FaultFamily } from './family.ts';

const DELAYS = [ms(1), ms(5), ms(20), ms(100), ms(500)] as const;

interface Bent extends Window {
  readonly from: '*' | string[];
  readonly to: '*' | string[];
}

/** Links of the family and a time: every link, all that leave or reach some nodes, or those from some nodes to some others. */
function bend({ arena, random, severity }: Draw, family: FaultFamily): Bent | undefined {
  const nodes = arena.targets(family);
  const window = arena.window(random, severity);
  if (nodes.length < 2 || window === undefined) return undefined;
  const anybody = arena.all(family) ? '*' : idsOf(nodes);
  const mode = random.pick(['all', 'from', 'to', 'between'] as const);
  if (mode === 'all') return { ...window, from: anybody, to: anybody };
  const chosen = some(random, nodes, Math.ceil(nodes.length / 2));
  const side = idsOf(nodes.filter((node) => chosen.includes(node)));
  if (mode === 'from') return { ...window, from: side, to: anybody };
  if (mode === 'to') return { ...window, from: anybody, to: side };
  const others = nodes.filter((node) => !chosen.includes(node));
  return { ...window, from: side, to: others.length === 0 ? anybody : idsOf(others) };
}

const bending =
  (family: FaultFamily, make: (bent: Bent, draw: Draw) => Fault): Drawer =>
  (draw) => {
    const bent = bend(draw, family);
    return bent === undefined ? [] : [make(bent, draw)];
  };

export const drawDelay = bending('delay', (bent, { random, severity }) => {
  const mean = upTo(random, severity, DELAYS);
  if (random.chance(0.5)) return jitter({ ...bent, extra: { kind: 'exponential', mean } });
  return linkDelay({ ...bent, extra: { kind: 'uniform', min: 0, max: 2 * mean } });
});

export const drawLoss = bending('loss', (bent, { random, severity }) =>
  loss({ ...bent, probability: upTo(random, severity, [0.01, 0.05, 0.2, 0.5, 0.9]) }),
);

export const drawDuplicate = bending('duplicate', (bent, { random, severity }) =>
  duplicate({ ...bent, probability: upTo(random, severity, [0.01, 0.1, 0.5, 1]) }),
);

export const drawReorder = bending('reorder', (bent, { random, severity }) =>
  reorder({
    ...bent,
    probability: upTo(random, severity, [0.01, 0.1, 0.5, 1]),
    window: upTo(random, severity, DELAYS),
  }),
);

export const drawBandwidth = bending('bandwidth', (bent, { random, severity }) =>
  bandwidth({ ...bent, bytesPerSecond: upTo(random, severity, [1_000_000, 100_000, 20_000, 5_000]) }),
);

/**
 * Swizzle-clog (FoundationDB's name for it): nodes are clogged one after the other in random order and unclogged one after the
 * other in another order, so that each sees a different part of the rest. With one node it is a plain clog.
 */
export const drawClog: Drawer = ({ arena, random, severity, room }) => {
  const window = arena.window(random, severity, 4);
  if (window === undefined) return [];
  const nodes = some(random, arena.targets('clog'), Math.min(room, upTo(random, severity, [1, 3, 5, 8])));
  const back = random.shuffle(nodes.map((_, i) => i));
  return nodes.map((node, i) => {
    const from = (i / nodes.length) * 0.5;
    const to = 0.5 + (((back[i] as number) + 1) / nodes.length) * 0.5;
    return clog({ ...arena.within(window, from, to), nodes: [node.id] });
  });
};
