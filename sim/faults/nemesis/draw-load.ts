/** More load, load on one key, a dependency that half works. */
import { hotKey, trafficSpike } from '../constructors.ts';
import { drawBrownOut } from './draw-nodes.ts';
import { idsOf, some, upTo, type Drawer } from './drawer.ts';

export const drawLoad: Drawer = (draw) => {
  const { arena, random, severity } = draw;
  const mode = random.pick(['spike', 'key', 'brown-out'] as const);
  if (mode === 'brown-out') return drawBrownOut(draw);
  const window = arena.window(random, severity);
  if (window === undefined) return [];
  const nodes = arena.targets('load');
  const clients = nodes.filter(({ role }) => role === 'client');
  const sources = clients.length > 0 ? clients : nodes;
  const asked = random.chance(0.5) ? sources : some(random, sources);
  const hit = { ...window, nodes: idsOf(sources.filter((node) => asked.includes(node))) };
  if (mode === 'spike') return [trafficSpike({ ...hit, factor: upTo(random, severity, [1.5, 2, 4, 10]) })];
  return [hotKey({ ...hit, key: 'hot', share: upTo(random, severity, [0.2, 0.5, 0.9, 1]) })];
};
