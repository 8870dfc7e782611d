/** What happens to a node of a world that is driven by hand: for properties over what may go wrong. */
import fc from 'fast-check';
import { ms } from '../../sim/index.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import type { Node } from '../../sim/world/node.ts';
import type { World } from '../../sim/world/world.ts';

export interface Incident {
  readonly what: 'crash' | 'pause' | 'slow';
  /** ms. */
  readonly at: number;
}

/** Of a node, by its number among those that there are. */
export interface NodeIncident extends Incident {
  readonly which: number;
}

/** `nodes` to choose from; `latest`: when one may begin at the latest, ms. */
export const incidents = (nodes: number, latest: number): fc.Arbitrary<NodeIncident[]> =>
  fc.array(
    fc.record({
      which: fc.nat(nodes - 1),
      what: fc.constantFrom('crash', 'pause', 'slow'),
      at: fc.integer({ min: 50, max: latest }),
    }),
    { maxLength: 4 },
  );

/** `lasts`: ms. `slowdown`: of its processor while it is slow. */
export function befall(world: World, node: Node, { what, at }: Incident, { lasts = 130, slowdown = 5 } = {}): void {
  const effect = { count: 0 };
  const begin = (): void => {
    if (what === 'crash') crash(world, node);
    else if (what === 'pause') pause(world, node, effect);
    else node.cpu.slowdown = slowdown;
  };
  const end = (): void => {
    if (what === 'crash') restart(world, node);
    else if (what === 'pause') resume(world, node, effect);
    else node.cpu.slowdown = 1;
  };
  world.at(ms(at), { fire: begin });
  world.at(ms(at + lasts), { fire: end });
}
