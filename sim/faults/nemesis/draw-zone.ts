/** Nodes that fail together: a zone, a region, or nodes with a cause in common (a rack, a hypervisor, a bad deployment). */
import { correlated, regionOutage, zoneOutage } from '../constructors.ts';
import { idsOf, some, type Draw, type Drawer } from './drawer.ts';
import type { Window } from './arena.ts';
import type { NemesisNode } from './topology.ts';

type Place = (node: NemesisNode) => string;

/** The nodes of one place, where there is more than one place; undefined otherwise. */
function insideOne({ arena, random }: Draw, place: Place): readonly NemesisNode[] | undefined {
  const places = [...new Set(arena.nodes.map(place))];
  if (places.length < 2) return undefined;
  const name = random.pick(places);
  return arena.nodes.filter((node) => place(node) === name);
}

/** A real outage where every node of the place may be hit; of the others, those that may be hit fail together. */
function outage(
  draw: Draw,
  place: Place,
  all: (node: NemesisNode, window: Window, mode: 'crash' | 'isolate') => ReturnType<Drawer>,
) {
  const { arena, random, severity } = draw;
  const window = arena.window(random, severity);
  const inside = insideOne(draw, place);
  if (inside === undefined || window === undefined) return [];
  const targets = inside.filter((node) => arena.targets('zone').includes(node));
  const [first] = targets;
  if (first === undefined) return [];
  if (targets.length < inside.length) return together(draw, targets, window);
  return arena.claim(targets, window) ? all(first, window, random.pick(['crash', 'isolate'] as const)) : [];
}

function together({ arena, random }: Draw, nodes: readonly NemesisNode[], window: Window) {
  // No more of each role than may be down at once.
  const hit = nodes.filter(
    ({ role }, i) => nodes.slice(0, i).filter((other) => other.role === role).length < arena.mayBeDown(role),
  );
  if (hit.length === 0 || !arena.claim(hit, window)) return [];
  const mode = random.pick(['crash', 'pause'] as const);
  const stagger = random.chance(0.5) ? 0 : arena.whole(Math.floor(window.for / (2 * hit.length)), 0);
  return [correlated({ ...window, nodes: idsOf(hit), mode, stagger })];
}

export const drawZone: Drawer = (draw) => {
  const { arena, random, severity } = draw;
  const mode = random.pick(['zone', 'region', 'cause'] as const);
  const drawn =
    mode === 'zone'
      ? outage(
          draw,
          ({ zone, region }) => `${region}/${zone}`,
          ({ zone, region }, window, how) => [zoneOutage({ ...window, zone, region, mode: how })],
        )
      : mode === 'region'
        ? outage(
            draw,
            ({ region }) => region,
            ({ region }, window, how) => [regionOutage({ ...window, region, mode: how })],
          )
        : [];
  if (drawn.length > 0) return drawn;
  const window = arena.window(random, severity);
  return window === undefined ? [] : together(draw, some(random, arena.targets('zone')), window);
};
