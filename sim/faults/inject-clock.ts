/** How faults of node clocks take hold. */
import type { Node } from '../world/node.ts';
import type { ClockFace } from '../world/node-clock.ts';
import type { FaultOf } from './fault.ts';
import type { InForce } from './in-force.ts';

/**
 * The effect joins before the clock is bent and leaves after it is bent back: timers that the change moves count for it.
 */
export function bendClock(
  fault: FaultOf<'clock-offset' | 'clock-step' | 'clock-drift' | 'clock-freeze' | 'ntp-loss'>,
  force: InForce,
  node: Node,
): void {
  const { clock } = node;
  const { effect } = force;
  switch (fault.kind) {
    case 'ntp-loss':
      if (node.ntp !== undefined) force.join(node.ntp.cutOff, effect);
      return;
    case 'clock-offset':
      clock.mislead(fault.by);
      force.atEnd(() => clock.mislead(-fault.by));
      force.join(clock.wallEffects, effect);
      return;
    case 'clock-step':
      clock.step(fault.by);
      force.atEnd(() => clock.step(-fault.by));
      force.join(clock.wallEffects, effect);
      return;
    case 'clock-drift':
      bendBoth(
        force,
        node,
        () => clock.addDrift(fault.ppm),
        () => clock.removeDrift(fault.ppm),
      );
      return;
    case 'clock-freeze': {
      const faces: ClockFace[] = fault.clock === 'both' ? ['wall', 'monotonic'] : [fault.clock];
      for (const face of faces) freeze(force, node, face);
    }
  }
}

function bendBoth(force: InForce, node: Node, bend: () => void, straighten: () => void): void {
  const { wallEffects, monotonicEffects } = node.clock;
  wallEffects.push(force.effect);
  monotonicEffects.push(force.effect);
  bend();
  force.atEnd(straighten);
  force.atEnd(() => {
    wallEffects.splice(wallEffects.indexOf(force.effect), 1);
    monotonicEffects.splice(monotonicEffects.indexOf(force.effect), 1);
  });
}

function freeze(force: InForce, node: Node, face: ClockFace): void {
  const { clock } = node;
  const effects = face === 'wall' ? clock.wallEffects : clock.monotonicEffects;
  effects.push(force.effect);
  clock.freeze(face);
  force.atEnd(() => {
    clock.unfreeze(face);
    effects.splice(effects.indexOf(force.effect), 1);
  });
}
