/** Which phases nodes were in when faults struck: what a search has exercised, and what there would have been to exercise. */
import type { Node } from '../world/node.ts';
import type { World } from '../world/world.ts';
import type { Fault } from './fault.ts';
import { targetsOf } from './targets.ts';

/** A role and a phase that one of its nodes was in. */
export interface Sighting {
  readonly role: string;
  readonly phase: string;
}

export class Sightings {
  private readonly world: World;
  private readonly seen = new Map<string, Sighting>();
  private readonly struck = new Map<string, Map<string, Sighting>>();

  constructor(world: World) {
    this.world = world;
  }

  /** A fault is about to begin, or has just ended: notes what its targets are doing, and everybody else. */
  look(fault: Fault): void {
    const { nodes } = this.world;
    const targets = new Set(targetsOf(fault, nodes));
    let struck = this.struck.get(fault.id);
    if (struck === undefined) this.struck.set(fault.id, (struck = new Map()));
    for (const node of nodes) {
      const sighting = this.note(node);
      // A fault that names no node hits them all.
      if (targets.size === 0 || targets.has(node.id)) struck.set(keyOf(sighting), sighting);
    }
  }

  /** Looks at every node. */
  lookAround(): void {
    for (const node of this.world.nodes) this.note(node);
  }

  /** Everything seen so far, in order of its first sight. */
  get all(): readonly Sighting[] {
    return [...this.seen.values()];
  }

  /** What the targets of a fault were doing when it began and when it ended. */
  of(fault: string): readonly Sighting[] {
    return [...(this.struck.get(fault)?.values() ?? [])];
  }

  private note({ role, phase }: Node): Sighting {
    const sighting: Sighting = { role, phase };
    const key = keyOf(sighting);
    const known = this.seen.get(key);
    if (known === undefined) this.seen.set(key, sighting);
    return known ?? sighting;
  }
}

const keyOf = ({ role, phase }: Sighting): string => `${role}\n${phase}`;
