/** A fault in force: its effect, its random streams, what it does later on, and how everything is undone at its end. */
import { NEVER, type Micros } from '../base/time.ts';
import { KeyedDraws } from '../random/keyed-draws.ts';
import { RandomStream } from '../random/stream.ts';
import type { Effect } from '../world/effect.ts';
import type { Node } from '../world/node.ts';
import type { World } from '../world/world.ts';
import type { Fault } from './fault.ts';
import { faultText } from './fault-text.ts';

export class InForce {
  readonly world: World;
  readonly id: string;
  readonly effect: Effect;
  private readonly node: Node | undefined;
  private readonly row: number;
  private readonly undoing: (() => void)[] = [];
  private over = false;

  constructor(world: World, fault: Fault, effect: Effect) {
    this.world = world;
    this.id = fault.id;
    this.effect = effect;
    this.node = 'node' in fault ? world.named(fault.node) : undefined;
    // What the fault sets off names it as its cause.
    this.row = world.trace?.at('fault-begin', this.node, fault.id, 0, faultText(fault)) ?? 0;
    world.queue.currentCause = this.row;
  }

  /** `act` happens when the fault ends, in the order in which these were given. */
  atEnd(act: () => void): void {
    this.undoing.push(act);
  }

  /** Adds to a list of what is in force, until the fault ends. */
  join<T>(list: T[], item: T): void {
    list.push(item);
    this.atEnd(() => {
      const at = list.indexOf(item);
      if (at >= 0) list.splice(at, 1);
    });
  }

  /** `act` happens `delay` from now, unless the fault has ended by then. */
  after(delay: Micros, act: () => void): void {
    const { world } = this;
    if (world.now + delay >= NEVER) return;
    world.after(delay, {
      fire: () => {
        if (this.over) return;
        world.queue.currentCause = this.row;
        act();
      },
    });
  }

  /** The fault's own draws for one node: no other fault, and no other node, moves them. */
  stream(node: Node): RandomStream {
    return new RandomStream(this.world.seed, `fault/${this.id}/${node.id}`);
  }

  /** The fault's own draws for each message from one node to another. */
  draws(from: Node, to: Node): KeyedDraws {
    return new KeyedDraws(this.world.seed, `fault/${this.id}/${from.id}→${to.id}`);
  }

  end(): void {
    const { world } = this;
    this.over = true;
    const row = world.trace?.at('fault-end', this.node, this.id, this.row) ?? 0;
    world.queue.currentCause = row;
    for (const act of this.undoing) act();
  }
}
