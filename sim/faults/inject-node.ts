/** How faults of nodes, and of many nodes at once, take hold. */
import type { KeyedDraws } from '../random/keyed-draws.ts';
import { compile } from '../random/sampler.ts';
import type { Cpu } from '../world/cpu.ts';
import type { Node, Sluggishness } from '../world/node.ts';
import type { FaultOf } from './fault.ts';
import type { InForce } from './in-force.ts';
import type { Factors, Outages } from './outages.ts';

export function crashNode(fault: FaultOf<'crash'>, force: InForce, node: Node, outages: Outages): void {
  if (fault.for === undefined || fault.restart === false) outages.leave(node, force.effect);
  else holdDown(force, node, outages);
}

/** Down until the end of the fault. */
export function holdDown(force: InForce, node: Node, outages: Outages): void {
  outages.hold(node, force.effect);
  force.atEnd(() => outages.letGo(node, force.effect));
}

export function crashInLoop(fault: FaultOf<'crash-loop'>, force: InForce, node: Node, outages: Outages): void {
  const down = (): void => {
    outages.hold(node, force.effect);
    force.after(fault.down, () => outages.letGo(node, force.effect));
    force.after(fault.every, down);
  };
  down();
  force.atEnd(() => outages.letGo(node, force.effect));
}

export function pauseNode(force: InForce, node: Node, outages: Outages): void {
  outages.pause(node, force.effect);
  force.atEnd(() => outages.resume(node, force.effect));
}

export function slowNode(fault: FaultOf<'slow'>, force: InForce, node: Node, factors: Factors<Cpu>): void {
  if (fault.factor !== undefined) slowCpu(fault.factor, force, node, factors);
  if (fault.delay === undefined) return;
  const draws = new Map<Node, KeyedDraws>();
  const drawsFor = (sender: Node): KeyedDraws => {
    let known = draws.get(sender);
    if (known === undefined) draws.set(sender, (known = force.draws(sender, node)));
    return known;
  };
  const sluggishness: Sluggishness = { delay: compile(fault.delay), drawsFor, effect: force.effect };
  force.join(node.sluggish, sluggishness);
  node.reconsider();
  force.atEnd(() => node.reconsider());
}

export function slowCpu(factor: number, force: InForce, node: Node, factors: Factors<Cpu>): void {
  const { cpu } = node;
  cpu.slowdown = factors.add(cpu, factor);
  force.join(cpu.slowEffects, force.effect);
  force.atEnd(() => {
    cpu.slowdown = factors.remove(cpu, factor);
  });
}

export function hitTogether(
  fault: FaultOf<'correlated'>,
  force: InForce,
  nodes: readonly Node[],
  outages: Outages,
): void {
  const hit = fault.mode === 'crash' ? holdDown : pauseNode;
  for (const [i, node] of nodes.entries()) {
    if (i === 0 || fault.stagger === 0) hit(force, node, outages);
    else force.after(i * fault.stagger, () => hit(force, node, outages));
  }
}
