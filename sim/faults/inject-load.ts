/** How faults of load take hold. */
import type { Brownout, Node } from '../world/node.ts';
import type { Cpu } from '../world/cpu.ts';
import type { FaultOf } from './fault.ts';
import type { InForce } from './in-force.ts';
import { slowCpu } from './inject-node.ts';
import type { Factors } from './outages.ts';

export function loadNodes(fault: FaultOf<'traffic-spike' | 'hot-key'>, force: InForce, nodes: readonly Node[]): void {
  const { effect } = force;
  for (const node of nodes) {
    if (fault.kind === 'traffic-spike') force.join(node.load.spikes, { factor: fault.factor, effect });
    else force.join(node.load.hotKeys, { key: fault.key, share: fault.share, random: force.stream(node), effect });
  }
}

export function brownOut(fault: FaultOf<'brown-out'>, force: InForce, node: Node, factors: Factors<Cpu>): void {
  const brownout: Brownout = { probability: fault.probability, random: force.stream(node), effect: force.effect };
  force.join(node.brownouts, brownout);
  node.reconsider();
  force.atEnd(() => node.reconsider());
  if (fault.factor !== undefined) slowCpu(fault.factor, force, node, factors);
}
