/**
 * Which faults hold which nodes down or paused. Crash faults, crash loops and outages may overlap on a node: it restarts when
 * the last of them lets go of it. A crash without restart leaves the node down until a `restart` fault.
 */
import { credit, type Effect } from '../world/effect.ts';
import { crash, destroy, pause, restart, resume } from '../world/lifecycle.ts';
import type { Node } from '../world/node.ts';
import type { World } from '../world/world.ts';

export class Outages {
  private readonly world: World;
  private readonly holds = new Map<Node, Effect[]>();
  private readonly left = new Set<Node>();

  constructor(world: World) {
    this.world = world;
  }

  /** Takes the node down and holds it there until `letGo`. */
  hold(node: Node, effect: Effect): void {
    const holds = this.holds.get(node);
    if (holds === undefined) this.holds.set(node, [effect]);
    else holds.push(effect);
    this.crash(node, effect);
  }

  /** Restarts the node, unless others hold it: then they are what keeps it down. */
  letGo(node: Node, effect: Effect): void {
    const holds = this.holds.get(node) ?? [];
    const at = holds.indexOf(effect);
    if (at < 0) return;
    holds.splice(at, 1);
    if (holds.length > 0) credit(holds);
    else if (!this.left.has(node)) restart(this.world, node);
  }

  /** Takes the node down and leaves it there. */
  leave(node: Node, effect: Effect): void {
    this.left.add(node);
    this.crash(node, effect);
  }

  /** A crash and a restart at once. A node that others hold down stays down, one that was left there starts. */
  reboot(node: Node, effect: Effect): void {
    this.crash(node, effect);
    this.left.delete(node);
    if ((this.holds.get(node) ?? []).length === 0 && restart(this.world, node)) effect.count++;
  }

  destroy(node: Node, effect: Effect): void {
    if (destroy(this.world, node)) effect.count++;
  }

  pause(node: Node, effect: Effect): void {
    const before = node.status;
    if (pause(this.world, node, effect) && before === 'up') effect.count++;
  }

  resume(node: Node, effect: Effect): void {
    if (!node.pauseEffects.includes(effect)) return;
    resume(this.world, node, effect);
    // Others that pause it still: but for them it would run now.
    if (node.status === 'paused') credit(node.pauseEffects);
  }

  private crash(node: Node, effect: Effect): void {
    if (crash(this.world, node)) effect.count++;
  }
}

/** Products of the factors in force on each target: taking one away leaves exactly what the others make. */
export class Factors<T> {
  private readonly factors = new Map<T, number[]>();

  /** Adds a factor. Returns the product. */
  add(target: T, factor: number): number {
    const list = this.factors.get(target) ?? [];
    list.push(factor);
    this.factors.set(target, list);
    return product(list);
  }

  /** Takes a factor away. Returns the product of those left. */
  remove(target: T, factor: number): number {
    const list = this.factors.get(target) ?? [];
    const at = list.indexOf(factor);
    if (at >= 0) list.splice(at, 1);
    return product(list);
  }
}

const product = (factors: readonly number[]): number => factors.reduce((all, factor) => all * factor, 1);
